"""Create, rename, link or remove files by raw system calls.

must: returned []
"""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def f():
    through = []
    for path in (b"/tmp/w", b"/dev/shm/w", b"/w", b"w", b"/var/tmp/w"):
        if libc.open(path, os.O_CREAT | os.O_RDWR, 0o600) >= 0:
            through.append(path.decode())
        if libc.mkdir(path, 0o700) == 0 or libc.symlink(b"/etc", path) == 0 or libc.mknod(path, 0o10600, 0) == 0:
            through.append(path.decode())
    return through
