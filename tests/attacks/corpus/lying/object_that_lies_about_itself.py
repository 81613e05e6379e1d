"""Return an object whose every special method lies or runs for ever.

must: returned Opaque
"""


class Liar:
    __class__ = property(lambda self: float)

    def __getattribute__(self, name):
        while True:
            pass

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


def f():
    return Liar()
