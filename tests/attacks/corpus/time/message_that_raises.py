"""Raise an exception whose message raises what is not caught by most handlers.

must: raised
"""


class WorseError(Exception):
    def __str__(self):
        raise KeyboardInterrupt

    __repr__ = __str__


def f():
    raise WorseError
