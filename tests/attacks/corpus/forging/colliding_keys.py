"""Return a set of numbers made to have the same hash: putting them together would take the app minutes.

must: forbidden
"""

from forge import count, integer, returning

PRIME = (1 << 61) - 1  # what Python's integers are hashed by


def f():
    prefix = b"t" + count(8) + (b"f" + b"\0" * 8) * 7
    keys = b"".join(prefix + integer(n * PRIME + 1) for n in range(6000))
    return returning(b"S" + count(6000) + keys)
