"""The seccomp wall: an allow-list of system calls, everything else refused with EPERM.

Built once in the warm parent and installed before the job arrives. The child may still set limits for itself, which it
needs for its job: without privileges a hard limit can only be lowered.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterable

from .syscalls import Architecture, architecture, syscall

_LD, _JEQ, _JGE, _RET = 0x20, 0x15, 0x35, 0x06
_NR, _ARCH, _ARGS = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_X32_BIT = 0x40000000

_SET_MODE_FILTER = 1

_PLAIN = (
    "read", "write", "futex", "mmap", "munmap", "brk", "mprotect", "mremap", "madvise", "clock_gettime",
    "gettimeofday", "time", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "close", "fstat", "newfstatat", "stat",
    "lstat", "statx", "lseek", "openat", "open", "getdents64", "access", "faccessat", "faccessat2", "readlink",
    "readlinkat", "getcwd", "readv", "writev", "pread64", "dup", "dup2", "dup3", "poll", "ppoll", "select",
    "pselect6", "sigaltstack", "nanosleep", "clock_nanosleep", "clock_getres", "times", "getrusage", "getitimer",
    "setitimer", "alarm", "getrandom", "getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid",
    "getresuid", "getresgid", "getgroups", "getpgrp", "getpgid", "getsid", "uname", "sysinfo", "sched_yield",
    "sched_getaffinity", "getcpu", "set_robust_list", "rseq", "membarrier", "restart_syscall", "exit", "exit_group",
    "getrlimit", "mincore",
)  # fmt: skip

_FCNTL_COMMANDS = (0, 1, 2, 3, 4, 1030)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC; no F_SETPIPE_SZ
_IOCTL_COMMANDS = (0x5401, 0x5413, 0x5450, 0x5451, 0x541B)  # TCGETS, TIOCGWINSZ, FIONCLEX, FIOCLEX, FIONREAD
_SIGABRT = 6


class _Instruction(ctypes.Structure):
    _fields_ = [
        ("code", ctypes.c_uint16),
        ("jt", ctypes.c_uint8),
        ("jf", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    ]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint16), ("filter", ctypes.POINTER(_Instruction))]


Step = tuple[int, int, int, int]
_EPERM = _ERRNO | errno.EPERM
_ENOSYS = _ERRNO | errno.ENOSYS


class Filter:
    """A BPF program ready to be installed; the pid it names is filled in by the child that installs it."""

    def __init__(self, steps: Iterable[Step], pid_at: int | None = None) -> None:
        listed = list(steps)
        self._code = (_Instruction * len(listed))(*(_Instruction(*step) for step in listed))
        self._program = _Program(len(listed), ctypes.cast(self._code, ctypes.POINTER(_Instruction)))
        self._pid_at = pid_at
        self._number = architecture().numbers["seccomp"]

    def install(self) -> None:
        """Put the calling process behind this filter. It must have set no_new_privs."""
        if self._pid_at is not None:
            self._code[self._pid_at].k = os.getpid()
        syscall(self._number, _SET_MODE_FILTER, 0, ctypes.pointer(self._program))


def _preamble(arch: Architecture) -> list[Step]:
    steps: list[Step] = [(_LD, 0, 0, _ARCH), (_JEQ, 1, 0, arch.audit), (_RET, 0, 0, _KILL_PROCESS), (_LD, 0, 0, _NR)]
    if arch.name == "x86_64":
        steps += [(_JGE, 0, 1, _X32_BIT), (_RET, 0, 0, _EPERM)]
    return steps


def _one_of(number: int, argument: int, values: tuple[int, ...]) -> list[Step]:
    """Allow system call `number` when the low word of `argument` is one of `values`, and refuse it otherwise."""
    body: list[Step] = [(_LD, 0, 0, _ARGS + 8 * argument)]
    body += [(_JEQ, len(values) - i, 0, value) for i, value in enumerate(values)]
    body += [(_RET, 0, 0, _EPERM), (_RET, 0, 0, _ALLOW)]
    return [(_JEQ, 0, len(body), number), *body]


def allow_list() -> Filter:
    """Return the filter a child stands behind before its job arrives."""
    arch = architecture()
    steps = _preamble(arch)
    numbers = arch.numbers
    plain = [numbers[name] for name in _PLAIN if name in numbers]
    for number in plain:
        steps += [(_JEQ, 0, 1, number), (_RET, 0, 0, _ALLOW)]
    # So that libc falls back to clone, whose refusal it reports in the ordinary way.
    steps += [(_JEQ, 0, 1, numbers["clone3"]), (_RET, 0, 0, _ENOSYS)]
    steps += _one_of(numbers["fcntl"], 1, _FCNTL_COMMANDS)
    steps += _one_of(numbers["ioctl"], 1, _IOCTL_COMMANDS)
    steps += _one_of(numbers["prlimit64"], 0, (0,))  # only on itself
    # abort() raises SIGABRT in the calling process; any other target or signal is refused.
    abort: list[Step] = [
        (_LD, 0, 0, _ARGS),
        (_JEQ, 0, 3, 0),  # the pid, filled in by the child
        (_LD, 0, 0, _ARGS + 16),
        (_JEQ, 0, 1, _SIGABRT),
        (_RET, 0, 0, _ALLOW),
        (_RET, 0, 0, _EPERM),
    ]
    steps.append((_JEQ, 0, len(abort), numbers["tgkill"]))
    pid_at = len(steps) + 1
    steps += abort
    steps.append((_RET, 0, 0, _EPERM))
    return Filter(steps, pid_at)
