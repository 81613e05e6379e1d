"""Changes an answer on its way out, with the number of the call and all else as it should be.

The campaign puts this before a source that imports it. Sizes and tags are those of `app/sandbox/cell/wire.py`.
"""

import struct
import sys

_RESULT_FD = 4
PLACE = "here"  # what the function returns for `returning`


def replacing(old, new):
    """From now on, answers carry `new` where they would have carried the bytes `old`."""
    channel = sys.modules["cell.channel"]
    true_write = channel.write_all

    def write_all(fd, data):
        if fd == _RESULT_FD:
            body = bytes(data)[4:].replace(old, new, 1)
            data = struct.pack("<I", len(body)) + body
        true_write(fd, data)

    channel.write_all = write_all


def returning(body):
    """Have the call return `body`, bytes of any kind, as its value."""
    replacing(text(PLACE), body)
    return PLACE


def count(n):
    return struct.pack("<I", n)


def text(words):
    encoded = words.encode()
    return b"s" + count(len(encoded)) + encoded


def integer(n):
    encoded = n.to_bytes(n.bit_length() // 8 + 1, "little", signed=True)
    return b"i" + count(len(encoded)) + encoded


def array(dtype, shape, data, tag=b"A"):
    name = dtype.encode()
    return tag + bytes((len(name),)) + name + bytes((len(shape),)) + struct.pack(f"<{len(shape)}Q", *shape) + data
