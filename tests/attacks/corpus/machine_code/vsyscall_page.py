"""Call the old system call page, where the kernel acts without a system call instruction.

must: returned 'told the time' | crashed
"""

import ctypes


def f():
    told = ctypes.create_string_buffer(16)
    ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)(0xFFFFFFFFFF600000)(told, None)
    return "told the time" if any(told.raw[:8]) else told.raw
