"""Make every system call there is, but those that a program needs, with no arguments.

must: returned []
not without: seccomp
"""

from raw import NUMBERS, passed

NEEDED = """
    read write close fstat newfstatat stat lstat statx lseek open openat getdents64 access faccessat faccessat2 readlink
    readlinkat getcwd readv writev pread64 dup dup2 dup3 poll ppoll select pselect6 mmap munmap brk mprotect mremap
    madvise futex rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack nanosleep clock_nanosleep clock_gettime
    clock_getres gettimeofday time times getrusage getitimer setitimer alarm getrandom getpid getppid gettid getuid
    geteuid getgid getegid getresuid getresgid getgroups getpgrp getpgid getsid uname sched_yield sched_getaffinity
    getcpu restart_syscall exit exit_group getrlimit prlimit64 fcntl ioctl prctl tgkill
"""


def f():
    needed = set(NEEDED.split())
    return [name for name in NUMBERS if name not in needed and passed(name)] + [
        number for number in (*range(463, 600), 1000, 4096, 65535) if passed(number)
    ]
