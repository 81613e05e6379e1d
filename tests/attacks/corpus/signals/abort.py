"""End by abort, leaving a core.

must: crashed
"""

import os


def f():
    os.abort()
