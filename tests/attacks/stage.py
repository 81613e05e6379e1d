"""The ground a campaign stands on: which user it is, what it can see, what a container would refuse it.

Everything is done by the process to itself, before it has a thread; all of it needs root to begin with, so `Missing`
says what is not to be had. Namespaces made here hold whatever a campaign starts, and end with it.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

from raw import NUMBERS

from app.sandbox.cell.seccomp import Filter
from app.sandbox.cell.syscalls import prctl

PLAYER_UID = 60_998  # an ordinary user: beside the sandbox's own, outside the ranges of accounts

_libc = ctypes.CDLL(None, use_errno=True)
_NEW_MOUNTS, _NEW_NAME, _NEW_IPC, _NEW_PROCESSES, _NEW_NETWORK = 0x20000, 0x4000000, 0x8000000, 0x20000000, 0x40000000
_BIND, _REC, _PRIVATE = 4096, 16384, 1 << 18
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 24, 38

# What Docker leaves a container: chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service,
# net_raw, sys_chroot, mknod, audit_write, setfcap.
_CONTAINER_CAPABILITIES = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)
# The system calls that Docker's documentation lists as blocked by its default seccomp profile, and io_uring.
_BLOCKED = """
    acct add_key bpf clock_adjtime clock_settime create_module delete_module finit_module get_kernel_syms get_mempolicy
    init_module ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie mbind mount move_pages
    name_to_handle_at nfsservctl open_by_handle_at perf_event_open personality pivot_root process_vm_readv
    process_vm_writev ptrace query_module quotactl reboot request_key set_mempolicy setns settimeofday swapon swapoff
    sysfs _sysctl umount2 unshare uselib userfaultfd ustat io_uring_setup io_uring_enter io_uring_register
"""
_LD, _JEQ, _ANY_BIT, _RET = 0x20, 0x15, 0x45, 0x06
_ALLOW, _EPERM, _ENOSYS = 0x7FFF0000, 0x00050001, 0x00050026
_NAMESPACE_FLAGS = 0x7E020000


class Missing(Exception):  # noqa: N818 (what is missing is the reason why a campaign is skipped)
    """What this ground needs and this machine does not give."""


def _check(result: int, what: str) -> None:
    if result != 0:
        raise Missing(f"{what}: {os.strerror(ctypes.get_errno())}")


def _mount(source: bytes, target: Path, kind: bytes | None, flags: int = 0, data: bytes | None = None) -> None:
    _check(_libc.mount(source, bytes(target), kind, ctypes.c_ulong(flags), data), f"mount on {target}")


def need_root() -> None:
    if os.geteuid() != 0:
        raise Missing("only root can arrange this")


def enclose() -> None:
    """Go on in namespaces of its own for processes, network, names, IPC and mounts. The caller's process only waits."""
    need_root()
    flags = _NEW_MOUNTS | _NEW_NAME | _NEW_IPC | _NEW_PROCESSES | _NEW_NETWORK
    _check(_libc.unshare(flags), "namespaces")
    inside = os.fork()
    if inside:
        _, status = os.waitpid(inside, 0)
        sys.exit(os.waitstatus_to_exitcode(status))
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _mount(b"none", Path("/"), None, _REC | _PRIVATE)
    _mount(b"proc", Path("/proc"), b"proc")
    _mount(b"tmpfs", Path("/dev/shm"), b"tmpfs", data=b"mode=1777,size=16m")


def bound(processes: int, memory_mib: int, file_mib: int, cpu_s: int) -> None:
    """Bound everything started from here on, whatever it is: attacks run here with walls removed."""
    for name, value in (
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_AS, memory_mib << 20),
        (resource.RLIMIT_FSIZE, file_mib << 20),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(name, (value, value))


def show_to_everyone(paths: list[Path]) -> None:
    """Make files below a folder that only root can enter readable where they are, for this process and its heirs."""
    need_root()
    _check(_libc.unshare(_NEW_MOUNTS), "a namespace for mounts")
    _mount(b"none", Path("/"), None, _REC | _PRIVATE)
    closed: dict[Path, list[tuple[int, Path]]] = {}
    for path in paths:
        door = next((up for up in reversed(path.parents) if not up.stat().st_mode & 1), None)
        if door is not None:
            closed.setdefault(door, []).append((os.open(path, os.O_PATH), path))
    for door, shown in closed.items():
        _mount(b"tmpfs", door, b"tmpfs", data=b"mode=0755,size=1m")
        for fd, path in shown:
            path.mkdir(parents=True)
            _mount(b"/proc/self/fd/%d" % fd, path, None, _BIND)
            os.close(fd)
    private = next((path for path in paths if path.stat().st_mode & 5 != 5), None)
    if private is not None:
        raise Missing(f"{private} cannot be read by other users")


def become_a_user() -> None:
    """Be an ordinary user without any privilege."""
    os.setgroups([])
    os.setresgid(PLAYER_UID, PLAYER_UID, PLAYER_UID)
    os.setresuid(PLAYER_UID, PLAYER_UID, PLAYER_UID)
    os.environ.update(HOME="/nonexistent", USER="player")


def become_a_container() -> None:
    """Keep the capabilities that Docker leaves to root, and refuse the system calls that it blocks."""
    if os.geteuid() == 0:
        _drop_capabilities()
    steps = [(_LD, 0, 0, 0)]
    for name in _BLOCKED.split():
        steps += [(_JEQ, 0, 1, NUMBERS[name]), (_RET, 0, 0, _EPERM)]
    steps += [(_JEQ, 0, 1, NUMBERS["clone3"]), (_RET, 0, 0, _ENOSYS)]
    steps += [(_JEQ, 0, 3, NUMBERS["clone"]), (_LD, 0, 0, 16), (_ANY_BIT, 0, 1, _NAMESPACE_FLAGS), (_RET, 0, 0, _EPERM)]
    steps += [(_RET, 0, 0, _ALLOW)]
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    Filter(steps).install()


def _drop_capabilities() -> None:
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        if capability not in _CONTAINER_CAPABILITIES:
            prctl(_PR_CAPBSET_DROP, capability)
    kept = sum(1 << capability for capability in _CONTAINER_CAPABILITIES)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3, this process
    sets = (ctypes.c_uint32 * 6)(*[kept & 0xFFFFFFFF] * 2, 0, *[kept >> 32] * 2, 0)
    _check(_libc.syscall(NUMBERS["capset"], header, sets), "capabilities")
