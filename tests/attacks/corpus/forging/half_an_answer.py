"""Send half an answer and end with success.

must: exited
"""

import os


def f():
    os.write(4, b"\x40\0\0\0half")
    os._exit(0)
