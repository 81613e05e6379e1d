"""Write a well-formed answer on every descriptor, with a number it made up.

must: forbidden
"""

import os

from forge import count, stamp


def f():
    body = b"t" + count(4) + stamp(7) + b"NNN"
    for fd in range(3, 32):
        try:
            os.write(fd, count(len(body)) + body)
        except OSError:
            continue
    return "the true answer"
