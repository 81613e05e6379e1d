"""Go on asking for memory after every refusal.

must: time_limit | memory_limit
"""


def f():
    kept = []
    while len(kept) < 512:
        try:
            kept.append(b"x" * (1 << 20))
        except MemoryError:
            continue
    return len(kept)
