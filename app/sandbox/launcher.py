"""A short step between the app and the warm parent: arrange a view of the files, give up root, become the sandbox.

Run as a script by its path with `python -I -S`; it imports nothing of the app. argv[1] is JSON:
  uid, gid     who to become (null: stay), needs root
  view         [[source, name], …]: what to show below a private mount point, or null for no such view
  command      the command, in which "{view}" stands for that mount point
Started as root with the right to mount, it builds a mount namespace of its own in which the granted files appear at a
neutral place, so that an interpreter below /root can be used by an unprivileged uid. It leaves by exec.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys

_CLONE_NEWNS = 0x00020000
_MS_NOSUID, _MS_NODEV, _MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 1, 32, 4096, 16384, 1 << 18
_MOUNT_POINTS = ("/mnt", "/srv", "/media", "/opt", "/home", "/tmp")  # noqa: S108 (covered by a tmpfs of our own)
_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def _mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    encoded = [None if text is None else text.encode() for text in (source, target, kind, data)]
    _check(_libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3]), f"mount {target}")


def _arrange(view: list[list[str]]) -> str:
    """Show each source under its name below a tmpfs that only this process and its heirs see. Return where that is."""
    _check(_libc.unshare(_CLONE_NEWNS), "unshare")
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    sources = [os.open(source, os.O_PATH) for source, _ in view]
    root = next(path for path in _MOUNT_POINTS if os.path.realpath(path) == path and os.path.isdir(path))  # noqa: PTH112
    _mount("tmpfs", root, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=0755,size=1m")
    for fd, (source, name) in zip(sources, view, strict=True):
        target = f"{root}/{name}"
        os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120 (pathlib would triple the start-up)
        if os.path.isdir(source):  # noqa: PTH112
            os.mkdir(target)  # noqa: PTH102
        else:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
        _mount(f"/proc/self/fd/{fd}", target, None, _MS_BIND)
        os.close(fd)
    _mount("tmpfs", root, None, _MS_REMOUNT | _MS_RDONLY | _MS_NOSUID | _MS_NODEV)
    return root


def main(text: str) -> None:
    """Do what the module says and exec the command. Leaves with a line on stderr when a step fails."""
    plan = json.loads(text)
    root = ""
    if plan["view"] is not None:
        root = _arrange(plan["view"])
    if plan["uid"] is not None:
        os.setgroups([])
        os.setresgid(plan["gid"], plan["gid"], plan["gid"])
        os.setresuid(plan["uid"], plan["uid"], plan["uid"])
    os.chdir("/")
    command = [part.replace("{view}", root) for part in plan["command"]]
    os.execve(command[0], command, plan["environment"])  # noqa: S606 (no shell is the point)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except OSError as problem:
        sys.exit(f"the sandbox could not be entered: {problem}")
