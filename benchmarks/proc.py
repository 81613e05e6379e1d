"""What the kernel tells of processes: CPU seconds, memory, descriptors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """CPU seconds of all threads of a process, those that have ended too, to a hundredth."""
    return sum(_times(pid)[:2]) * _TICK_S


def tree_cpu_s(pid: int) -> float:
    """CPU seconds of a process, of what is below it, and of what was and has been waited for."""
    spent = 0
    for one in (pid, *below(pid)):
        with suppress(OSError):  # gone meanwhile: its parent has its time
            spent += sum(_times(one))
    return spent * _TICK_S


def loop_cpu_s(pid: int) -> float:
    """CPU seconds of the first thread alone, which in a server of ours is the event loop's."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0]) / 1e9


def busy_s() -> float:
    """Processor seconds that the whole machine has computed so far, whoever asked for them."""
    user, nice, system, _idle, _wait, irq, soft, steal = map(int, _machine().split()[1:9])
    return (user + nice + system + irq + soft + steal) * _TICK_S


def _machine() -> str:
    return Path("/proc/stat").read_text().partition("\n")[0]


def below(pid: int) -> Iterator[int]:
    """The processes below `pid`, nearest first."""
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                yield child
                yield from below(child)


def rss_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 (only counted)


def _times(pid: int) -> list[int]:
    """User and system ticks, its own and those of children it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [int(ticks) for ticks in fields[11:15]]
