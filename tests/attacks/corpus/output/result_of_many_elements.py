"""Return a list of ten million times nothing.

must: output_limit | memory_limit
"""


def f():
    return [None] * 5_000_000
