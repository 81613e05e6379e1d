"""Return an array of truth values that are neither true nor false.

must: forbidden
"""

from forge import array, returning


def f():
    return returning(array("|b1", (4,), b"\0\1\2\xff"))
