"""Raise an exception whose message never ends being made.

must: time_limit
"""


class EndlessError(Exception):
    def __str__(self):
        while True:
            pass


def f():
    raise EndlessError
