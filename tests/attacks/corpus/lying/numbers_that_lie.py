"""Return numbers that equal everything: what travels is what they are, not what they say.

must: returned [1.0, 2, (3+4j), True]
"""


class Lies:
    def __eq__(self, other):
        return True

    def __float__(self):
        return 7.0

    def __index__(self):
        return 7

    def __complex__(self):
        return 7j

    def __sub__(self, other):
        return 0.0

    def bit_length(self):
        return 0

    def to_bytes(self, *args, **kwargs):
        return b"\7"

    __hash__ = None
    __rsub__ = __sub__


class Float(Lies, float):
    pass


class Int(Lies, int):
    pass


class Complex(Lies, complex):
    pass


def f():
    return [Float(1.0), Int(2), Complex(3 + 4j), True]
