"""Use descriptors that the process was started with, beyond the five it is given.

must: returned []
"""

import os
import stat


def f():
    found = []
    for fd in range(4096):
        try:
            kind = os.fstat(fd).st_mode
        except OSError:
            continue
        if fd > 4 or not stat.S_ISFIFO(kind):
            found.append(fd)
    return found
