"""The rlimit wall of a child, in two steps: what never changes, and the memory that its job allows."""

from __future__ import annotations

import mmap
import resource

_PAGE = mmap.PAGESIZE
_MIB = 1 << 20
_OPEN_FILES = 32
_CPU_S = 7_200  # for the case that the app, whose clock ends a job, is stopped; beyond what any job may use


def standing() -> None:
    """Set the limits that hold for every child: no files written, no processes, no core, 32 descriptors, CPU time."""
    for name, value in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_CPU, _CPU_S),
    ):
        _lower(name, value)


def _lower(name: int, value: int) -> None:
    """Set a limit for good; not above the hard limit that the server itself was started under."""
    _, hard = resource.getrlimit(name)
    value = value if hard == resource.RLIM_INFINITY else min(hard, value)
    resource.setrlimit(name, (value, value))


def address_space() -> int:
    """Return this process's address space in bytes.

    Found by narrowing RLIMIT_AS until one more page is refused, because /proc need not exist here.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    low, high = 0, (1 << 47 if hard == resource.RLIM_INFINITY else hard) // _PAGE
    try:
        while low < high:
            middle = (low + high) // 2
            resource.setrlimit(resource.RLIMIT_AS, (middle * _PAGE, hard))
            if _one_page_fits():
                high = middle
            else:
                low = middle + 1
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    return (low - 1) * _PAGE


def _one_page_fits() -> bool:
    try:
        mmap.mmap(-1, _PAGE).close()
    except (OSError, MemoryError):
        return False
    return True


def for_job(size_now: int, memory_mib: int) -> None:
    """Set the job's own limit: `memory_mib` beyond the waiting child's size."""
    _lower(resource.RLIMIT_AS, size_now + memory_mib * _MIB)
