"""Read environment, memory and open files of the parent, of the first process and of a process of the same user.

must: returned []
"""

import os

from raw import opened

NAMES = ("environ", "mem", "maps", "cmdline", "fd", "root/", "cwd/", "stat", "task")


def f(given):
    return [
        (pid, name)
        for pid in (given["pid"], os.getppid(), 1)
        for name in NAMES
        if opened(f"/proc/{pid}/{name}") or opened(f"/proc/{pid}/{name}", os.O_RDWR)
    ]
