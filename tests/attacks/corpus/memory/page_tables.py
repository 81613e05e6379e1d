"""Map single pages a gibibyte apart, each of which costs the kernel two more: its limit still bounds how many.

must: memory_limit
seconds: 1
"""

import ctypes

from raw import syscall


def f():
    made = 0
    while made < 60_000:
        # PROT_READ and PROT_WRITE; MAP_PRIVATE, MAP_ANONYMOUS and MAP_FIXED
        start = syscall("mmap", (1 << 40) + (made << 30), 4096, 3, 0x32, -1, 0)
        if start < 0:
            return "no more pages than its limit"
        ctypes.c_ubyte.from_address(start).value = 1
        made += 1
    return made
