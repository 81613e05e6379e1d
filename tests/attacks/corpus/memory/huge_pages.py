"""Take from the machine's pool of huge pages, and lock memory in place.

must: returned []
"""

from raw import passed


def f():
    # MAP_PRIVATE and MAP_ANONYMOUS with MAP_HUGETLB, also with a page size of 1 GiB
    through = [flags for flags in (0x40022, 0x78040022) if passed("mmap", 0, 2 << 20, 3, flags, -1, 0)]
    return through + [name for name in ("mlock", "mlock2", "mlockall", "munlockall") if passed(name, 0, 4096, 0)]
