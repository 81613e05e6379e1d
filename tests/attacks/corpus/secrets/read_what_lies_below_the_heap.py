"""Read its own memory with ctypes, past Python's objects, for what an earlier submission left there.

jobs: plant, look
must: returned 0
"""

import ctypes


def f(given):
    word = b"-".join([b"planted", b"by", b"an", b"attack"])
    if given["step"] == "plant":
        kept = [bytearray(word * 2000) for _ in range(200)]
        return len(kept)
    end = ctypes.CDLL(None).sbrk
    end.restype = ctypes.c_void_p
    top = end(ctypes.c_long(0))
    size = 1 << 20
    # The heap of this process, which was copied from the parent that all submissions come from.
    return (ctypes.string_at(top - size, size)).count(word) if top else -1
