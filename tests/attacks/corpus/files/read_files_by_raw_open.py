"""Open files of the machine and of the interpreter by raw system calls, past Python's own checks.

must: returned []
"""

import sys

from raw import opened

PATHS = ["/", "/etc/passwd", "/etc/shadow", "/root", "/home", "/tmp", "/dev/mem", "/dev/kmsg", "/sys", "/boot"]


def f(given):
    return [path for path in (*PATHS, sys.executable, given["secret"], given["folder"]) if opened(path)]
