"""Return half a million opening brackets.

must: forbidden
"""

from forge import count, returning


def f():
    return returning((b"l" + count(1)) * 100_000)
