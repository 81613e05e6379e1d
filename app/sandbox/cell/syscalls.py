"""System call numbers by architecture, and the one way this package makes a raw system call.

x86-64 is tested. The aarch64 table follows the kernel's generic numbering and has not been run.
"""

from __future__ import annotations

import ctypes
import os
import platform
from dataclasses import dataclass
from typing import Final

LIBC: Final = ctypes.CDLL(None, use_errno=True)
_syscall: Final = LIBC.syscall
_syscall.restype = ctypes.c_long

# name: (x86-64, aarch64); None where the architecture has no such call.
_NUMBERS: Final[dict[str, tuple[int | None, int | None]]] = {
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67),
    "close": (3, 57), "lseek": (8, 62), "fstat": (5, 80), "newfstatat": (262, 79), "stat": (4, None),
    "lstat": (6, None), "statx": (332, 291), "access": (21, None), "faccessat": (269, 48), "faccessat2": (439, 439),
    "readlink": (89, None), "readlinkat": (267, 78), "open": (2, None), "openat": (257, 56), "getdents64": (217, 61),
    "getcwd": (79, 17), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24), "fcntl": (72, 25), "ioctl": (16, 29),
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72), "mmap": (9, 222),
    "mprotect": (10, 226), "munmap": (11, 215), "mremap": (25, 216), "brk": (12, 214), "madvise": (28, 233),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "sigaltstack": (131, 132),
    "nanosleep": (35, 101), "clock_nanosleep": (230, 115), "clock_gettime": (228, 113), "clock_getres": (229, 114),
    "gettimeofday": (96, 169), "time": (201, None), "times": (100, 153), "getrusage": (98, 165), "getitimer": (36, 102),
    "setitimer": (38, 103), "alarm": (37, None), "getrandom": (318, 278), "getpid": (39, 172), "getppid": (110, 173),
    "gettid": (186, 178), "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176), "getegid": (108, 177),
    "getresuid": (118, 148), "getresgid": (120, 150), "getgroups": (115, 158), "getpgrp": (111, None),
    "getpgid": (121, 155), "getsid": (124, 156), "uname": (63, 160), "sysinfo": (99, 179), "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123), "getcpu": (309, 168), "futex": (202, 98), "set_robust_list": (273, 99),
    "rseq": (334, 293), "membarrier": (324, 283), "restart_syscall": (219, 128), "exit": (60, 93),
    "exit_group": (231, 94), "prlimit64": (302, 261), "getrlimit": (97, 163), "tgkill": (234, 131),
    "mincore": (27, 232), "clone3": (435, 435), "prctl": (157, 167), "seccomp": (317, 277), "setrlimit": (160, 164),
    "landlock_create_ruleset": (444, 444), "landlock_add_rule": (445, 445), "landlock_restrict_self": (446, 446),
    "close_range": (436, 436),
    # Named only so that the self-test can try them.
    "clone": (56, 220), "socket": (41, 198), "ptrace": (101, 117), "kill": (62, 129), "memfd_create": (319, 279),
    "io_uring_setup": (425, 425), "unshare": (272, 97), "execve": (59, 221), "pipe2": (293, 59),
    "process_vm_readv": (310, 270), "bpf": (321, 280), "mount": (165, 40), "setns": (308, 268),
}  # fmt: skip


@dataclass(frozen=True)
class Architecture:
    """One processor family as seccomp sees it: its audit token and its system call numbers."""

    name: str
    audit: int
    numbers: dict[str, int]


def architecture() -> Architecture:
    """Return this machine's table. OSError, worded for a person, when there is none."""
    machine = platform.machine()
    if machine in {"x86_64", "AMD64"}:
        return Architecture("x86_64", 0xC000003E, {k: v[0] for k, v in _NUMBERS.items() if v[0] is not None})
    if machine in {"aarch64", "arm64"}:
        return Architecture("aarch64", 0xC00000B7, {k: v[1] for k, v in _NUMBERS.items() if v[1] is not None})
    raise OSError(f"no system call table for {machine}: code can only be run on x86-64 and aarch64 Linux")


def syscall(number: int, *args: int | ctypes._Pointer[ctypes.Structure] | ctypes.Array[ctypes.c_char] | None) -> int:
    """Make a raw system call and return its result. OSError carries errno."""
    prepared = [ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    result = int(_syscall(ctypes.c_long(number), *prepared))
    if result < 0:
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno))
    return result


def prctl(option: int, value: int = 0, third: int = 0) -> int:
    """prctl(2) with plain numbers. OSError carries errno."""
    result = int(LIBC.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(third), ctypes.c_ulong(0), ctypes.c_ulong(0)))
    if result < 0:
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno))
    return result
