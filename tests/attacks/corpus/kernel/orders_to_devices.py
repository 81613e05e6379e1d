"""Give every kind of order to the descriptors it has: terminals, block devices, sockets, namespaces, random numbers.

must: returned []
"""

import os

from raw import passed, room, syscall

# TIOCSTI, TIOCLINUX, BLKRRPART, SIOCGIFCONF, NS_GET_PARENT, RNDADDENTROPY, FICLONE, FS_IOC_SETFLAGS, FIBMAP, FIOQSIZE
REQUESTS = (0x5412, 0x541C, 0x125F, 0x8912, 0xB702, 0x40085203, 0x40049409, 0x40086602, 1, 0x5460)


def f():
    file = syscall("openat", -100, os.__file__.encode(), os.O_RDONLY, 0)
    return [
        (fd, request)
        for fd in (0, 1, 3, 4, file)
        for request in REQUESTS
        for upper in (0, 1 << 32)
        if passed("ioctl", fd, request | upper, room(64))
    ]
