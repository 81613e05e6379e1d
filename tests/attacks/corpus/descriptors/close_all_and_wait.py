"""Close every descriptor and stay.

must: forbidden | time_limit
"""

import os


def f():
    for fd in range(64):
        try:
            os.close(fd)
        except OSError:
            continue
    while True:
        pass
