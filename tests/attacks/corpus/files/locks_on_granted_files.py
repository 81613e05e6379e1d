"""Lock files that other submissions read, so that the next one would find them locked.

must: returned []
"""

import os

from raw import passed, room, syscall


def f():
    fd = syscall("openat", -100, os.__file__.encode(), os.O_RDONLY, 0)
    assert fd >= 0
    through = ["flock"] if passed("flock", fd, 2) else []
    lock = room(32)
    # F_SETLK, F_SETLKW, F_OFD_SETLK, F_SETLEASE, F_SET_RW_HINT, F_ADD_SEALS
    return through + [command for command in (6, 7, 37, 1024, 1036, 1033) if passed("fcntl", fd, command, lock)]
