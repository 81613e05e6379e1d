"""Hang when an object is thrown away, after the value has been computed.

must: time_limit
"""


class Clinging:
    def __del__(self):
        while True:
            pass


def f():
    Clinging()
    return 1
