"""Write random bytes where results travel.

must: forbidden
"""

import os


def f():
    os.write(4, os.urandom(5000))
    return 1
