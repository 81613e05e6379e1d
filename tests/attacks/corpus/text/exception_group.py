"""Raise groups of exceptions in groups, each with a hostile message.

graded: runtime_error
"""


def f(given):
    error = ValueError("\x1b[31m\u202e\x00")
    for _ in range(100):
        error = ExceptionGroup("\x1b]0;title\x07\u2028", [error, KeyError("\x9b")])
    raise error
