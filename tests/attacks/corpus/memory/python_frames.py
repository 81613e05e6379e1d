"""Recurse without end in Python, with its limit lifted.

must: memory_limit | time_limit | raised
"""

import sys


def deeper(n):
    return deeper(n + 1) if n < 1 << 22 else n


def f():
    sys.setrecursionlimit(10**9)
    return deeper(0)
