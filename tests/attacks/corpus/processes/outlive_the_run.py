"""Leave a grandchild in a session of its own that writes a file later.

must: returned 'alone'
"""

import os
import time

from raw import fork, syscall


def f(given):
    if (child := fork()) < 0:
        return "alone"
    if child == 0:
        syscall("setsid")
        if fork() == 0:
            time.sleep(0.005)
            syscall("openat", -100, f"{given['folder']}/outlived".encode(), os.O_CREAT | os.O_WRONLY, 0o600)
        os._exit(0)
    return "left a child"
