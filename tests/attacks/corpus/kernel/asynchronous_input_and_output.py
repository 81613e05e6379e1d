"""Have the kernel open, send and read by rings of requests, which no filter of system calls sees.

must: returned []
"""

from raw import passed, room


def f():
    tried = {
        "io_uring_setup": (4, room(120)),
        "io_uring_enter": (0, 1, 0, 0, 0, 0),
        "io_uring_register": (0, 0, 0, 0),
        "io_setup": (1, room(8)),
        "io_submit": (0, 0, 0),
    }
    return [name for name, args in tried.items() if passed(name, *args)]
