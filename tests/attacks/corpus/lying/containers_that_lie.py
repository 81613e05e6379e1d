"""Return containers whose length, entries and copies are not what they hold.

must: returned [[1, 2], (3,), {'a': 1}, 'text', b'bytes']
"""


class Lies:
    def __len__(self):
        return 1 << 40

    def __iter__(self):
        while True:
            yield self

    def __getitem__(self, key):
        return self

    def __bytes__(self):
        return b"lie"

    def __buffer__(self, flags):
        raise SystemExit

    def items(self):
        return self

    def encode(self, *args):
        return b"lie"

    def __reduce__(self):
        return exit, ()


class List(Lies, list):
    pass


class Tuple(Lies, tuple):
    __slots__ = ()


class Dict(Lies, dict):
    pass


class Text(Lies, str):
    pass


def f():
    return [List([1, 2]), Tuple((3,)), Dict(a=1), Text("text"), b"bytes"]
