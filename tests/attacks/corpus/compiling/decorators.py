"""Compile a function with a hundred thousand decorators.

must: returned 'compiled' | time_limit | memory_limit | crashed | raised
"""


def f():
    compile("@d\n" * 100_000 + "def g(): pass\n", "bomb", "exec")
    return "compiled"
