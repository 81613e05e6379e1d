"""Return an array of nothing with a million million rows.

must: forbidden
"""

from forge import array, returning


def f():
    return returning(array("<f8", (1 << 40, 0, 1 << 40), b""))
