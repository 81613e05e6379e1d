"""Let a list grow for ever; stops by itself at half a gibibyte.

must: memory_limit
seconds: 1
"""


def f():
    kept = []
    while len(kept) < 1 << 26:
        kept += [0] * 1_000_000
    return len(kept)
