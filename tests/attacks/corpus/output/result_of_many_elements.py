"""Return a list of ten million times nothing.

must: output_limit | memory_limit
seconds: 1
"""


def f():
    return [None] * 5_000_000
