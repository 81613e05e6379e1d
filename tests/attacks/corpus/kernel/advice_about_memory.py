"""Give advice about memory that reaches beyond it: merging with equal pages of others, poisoning, paging out.

must: returned []
"""

import ctypes
import mmap

from raw import passed

# REMOVE, DONTFORK, MERGEABLE, UNMERGEABLE, DODUMP, WIPEONFORK, COLD, PAGEOUT, POPULATE_READ, POPULATE_WRITE, COLLAPSE,
# HWPOISON, SOFT_OFFLINE, GUARD_INSTALL
ADVICE = (9, 10, 12, 13, 17, 18, 20, 21, 22, 23, 25, 100, 101, 102)


def f():
    page = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    start = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return [advice for advice in ADVICE if passed("madvise", start, 4096, advice)] + [
        name for name, args in {"mlock": (start, 4096), "mlockall": (1,), "msync": (start, 4096, 4)}.items()
        if passed(name, *args)
    ]  # fmt: skip
