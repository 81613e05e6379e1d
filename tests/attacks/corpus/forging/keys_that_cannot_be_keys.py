"""Return a dictionary with lists, arrays and numbers that are not numbers as keys.

must: forbidden
"""

from forge import array, count, returning


def f():
    return returning(b"d" + count(2) + b"l" + count(0) + b"N" + array("<f8", (1,), bytes(8)) + b"N")
