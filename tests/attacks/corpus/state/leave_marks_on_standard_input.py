"""Set flags on its standard input, whose description all children share.

jobs: plant, look
must: returned 0
"""

import os

from raw import syscall


def f(given):
    if given["step"] == "plant":
        return syscall("fcntl", 0, 4, os.O_NONBLOCK | os.O_ASYNC) and 0
    return syscall("fcntl", 0, 3) & (os.O_NONBLOCK | os.O_ASYNC)
