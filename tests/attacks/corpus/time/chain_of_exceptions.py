"""Raise an exception at the end of a chain of a hundred thousand.

must: raised | time_limit | memory_limit
"""


def f():
    last = None
    for number in range(100_000):
        error = ValueError(number)
        error.__context__ = last
        last = error
    raise last
