"""Jump into a 32-bit code segment and make a system call from there.

must: forbidden | crashed
"""

import ctypes
import mmap
import struct

MAP_32BIT = 0x40


def f():
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_32BIT
    page = mmap.mmap(-1, 4096, flags=flags, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    start = ctypes.addressof(ctypes.c_char.from_buffer(page))
    low = b"\xb8\x14\x00\x00\x00\xcd\x80\xf4"  # mov eax, 20 (getpid); int 0x80; hlt
    page[64 : 64 + len(low)] = low
    # push 0x23; push address; retf
    far = b"\x68\x23\x00\x00\x00\x68" + struct.pack("<I", start + 64) + b"\x48\xcb"
    page[: len(far)] = far
    return ctypes.CFUNCTYPE(ctypes.c_long)(start)()
