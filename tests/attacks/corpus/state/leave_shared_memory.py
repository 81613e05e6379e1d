"""Leave shared memory, semaphores, message queues and keys.

jobs: plant, look
must: returned []
"""

from raw import succeeded

CREATE = 0o1666


def f(given):
    flags = CREATE if given["step"] == "plant" else 0
    found = [
        name
        for name, args in {
            "shmget": (0x57, 4096, flags),
            "msgget": (0x57, flags),
            "semget": (0x57, 1, flags),
            "mq_open": (b"left-by-an-attack", 0o2 | (0o100 if flags else 0), 0o666, 0),
            "request_key": (b"user", b"left-by-an-attack", 0, -3),
        }.items()
        if succeeded(name, *args)
    ]
    return [] if given["step"] == "plant" else found
