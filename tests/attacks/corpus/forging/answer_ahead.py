"""Write answers to the calls to come, with every number the runner ever mentions.

calls: 3
must: forbidden then not_run then not_run | returned 1 then returned 1 then returned 1
must: returned 1 then forbidden then not_run
"""

import os
import sys

from forge import count, stamp


def f():
    numbers = set()
    frame = sys._getframe()
    while frame is not None:
        numbers |= {value for value in frame.f_locals.values() if type(value) is int and 0 <= value < 1 << 62}
        frame = frame.f_back
    for number in sorted(numbers):
        for later in range(1, 4):
            body = b"t" + count(4) + stamp(number + later) + b"NNN"
            os.write(4, count(len(body)) + body)
    return 1
