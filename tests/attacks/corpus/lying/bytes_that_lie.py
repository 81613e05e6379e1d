"""Return bytes whose copy is something else, of another length.

must: returned b'bytes' | returned b'lie' | returned Opaque
"""


class Bytes(bytes):
    def __bytes__(self):
        return b"lie"

    def __len__(self):
        return 1 << 40


def f():
    return Bytes(b"bytes")
