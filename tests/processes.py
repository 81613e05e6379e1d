"""Processes as /proc shows them, for tests that watch, stop or kill some, and count what is left."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection
from pathlib import Path

PATIENCE_S = 30.0


def descendants(pid: int, beside: Collection[int] = ()) -> list[int]:
    """Every living process below `pid`, nearest first; not those in `beside`, nor what is below them."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 (looked through often)
        if not name.isdigit():
            continue
        try:
            state, parent = _fields(int(name))[:2]
        except OSError:
            continue
        if state not in "ZX":
            children.setdefault(int(parent), []).append(int(name))
    found, below = [], [pid]
    while below:
        nearest = [child for child in children.get(below.pop(0), []) if child not in beside]
        found += nearest
        below += nearest
    return found


def commanded(words: str) -> list[int]:
    """Every living process whose command line has these words."""
    pids = map(int, filter(str.isdigit, os.listdir("/proc")))  # noqa: PTH208 (as above)
    return [pid for pid in pids if words in command(pid) and running(pid)]


def state(pid: int) -> str:
    """One letter: R, S, D, T (stopped), and Z for one that has ended, whether or not anybody has noticed."""
    try:
        return _fields(pid)[0].replace("X", "Z")
    except OSError:
        return "Z"


def running(pid: int) -> bool:
    return state(pid) != "Z"


def command(pid: int) -> str:
    """The command line, empty for one that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def cpu_ticks(pid: int) -> int:
    """Processor time used so far, in hundredths of a second."""
    try:
        return sum(map(int, _fields(pid)[11:13]))
    except OSError:
        return 0


def resident_mib(pid: int) -> float:
    """Resident memory, 0 for one that has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) / 256
    except (OSError, IndexError):
        return 0.0


def descriptors(pid: int | str = "self") -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def eventually(condition: Callable[[], object], what: Callable[[], object] = lambda: None) -> None:
    """Wait until `condition` holds. Nothing tells when a process has changed but looking again."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.002)


def _fields(pid: int) -> list[str]:
    """The fields of its stat file after the name, which may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
