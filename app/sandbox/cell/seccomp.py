"""The seccomp wall: an allow-list of system calls, everything else refused with EPERM.

Built once in the warm parent and installed before the job arrives. The child may still set its own address space, which
it needs for its job: without privileges a hard limit can only be lowered.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterable

from .syscalls import Architecture, architecture, syscall

_LD, _AND, _JEQ, _JGE, _RET = 0x20, 0x54, 0x15, 0x35, 0x06
_NR, _ARCH, _ARGS = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_X32_BIT = 0x40000000

_SET_MODE_FILTER = 1

_PLAIN = (
    "read", "write", "munmap", "brk", "mprotect", "mremap", "gettimeofday", "time", "rt_sigaction", "rt_sigprocmask",
    "rt_sigreturn", "close", "fstat", "newfstatat", "stat", "lstat", "statx", "lseek", "getdents64", "access",
    "faccessat", "faccessat2", "readlink", "readlinkat", "getcwd", "readv", "writev", "pread64", "dup", "dup2", "dup3",
    "poll", "ppoll", "select", "pselect6", "sigaltstack", "nanosleep", "times", "getrusage", "getitimer", "setitimer",
    "alarm", "getrandom", "getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getresuid",
    "getresgid", "getgroups", "getpgrp", "uname", "sched_yield", "getcpu", "restart_syscall", "exit", "exit_group",
    "getrlimit",
)  # fmt: skip

_ALL_BITS = 0xFFFFFFFF
_OPEN_TO_CHANGE = (
    os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_PATH | os.O_ASYNC | os.O_TMPFILE & ~os.O_DIRECTORY
)
_SIGN_BIT = 0x80000000
_KIND_OF_MAPPING = 0xF | 0x20 | 0x40000  # MAP_TYPE, MAP_ANONYMOUS and MAP_HUGETLB
_FUTEX_PRIVATE = 0x80

# Calls that are allowed for some values of one argument: name, which argument, which of its bits, what they may be.
_CHECKED: tuple[tuple[str, int, int, tuple[int, ...]], ...] = (
    # MAP_PRIVATE, both together with MAP_ANONYMOUS. A shared mapping of a granted file is a place to meet others.
    ("mmap", 3, _KIND_OF_MAPPING, (0x2, 0x22, 0x21)),
    ("madvise", 2, _ALL_BITS, (4, 8, 14)),  # DONTNEED, FREE, HUGEPAGE; no merging with the pages of others
    # WAIT, WAKE, REQUEUE, CMP_REQUEUE, WAKE_OP, WAIT_BITSET (with CLOCK_REALTIME), WAKE_BITSET; no priorities
    ("futex", 1, _ALL_BITS, tuple(_FUTEX_PRIVATE | operation for operation in (0, 1, 3, 4, 5, 9, 0x109, 10))),
    # A negative clock is another process's; asking for it tells who runs, and how much.
    ("clock_gettime", 0, _SIGN_BIT, (0,)),
    ("clock_getres", 0, _SIGN_BIT, (0,)),
    ("clock_nanosleep", 0, _SIGN_BIT, (0,)),
    # Landlock before version 3 does not see truncation, and none sees a pipe opened for writing by /proc/self/fd/0.
    ("openat", 2, _OPEN_TO_CHANGE, (0,)),
    ("open", 1, _OPEN_TO_CHANGE, (0,)),
    # Only about itself.
    ("getpgid", 0, _ALL_BITS, (0,)),
    ("getsid", 0, _ALL_BITS, (0,)),
    ("sched_getaffinity", 0, _ALL_BITS, (0,)),
    # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC. No F_SETFL: standard input is one for all children.
    ("fcntl", 1, _ALL_BITS, (0, 1, 2, 3, 1030)),
    ("ioctl", 1, _ALL_BITS, (0x5401, 0x5413, 0x5450, 0x5451, 0x541B)),  # TCGETS, TIOCGWINSZ, FIO(N)CLEX, FIONREAD
    ("prctl", 0, _ALL_BITS, (2, 3, 39)),  # PR_GET_PDEATHSIG, _DUMPABLE, _NO_NEW_PRIVS, for the self-test
)
_SIGABRT = 6
_RLIMIT_AS = 9


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


def _one_of(number: int, argument: int, bits: int, values: tuple[int, ...]) -> list[Step]:
    """Allow system call `number` when `bits` of the low word of `argument` are one of `values`, else refuse it."""
    body: list[Step] = [(_LD, 0, 0, _ARGS + 8 * argument)]
    body += [(_AND, 0, 0, bits)] if bits != _ALL_BITS else []
    body += [(_JEQ, len(values) - i, 0, value) for i, value in enumerate(values)]
    body += [(_RET, 0, 0, _EPERM), (_RET, 0, 0, _ALLOW)]
    return [(_JEQ, 0, len(body), number), *body]


def _own_limits(number: int) -> list[Step]:
    """Allow prlimit64 on itself: to read, and to set the address space, which its job needs.

    No other limit: by lowering RLIMIT_CPU it could have the kernel kill it as if somebody else had.
    """
    body: list[Step] = [
        (_LD, 0, 0, _ARGS),
        (_JEQ, 0, 6, 0),
        (_LD, 0, 0, _ARGS + 8),
        (_JEQ, 5, 0, _RLIMIT_AS),
        (_LD, 0, 0, _ARGS + 16),  # the new limit must be NULL in both words
        (_JEQ, 0, 2, 0),
        (_LD, 0, 0, _ARGS + 20),
        (_JEQ, 1, 0, 0),
        (_RET, 0, 0, _EPERM),
        (_RET, 0, 0, _ALLOW),
    ]
    return [(_JEQ, 0, len(body), number), *body]


def allow_list() -> Filter:
    """Return the filter a child stands behind before its job arrives."""
    arch = architecture()
    steps = _preamble(arch)
    numbers = arch.numbers
    for name, argument, bits, values in _CHECKED:
        if name in numbers:
            steps += _one_of(numbers[name], argument, bits, values)
    for name in _PLAIN:
        if name in numbers:
            steps += [(_JEQ, 0, 1, numbers[name]), (_RET, 0, 0, _ALLOW)]
    # So that libc falls back to clone, whose refusal it reports in the ordinary way.
    steps += [(_JEQ, 0, 1, numbers["clone3"]), (_RET, 0, 0, _ENOSYS)]
    steps += _own_limits(numbers["prlimit64"])
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
