"""Read and write its own memory, environment, command line and page table through /proc/self.

must: returned []
"""

import os

from raw import opened

NAMES = ("mem", "environ", "cmdline", "maps", "pagemap", "status", "auxv", "fd", "task", "mounts", "root", "clear_refs")


def f():
    return [
        (start, name, flags)
        for start in ("/proc/self", "/proc/thread-self", f"/proc/{os.getpid()}")
        for name in NAMES
        for flags in (os.O_RDONLY, os.O_RDWR)
        if opened(f"{start}/{name}", flags)
    ]
