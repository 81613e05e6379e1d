"""Changes an answer on its way out, with the number of the call and all else as it should be.

The campaign puts this before a source that imports it. Sizes and tags are those of `app/sandbox/cell/wire.py`, the
stamp that every answer begins with is that of `app/sandbox/cell/channel.py`.
"""

import struct
import sys

_RESULT_FD = 4
_STAMP = struct.Struct("<QBddqq")
RETURNED, TIME_LIMIT = 0, 6  # endings; the second is none that a child may claim
PLACE = "here"  # what the function returns for `returning`


def changing(change):
    """From now on, answers carry what `change` makes of their stamp, as bytes of the wire, and of what follows it."""
    channel = sys.modules["cell.channel"]
    true_write = channel.write_all
    begins, ends = 4 + len(b"t" + count(4)), 4 + len(b"t" + count(4) + stamp(0))

    def write_all(fd, data):
        if fd == _RESULT_FD:
            data = bytes(data)
            body = data[4:begins] + change(data[begins:ends], data[ends:])
            data = struct.pack("<I", len(body)) + body
        true_write(fd, data)

    channel.write_all = write_all


def replacing(old, new):
    """From now on, answers carry `new` where they would have carried the bytes `old`."""
    changing(lambda before, rest: before + rest.replace(old, new, 1))


def claiming(ending):
    """From now on, answers carry that ending."""
    changing(lambda before, rest: stamp(_STAMP.unpack(before[5:])[0], ending) + rest)


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


def stamp(number, ending=RETURNED, wall_s=0.0, cpu_s=0.0, kib=0, printed=0):
    return b"b" + count(_STAMP.size) + _STAMP.pack(number, ending, wall_s, cpu_s, kib, printed)


def array(dtype, shape, data, tag=b"A"):
    name = dtype.encode()
    return tag + bytes((len(name),)) + name + bytes((len(shape),)) + struct.pack(f"<{len(shape)}Q", *shape) + data
