"""Let a byte string grow for ever; stops by itself at half a gibibyte.

must: memory_limit
seconds: 1
"""


def f():
    kept = bytearray()
    while len(kept) < 1 << 29:
        kept += b"x" * (1 << 20)
    return len(kept)
