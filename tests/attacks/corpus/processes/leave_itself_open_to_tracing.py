"""Be traceable, free to gain privileges, or deaf to the death of its parent.

must: returned (0, 1, 9)
"""

from raw import room, syscall


def f():
    told = room(4)
    syscall("prctl", 2, told)
    return syscall("prctl", 3), syscall("prctl", 39), told.raw[0]
