"""Raise an integer to a power that fills the memory slowly.

must: time_limit | memory_limit
"""


def f():
    return (3 ** (3**18)) % 7
