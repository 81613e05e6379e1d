"""Have the compiler compute enormous constants before anything runs.

must: returned 'compiled' | time_limit | memory_limit
"""

TEXT = "\n".join(f"x{n} = (1 << 100_000) * 7 ** 20_000 + {n} ** 9_999 or ('ab' * 4000) * {n}" for n in range(2000))


def f():
    compile(TEXT, "bomb", "exec")
    return "compiled"
