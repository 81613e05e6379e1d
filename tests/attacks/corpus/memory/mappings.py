"""Map memory past the allocator, private, shared and without reserve; each stops by itself at half a gibibyte.

must: returned []
"""

import mmap

KINDS = {
    "private": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS,
    "shared": mmap.MAP_SHARED | mmap.MAP_ANONYMOUS,
    "without reserve": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000,
    "downwards": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x100,
}


def f():
    through = []
    for name, flags in KINDS.items():
        kept = []
        try:
            while len(kept) < 8:
                kept.append(mmap.mmap(-1, 64 << 20, flags=flags))
            through.append(name)
        except OSError:
            continue
    return through
