"""Become a command in a mount namespace of one's own: some folders small, some read-only and empty.

Run as a script: argv[1] is JSON, {"small": {folder: MiB}, "gone": [folder, …]}, the rest the command. A small folder
has copies of what it had. Root needs the
right to mount; anybody else a user namespace, in which they stay who they are. Exit status 77 says that neither is
allowed here.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

NOT_ALLOWED = 77
_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_RDONLY, _MS_REC, _MS_PRIVATE = 1, 16384, 1 << 18
_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _mount(source: bytes, target: bytes, kind: bytes | None, flags: int, data: bytes | None = None) -> None:
    _check(_libc.mount(source, target, kind, ctypes.c_ulong(flags), data))


def _arrange(small: dict[str, int], gone: list[str]) -> None:
    uid, gid = os.getuid(), os.getgid()
    _check(_libc.unshare(_CLONE_NEWNS if uid == 0 else _CLONE_NEWNS | _CLONE_NEWUSER))
    if uid != 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    _mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE)
    for folder, mib in small.items():
        with tempfile.TemporaryDirectory() as kept:
            shutil.copytree(folder, kept, dirs_exist_ok=True)
            _mount(b"tmpfs", folder.encode(), b"tmpfs", 0, f"size={mib}m,mode=0755".encode())
            shutil.copytree(kept, folder, dirs_exist_ok=True)
    for folder in gone:
        _mount(b"tmpfs", folder.encode(), b"tmpfs", _MS_RDONLY, b"size=4k,mode=0555")


if __name__ == "__main__":
    try:
        _arrange(**json.loads(sys.argv[1]))
    except OSError as refused:
        print(f"no mount namespace here: {refused}", file=sys.stderr)
        sys.exit(NOT_ALLOWED)
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 (no shell is the point)
