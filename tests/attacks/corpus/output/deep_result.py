"""Return lists nested a hundred thousand deep.

must: returned list
"""


def f():
    value = []
    for _ in range(100_000):
        value = [value]
    global kept
    kept = value  # thrown away with the process: letting go of it would recurse
    return value
