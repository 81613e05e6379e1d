"""Hold memory that the address space limit does not count: memfd, pipes, shared segments, message queues.

must: returned []
"""

from raw import passed, room


def f():
    tried = {
        "memfd_create": (b"left", 0),
        "memfd_secret": (0,),
        "shmget": (0x57, 1 << 20, 0o1600),
        "msgget": (0x57, 0o1600),
        "semget": (0x57, 1, 0o1600),
        "mq_open": (b"left", 0o102, 0o600, 0),
        "pipe": (room(8),),
        "pipe2": (room(8), 0),
    }
    through = [name for name, args in tried.items() if passed(name, *args)]
    # F_SETPIPE_SZ
    return through + [fd for fd in range(5) if passed("fcntl", fd, 1031, 1 << 20)]
