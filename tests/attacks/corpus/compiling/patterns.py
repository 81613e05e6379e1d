"""Compile a match statement with patterns of ten thousand alternatives.

must: returned 'compiled' | time_limit | memory_limit | raised
"""


def f():
    cases = "".join(f"    case [{n}, *_, {{'k': {n} | {n + 1}}}]: pass\n" for n in range(10_000))
    compile(f"match x:\n{cases}", "bomb", "exec")
    return "compiled"
