"""Write over torch's library, which it shares with its parent: hundreds of megabytes that its limit does not count.

lib: torch
must: memory_limit
seconds: 2
"""

import ctypes

from raw import succeeded


class Info(ctypes.Structure):
    _fields_ = [
        ("start", ctypes.c_size_t),
        ("name", ctypes.c_char_p),
        ("parts", ctypes.c_void_p),
        ("count", ctypes.c_uint16),
    ]


class Part(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("kind", "flags")] + [
        (name, ctypes.c_uint64) for name in ("offset", "address", "physical", "in_file", "size", "alignment")
    ]


def f():
    regions = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Info), ctypes.c_size_t, ctypes.c_void_p)
    def note(info, size, data):
        library = info.contents
        parts = ctypes.cast(library.parts, ctypes.POINTER(Part))
        for part in parts[: library.count]:
            if part.kind == 1 and b"torch" in (library.name or b""):
                regions.append((library.start + part.address & ~4095, part.size & ~4095))
        return 0

    ctypes.CDLL(None).dl_iterate_phdr(note, None)
    written = 0
    for start, size in regions:
        if succeeded("mprotect", start, size, 3):
            for page in range(start, start + size, 4096):
                byte = ctypes.c_ubyte.from_address(page)
                byte.value = byte.value
            written += size
    return written
