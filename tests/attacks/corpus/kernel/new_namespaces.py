"""Enter or make namespaces, mount, chroot, pivot.

must: returned []
"""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

CALLS = {
    "unshare": (272, 0x10000000),
    "setns": (308, 0, 0),
    "mount": (165, 0, 0, 0, 0, 0),
    "chroot": (161, 0),
    "pivot_root": (155, 0, 0),
    "open_tree": (428, -100, 0, 1),
    "fsopen": (430, 0, 0),
}


def f():
    through = []
    for name, (number, *args) in CALLS.items():
        libc.syscall(ctypes.c_long(number), *(ctypes.c_long(a) for a in args))
        if ctypes.get_errno() != 1:
            through.append(name)
    return through
