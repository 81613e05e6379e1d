"""Return a list that grows while it is read, by a number whose attributes are asked for.

must: returned list
"""


class Growing(int):
    def bit_length(self):
        KEPT.extend([1] * 1000)
        return 1

    def __index__(self):
        KEPT.clear()
        return 5


KEPT = [Growing(1), Growing(2)]


def f():
    return KEPT
