"""Ask for memory by repetition, in one step.

must: memory_limit
"""


def f():
    return len([0] * (1 << 40))
