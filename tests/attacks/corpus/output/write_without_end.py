"""Write to standard output past Python's own files; stops by itself at 64 MiB.

must: output_limit
"""

import os


def f():
    for _ in range(1024):
        os.write(1, b"x" * (1 << 16))
