"""Let a list grow for ever; stops by itself at half a gibibyte.

must: memory_limit
"""


def f():
    kept = []
    while len(kept) < 1 << 26:
        kept += [0] * 100_000
    return len(kept)
