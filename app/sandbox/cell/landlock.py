"""The Landlock wall: which files a child may read, and no TCP, no abstract sockets, no signals outward.

The ruleset is built once in the warm parent; a child only takes it upon itself (0.1 ms). Source: the kernel's
Documentation/userspace-api/landlock.rst.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable

from .syscalls import architecture, syscall

_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_RULE_PATH_BENEATH = 1
_VERSION_FLAG = 1

# How many file system rights each ABI version knows: EXECUTE..MAKE_SYM, then REFER, TRUNCATE, IOCTL_DEV.
_RIGHTS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15}
_NEWEST_RIGHTS = 16


class _RulesetAttr(ctypes.Structure):
    _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


def abi() -> int:
    """Return the kernel's Landlock version, 0 when it has none or it is switched off."""
    try:
        return syscall(architecture().numbers["landlock_create_ruleset"], None, 0, _VERSION_FLAG)
    except OSError:
        return 0


def build(readable: Iterable[str], listable: Iterable[str] = ()) -> int:
    """Return a ruleset descriptor that allows reading below `readable`, listing `listable`, and nothing else."""
    version = abi()
    if version < 1:
        raise OSError("the kernel offers no Landlock (it needs Linux 5.13 or newer with Landlock enabled)")
    numbers = architecture().numbers
    attr = _RulesetAttr()
    attr.fs = (1 << _RIGHTS_BY_ABI.get(version, _NEWEST_RIGHTS)) - 1
    size = 8
    if version >= 4:  # bind and connect over TCP
        attr.net, size = 3, 16
    if version >= 6:  # abstract unix sockets, signals
        attr.scoped, size = 3, 24
    ruleset = syscall(numbers["landlock_create_ruleset"], ctypes.pointer(attr), size, 0)
    for path in readable:
        _allow(ruleset, path, _READ_FILE | _READ_DIR)
    for path in listable:
        _allow(ruleset, path, _READ_DIR)
    return ruleset


def _allow(ruleset: int, path: str, rights: int) -> None:
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not os.path.isdir(path):  # noqa: PTH112 (pathlib is not loaded behind the walls)
            rights &= _READ_FILE
        rule = _PathBeneath(rights, fd)
        number = architecture().numbers["landlock_add_rule"]
        syscall(number, ruleset, _RULE_PATH_BENEATH, ctypes.pointer(rule), 0)
    finally:
        os.close(fd)


def restrict(ruleset: int) -> None:
    """Put the calling process, and all it may ever start, behind the ruleset."""
    syscall(architecture().numbers["landlock_restrict_self"], ruleset, 0)
