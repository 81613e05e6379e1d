"""Make system calls by the numbers of the x32 table, which a filter that looks only at plain numbers lets pass.

must: returned []
"""

from raw import NUMBERS, passed

X32 = 1 << 30


def f():
    names = ("fork", "socket", "kill", "openat", "ptrace", "read", "getpid")
    own = (512, 514, 520, 521, 527, 539, 540, 545)  # x32's own: rt_sigaction, ioctl, execve, ptrace, …
    return [number for number in (*(NUMBERS[name] for name in names), *own) if passed(X32 | number, -1, -1, -1)]
