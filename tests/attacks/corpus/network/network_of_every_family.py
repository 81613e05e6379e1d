"""Open a socket of every family and type.

must: returned []
"""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


def f():
    return [
        (family, kind)
        for family in range(46)
        for kind in (1, 2, 3)
        if libc.socket(family, kind, 0) >= 0 or libc.socketpair(family, kind, 0, (ctypes.c_int * 2)()) == 0
    ]
