"""Signal the parent, the group and everybody.

must: returned []
"""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


def f():
    parent = os.getppid()
    tried = {
        "kill parent": (62, parent, 9),
        "kill group": (62, 0, 9),
        "kill all": (62, -1, 9),
        "tgkill parent": (234, parent, parent, 6),
        "tkill parent": (200, parent, 9),
        "queue to parent": (129, parent, 9, 0),
        "kill itself": (62, os.getpid(), 9),
    }
    return [name for name, args in tried.items() if libc.syscall(*(ctypes.c_long(a) for a in args)) == 0]
