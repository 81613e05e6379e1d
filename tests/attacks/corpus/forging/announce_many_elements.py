"""Announce four thousand million elements, and keys, and bytes, and send none.

must: forbidden
"""

from forge import count, returning


def f():
    return returning(b"l" + count(2) + b"d" + count((1 << 32) - 1) + b"b" + count((1 << 32) - 1))
