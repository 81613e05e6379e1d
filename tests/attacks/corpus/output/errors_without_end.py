"""Write to standard error without end; stops by itself at 64 MiB.

must: output_limit
"""

import sys


def f():
    for _ in range(64):
        sys.stderr.write("x" * (1 << 20))
