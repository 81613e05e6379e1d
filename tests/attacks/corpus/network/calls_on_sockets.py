"""Use sockets that it does not have: connect, bind, send and receive on every descriptor.

must: returned []
"""

import socket
import struct

from raw import passed

LOOPBACK = struct.pack("<HH4s8x", socket.AF_INET, 0x0100, bytes((127, 0, 0, 1)))
ABSTRACT = struct.pack("<H", socket.AF_UNIX) + b"\0left-by-an-attack"


def f():
    through = []
    for address in (LOOPBACK, ABSTRACT):
        for fd in (0, 1, 3, 4):
            tried = {
                "connect": (fd, address, len(address)),
                "bind": (fd, address, len(address)),
                "listen": (fd, 1),
                "sendto": (fd, b"x", 1, 0, address, len(address)),
                "sendmmsg": (fd, 0, 0, 0),
                "recvfrom": (fd, 0, 0, 0x40, 0, 0),
                "shutdown": (fd, 2),
                "getsockname": (fd, 0, 0),
                "setsockopt": (fd, 0, 0, 0, 0),
            }
            through += [name for name, args in tried.items() if passed(name, *args)]
    return through
