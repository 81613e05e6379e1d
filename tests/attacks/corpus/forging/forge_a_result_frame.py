"""Write a well-formed answer, and rubbish, on every descriptor.

must: forbidden
"""

import os
import struct


def f():
    body = b"t" + struct.pack("<I", 6) + b"s\6\0\0\0answer" + b"i\1\0\0\0\7" + b"s\10\0\0\0returned" + b"NNN"
    for fd in range(3, 32):
        try:
            os.write(fd, struct.pack("<I", len(body)) + body)
        except OSError:
            continue
    return "the true answer"
