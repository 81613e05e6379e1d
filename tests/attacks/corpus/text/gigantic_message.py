"""Raise an exception with a gigantic message, with notes, from a chain of others with as gigantic ones.

graded: runtime_error
"""


def f(given):
    error = ValueError("m" * 300_000)
    for _ in range(20):
        error.add_note("n" * 10_000)
    try:
        raise KeyError("k" * 300_000)
    except KeyError as cause:
        raise error from cause
