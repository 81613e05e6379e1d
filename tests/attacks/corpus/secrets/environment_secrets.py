"""Look for secrets in the environment, as Python keeps it and as libc does.

must: returned []
"""

import ctypes
import os

EXPECTED = {
    "LANG",
    "LC_CTYPE",
    "HOME",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "LD_LIBRARY_PATH",
    "PWD",
}


def f():
    names = set(os.environ)
    entries = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
    at = 0
    while entries[at]:
        names.add(entries[at].split(b"=")[0].decode())
        at += 1
    return sorted(names - EXPECTED)
