"""Compile a source of a million lines.

must: returned 'compiled' | time_limit | memory_limit
"""


def f():
    compile("x = 1\n" * 1_000_000, "bomb", "exec")
    return "compiled"
