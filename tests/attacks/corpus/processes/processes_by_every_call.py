"""Start a process or a thread by fork, vfork, clone, clone3 and posix_spawn.

must: returned []
"""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

FORK, CLONE, CLONE3 = 57, 56, 435


def f():
    through = []
    for name, args in (
        ("fork", (FORK,)),
        ("clone", (CLONE, 17, 0, 0, 0, 0)),
        ("thread", (CLONE, 0x10F00, 0, 0, 0, 0)),
        ("clone3", (CLONE3, ctypes.create_string_buffer(88), 88)),
    ):
        result = libc.syscall(*(ctypes.c_long(a) if isinstance(a, int) else a for a in args))
        if result == 0:
            os._exit(0)
        if result > 0:
            through.append(name)
    try:
        os.posix_spawn("/bin/true", ["true"], {})
        through.append("posix_spawn")
    except OSError:
        pass
    return through
