"""Print, raise and return NUL and half characters.

graded: runtime_error
"""

import os


def f(given):
    print("\0\0\ud800\udfff")
    os.write(1, b"\0\xed\xa0\x80\xff\xc0\x80")
    raise ValueError("\0 \ud83d \udc00", b"\0")
