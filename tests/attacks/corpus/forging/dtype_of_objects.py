"""Return an array of object pointers of its own making.

must: forbidden
"""

from forge import array, returning


def f():
    return returning(array("|O", (4,), b"\x41" * 32))
