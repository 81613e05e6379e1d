"""Return arrays whose size does not fit in 64 bits, or comes out as nothing.

must: forbidden
"""

from forge import array, returning


def f():
    return returning(array("<f8", (1 << 40, 1 << 40, 1 << 40, 1 << 40, 8), b""))
