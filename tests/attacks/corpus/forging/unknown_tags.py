"""Return values of kinds that do not exist.

must: forbidden
"""

from forge import count, returning


def f():
    return returning(b"l" + count(3) + b"\x80\x04\x95")
