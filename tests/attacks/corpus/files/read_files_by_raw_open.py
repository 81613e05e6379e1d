"""Open files of the machine and of the interpreter by raw system calls, past Python's own checks.

must: returned []
"""

import ctypes
import sys

libc = ctypes.CDLL(None, use_errno=True)

PATHS = [
    "/",
    "/etc/passwd",
    "/etc/shadow",
    "/root",
    "/proc/self/maps",
    "/proc/1/environ",
    "/dev/mem",
    "/tmp",
    "/work",
    sys.executable,
]


def f():
    return [path for path in PATHS if libc.open(path.encode(), 0) >= 0]
