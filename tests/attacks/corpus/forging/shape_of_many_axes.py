"""Return an array with two hundred axes.

must: forbidden
"""

from forge import array, returning


def f():
    return returning(array("<f8", (1,) * 200, bytes(8)))
