"""Recurse without end through compiled code, with Python's own limit lifted.

must: memory_limit | crashed | raised
"""

import functools
import sys


class Deep:
    def __eq__(self, other):
        return functools.reduce(lambda a, b: Deep() == b, [1, 2])


def f():
    sys.setrecursionlimit(10**9)
    return Deep() == 1
