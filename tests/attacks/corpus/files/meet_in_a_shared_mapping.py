"""Map a granted file shared and wait on it: every child that does the same could be woken, and so told something.

must: returned []
"""

import os

from raw import passed, syscall


def f():
    fd = syscall("openat", -100, os.__file__.encode(), os.O_RDONLY, 0)
    assert fd >= 0
    # PROT_READ; MAP_SHARED, MAP_SHARED_VALIDATE, MAP_HUGETLB with MAP_PRIVATE and MAP_ANONYMOUS
    return [kind for kind in (0x1, 0x3, 0x40022) if passed("mmap", 0, 4096, 1, kind, fd, 0)]
