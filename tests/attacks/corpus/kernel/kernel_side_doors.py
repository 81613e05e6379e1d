"""Reach for the kernel's large interfaces: bpf, io_uring, perf, keyrings, userfaultfd, modules, ptrace.

must: returned []
"""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

NUMBERS = {
    "bpf": 321,
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "perf_event_open": 298,
    "keyctl": 250,
    "add_key": 248,
    "userfaultfd": 323,
    "init_module": 175,
    "ptrace": 101,
    "process_vm_writev": 311,
    "kcmp": 312,
    "pidfd_getfd": 438,
    "pidfd_open": 434,
    "kexec_load": 246,
    "acct": 163,
    "quotactl": 179,
    "personality": 135,
    "seccomp": 317,
    "prctl": 157,
}


def f():
    through = []
    for name, number in NUMBERS.items():
        ctypes.set_errno(0)
        libc.syscall(ctypes.c_long(number), *[ctypes.c_long(0)] * 5)
        if ctypes.get_errno() != 1:
            through.append(name)
    return through
