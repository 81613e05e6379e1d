"""Make the compiler work for ever and need memory without end.

must: time_limit | memory_limit | raised
"""

compile("def g():\n return " + "+".join(["(1," * 90 + ")" * 90] * 20_000), "bomb", "exec")


def f():
    return 1
