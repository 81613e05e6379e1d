"""End with the status by which the runner says that memory has run out: it can only fail itself.

must: memory_limit
"""

import os


def f():
    os._exit(97)
