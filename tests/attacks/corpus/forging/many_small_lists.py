"""Return as many empty lists as fit: little on the wire, much in memory.

must: forbidden
"""

from forge import count, returning


def f():
    return returning(b"l" + count(700_000) + (b"l" + count(0)) * 700_000)
