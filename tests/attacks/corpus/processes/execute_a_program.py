"""Replace the process by a program, by execve and execveat.

must: returned []
"""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


def f():
    through = []
    for number in (59, 322):
        libc.syscall(ctypes.c_long(number), b"/bin/sh", None, None, None, ctypes.c_long(0))
        if ctypes.get_errno() != 1:
            through.append(number)
    return through
