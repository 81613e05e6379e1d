"""Return text that is no text: broken UTF-8, half characters, characters beyond the last.

must: forbidden
"""

from forge import array, count, returning


def f():
    halves = array("<U2", (1,), b"\x00\xd8\0\0\xff\xff\xff\x7f")
    return returning(b"l" + count(3) + b"s" + count(4) + b"\xed\xa0\x80\xff" + halves + halves)
