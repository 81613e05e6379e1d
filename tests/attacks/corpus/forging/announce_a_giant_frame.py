"""Announce a frame of four gigabytes and send none of it.

must: forbidden
"""

import os


def f():
    os.write(4, b"\xff\xff\xff\xff")
    while True:
        pass
