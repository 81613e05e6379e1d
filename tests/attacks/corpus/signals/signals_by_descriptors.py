"""Have the kernel signal others when something happens to a descriptor: owners, asynchronous input, folder notes.

must: returned []
"""

import os

from raw import passed, room


def f(given):
    parent, other = os.getppid(), given["pid"]
    # F_SETOWN, F_SETSIG, F_SETOWN_EX, F_NOTIFY, F_SETFL with O_ASYNC, F_SETLEASE
    commands = ((8, parent), (8, other), (10, 9), (15, room(8)), (1026, 0xF), (4, 0o20000), (1024, 1))
    through = [(fd, command) for fd in range(5) for command, value in commands if passed("fcntl", fd, command, value)]
    # FIOASYNC, FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCSCTTY, FIONBIO
    requests = (0x5452, 0x8901, 0x8902, 0x5412, 0x540E, 0x5421)
    return through + [(fd, request) for fd in range(5) for request in requests if passed("ioctl", fd, request, room(8))]
