"""Write a well-formed answer on every descriptor, with a number it made up.

must: forbidden
"""

import os

from forge import count, integer, text


def f():
    body = b"t" + count(6) + text("answer") + integer(7) + text("returned") + b"NNN"
    for fd in range(3, 32):
        try:
            os.write(fd, count(len(body)) + body)
        except OSError:
            continue
    return "the true answer"
