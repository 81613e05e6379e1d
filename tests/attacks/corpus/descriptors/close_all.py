"""Close every descriptor, then answer.

must: forbidden | time_limit
"""

import os


def f():
    os.closerange(0, 64)
    return 1
