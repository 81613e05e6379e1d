"""Raw system calls for the attacks, by their x86-64 names. The campaign puts this before a source that imports it.

`passed` tells whether a call got past the walls. "Not permitted" is how seccomp and missing privileges refuse, and a
call that this kernel does not have proves nothing; whatever else comes back, even an error, came from behind them.
"""

import ctypes
import errno

_FROM_0 = """
    read write open close stat fstat lstat poll lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask
    rt_sigreturn ioctl pread64 pwrite64 readv writev access pipe select sched_yield mremap msync mincore madvise
    shmget shmat shmctl dup dup2 pause nanosleep getitimer alarm setitimer getpid sendfile socket connect accept
    sendto recvfrom sendmsg recvmsg shutdown bind listen getsockname getpeername socketpair setsockopt
    getsockopt clone fork vfork execve exit wait4 kill uname semget semop semctl shmdt msgget msgsnd msgrcv
    msgctl fcntl flock fsync fdatasync truncate ftruncate getdents getcwd chdir fchdir rename mkdir rmdir creat
    link unlink symlink readlink chmod fchmod chown fchown lchown umask gettimeofday getrlimit getrusage sysinfo
    times ptrace getuid syslog getgid setuid setgid geteuid getegid setpgid getppid getpgrp setsid setreuid
    setregid getgroups setgroups setresuid getresuid setresgid getresgid getpgid setfsuid setfsgid getsid capget
    capset rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend sigaltstack utime mknod uselib
    personality ustat statfs fstatfs sysfs getpriority setpriority sched_setparam sched_getparam
    sched_setscheduler sched_getscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval
    mlock munlock mlockall munlockall vhangup modify_ldt pivot_root _sysctl prctl arch_prctl adjtimex setrlimit
    chroot sync acct settimeofday mount umount2 swapon swapoff reboot sethostname setdomainname iopl ioperm
    create_module init_module delete_module get_kernel_syms query_module quotactl nfsservctl getpmsg putpmsg
    afs_syscall tuxcall security gettid readahead setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr
    listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr tkill time futex sched_setaffinity
    sched_getaffinity set_thread_area io_setup io_destroy io_getevents io_submit io_cancel get_thread_area
    lookup_dcookie epoll_create epoll_ctl_old epoll_wait_old remap_file_pages getdents64 set_tid_address
    restart_syscall semtimedop fadvise64 timer_create timer_settime timer_gettime timer_getoverrun timer_delete
    clock_settime clock_gettime clock_getres clock_nanosleep exit_group epoll_wait epoll_ctl tgkill utimes
    vserver mbind set_mempolicy get_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify
    mq_getsetattr kexec_load waitid add_key request_key keyctl ioprio_set ioprio_get inotify_init
    inotify_add_watch inotify_rm_watch migrate_pages openat mkdirat mknodat fchownat futimesat newfstatat
    unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll unshare set_robust_list
    get_robust_list splice tee sync_file_range vmsplice move_pages utimensat epoll_pwait signalfd timerfd_create
    eventfd fallocate timerfd_settime timerfd_gettime accept4 signalfd4 eventfd2 epoll_create1 dup3 pipe2
    inotify_init1 preadv pwritev rt_tgsigqueueinfo perf_event_open recvmmsg fanotify_init fanotify_mark
    prlimit64 name_to_handle_at open_by_handle_at clock_adjtime syncfs sendmmsg setns getcpu process_vm_readv
    process_vm_writev kcmp finit_module sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create
    kexec_file_load bpf execveat userfaultfd membarrier mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect
    pkey_alloc pkey_free statx io_pgetevents rseq
"""
_FROM_424 = """
    pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig
    fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2
    mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret
    process_mrelease futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake
    futex_wait futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal
"""
NUMBERS = {name: first + i for first, names in ((0, _FROM_0), (424, _FROM_424)) for i, name in enumerate(names.split())}
AT_FDCWD = -100

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def fork():
    """Fork past libc. Returns as fork does, or an error number as a negative one."""
    return _result(_libc.syscall(ctypes.c_long(NUMBERS["fork"])))


def syscall(name, *args):
    """Make a system call by name or number. Returns its result, or its error number as a negative one.

    A second process that comes of it ends at once.
    """
    number = NUMBERS[name] if isinstance(name, str) else name
    given = [
        ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) if isinstance(a, bytes) else a for a in args
    ]
    given += [ctypes.c_long(0)] * (6 - len(given))
    result = _libc.syscall(ctypes.c_long(number), *given)
    if result == 0 and name in ("fork", "vfork", "clone", "clone3"):
        _libc._exit(0)
    return _result(result)


def _result(returned):
    return returned if returned >= 0 else -ctypes.get_errno()


def passed(name, *args):
    """Whether a system call was let through, whatever came of it."""
    return syscall(name, *args) not in (-errno.EPERM, -errno.ENOSYS)


def succeeded(name, *args):
    """Whether a system call did what it was asked."""
    return syscall(name, *args) >= 0


def opened(path, flags=0, mode=0):
    """Whether a file could be opened."""
    return succeeded("openat", AT_FDCWD, path.encode(), flags, mode)


def room(size, fill=b"\0"):
    """A buffer for the kernel to write into."""
    return ctypes.create_string_buffer(fill * size, size)


class _Library(ctypes.Structure):
    """`dl_phdr_info`, as far as it is needed."""

    _fields_ = [
        ("start", ctypes.c_size_t),
        ("name", ctypes.c_char_p),
        ("parts", ctypes.c_void_p),
        ("count", ctypes.c_uint16),
    ]


class _Part(ctypes.Structure):
    """`Elf64_Phdr`."""

    _fields_ = [(name, ctypes.c_uint32) for name in ("kind", "flags")] + [
        (name, ctypes.c_uint64) for name in ("offset", "address", "physical", "in_file", "size", "alignment")
    ]


def write_over(name):
    """Write over every page of the loaded libraries with `name` in their path. Returns how many bytes those have."""
    regions = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Library), ctypes.c_size_t, ctypes.c_void_p)
    def note(info, size, data):
        library = info.contents
        parts = ctypes.cast(library.parts, ctypes.POINTER(_Part))
        if name in (library.name or b""):
            regions.extend(
                (library.start + part.address & ~4095, part.size & ~4095)
                for part in parts[: library.count]
                if part.kind == 1
            )
        return 0

    ctypes.CDLL(None).dl_iterate_phdr(note, None)
    written = 0
    for start, size in regions:
        if succeeded("mprotect", start, size, 3):
            for page in range(start, start + size, 4096):
                byte = ctypes.c_ubyte.from_address(page)
                byte.value = byte.value
            written += size
    return written
