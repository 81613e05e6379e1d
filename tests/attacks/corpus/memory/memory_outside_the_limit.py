"""Hold memory that the address space limit does not count: memfd, pipes, shared segments, message queues.

must: returned []
"""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

NUMBERS = {
    "memfd_create": 319,
    "memfd_secret": 447,
    "shmget": 29,
    "msgget": 68,
    "mq_open": 240,
    "pipe2": 293,
    "semget": 64,
}


def f():
    through = []
    buffer = ctypes.create_string_buffer(64)
    for name, number in NUMBERS.items():
        ctypes.set_errno(0)
        libc.syscall(ctypes.c_long(number), buffer, ctypes.c_long(0), ctypes.c_long(0o1600))
        if ctypes.get_errno() != 1:
            through.append(name)
    import fcntl

    for fd in (0, 1, 2, 3, 4):
        try:
            fcntl.fcntl(fd, 1031, 1 << 20)
            through.append(fd)
        except OSError:
            continue
    return through
