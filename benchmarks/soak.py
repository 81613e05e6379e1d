"""Soak: people who practise, submit code, sit interviews and edit questions for a while, and what that leaves behind.

On SQLite with one process, and on PostgreSQL with two web servers and two workers. Every few seconds it is read what
the servers and all that is below them hold: processes, temporary files, PostgreSQL's connections and the advisory locks
that are held; and of those processes that live from the warm-up to the end, their memory, threads and descriptors (the
cells come and go by the second, and would hide what grows).

The rule: the first third is a warm-up. Of the rest, the median of the second half may be above that of the first by no
more than BOUNDS, or by GROWTH of it; the line fitted to the rest says how much an hour that would be. Exits 1
otherwise, or when the books of the people and the database do not agree in the end.
Usage: python -m benchmarks.soak [MINUTES] [sqlite | postgresql]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence, Set
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression, median

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "faults")]  # whose installation and people these are

from auditor import Auditor  # noqa: E402 (found by the line above)
from cluster import Cluster, cluster  # noqa: E402
from processes import descendants  # noqa: E402
from shift import at_work, settle_and_audit  # noqa: E402
from townspeople import CALM  # noqa: E402

MINUTES = 15.0
EVERY_S = 3.0
WARM_UP = 1 / 3
SHOWN = 12  # lines of the table


@dataclass(frozen=True)
class Held:
    """By one process; memory is what is resident, what it shares with others included."""

    memory_mib: float
    threads: int
    descriptors: int


@dataclass(frozen=True)
class Reading:
    """Of all processes of the installation but PostgreSQL's own, by their ids."""

    held: dict[int, Held]
    temporary: int
    connections: int
    locks: int

    def row(self, lasting: Set[int]) -> dict[str, float]:
        """Its quantities by name; memory, threads and descriptors are those of the `lasting` processes."""
        kept = [held for pid, held in self.held.items() if pid in lasting]
        return {
            "memory_mib": sum(it.memory_mib for it in kept),
            "threads": sum(it.threads for it in kept),
            "descriptors": sum(it.descriptors for it in kept),
            "processes": len(self.held),
            "temporary": self.temporary,
            "connections": self.connections,
            "locks": self.locks,
        }


# What a busy moment may differ from a quiet one: spares that are being made, requests under way.
BOUNDS = {
    "memory_mib": 12.0,
    "threads": 4.0,
    "descriptors": 12.0,
    "processes": 4.0,
    "temporary": 2.0,
    "connections": 4.0,
    "locks": 2.0,
}
GROWTH = 0.03


def reading(town: Cluster, auditor: Auditor) -> Reading:
    pids = [pid for service in town.services if (own := service.pid) for pid in (own, *descendants(own))]
    files = sum(len(folders) + len(names) for _, folders, names in os.walk(town.temporary))  # some may go meanwhile
    connections = locks = 0
    if auditor.db.is_postgresql:
        connections = auditor.count("pg_stat_activity WHERE datname = current_database()")
        locks = auditor.count("pg_locks WHERE locktype = 'advisory' AND granted")
    held = {pid: found for pid in pids if (found := _held(pid))}
    return Reading(held, temporary=files, connections=connections, locks=locks)


def _held(pid: int) -> Held | None:
    """None for a process that has just ended."""
    folder = Path(f"/proc/{pid}")
    with suppress(OSError, StopIteration):
        lines = (folder / "smaps_rollup").read_text().splitlines()
        rss_kib = int(next(line for line in lines if line.startswith("Rss:")).split()[1])
        return Held(rss_kib / 1024, len(list((folder / "task").iterdir())), len(list((folder / "fd").iterdir())))
    return None


def soak(folder: Path, minutes: float, *, webs: int, workers: int) -> tuple[list[tuple[float, Reading]], object]:
    """The readings, each with its second, and what the people did. AssertionError if their books do not agree."""
    found: list[tuple[float, Reading]] = []
    with cluster(folder, webs=webs, workers=workers) as town, closing(Auditor(town.url)) as auditor:
        with at_work(town, auditor, CALM) as people:
            began = time.monotonic()
            while (now := time.monotonic() - began) < 60 * minutes:
                found.append((now, reading(town, auditor)))
                time.sleep(EVERY_S)  # it is time itself that is waited for
        done = settle_and_audit(town, auditor, people)
    return found, done


@dataclass(frozen=True)
class Trend:
    """Of one quantity after the warm-up: medians of both halves, the fitted line's slope, and the word on it."""

    name: str
    first: float
    second: float
    bound: float
    per_hour: float

    @property
    def is_flat(self) -> bool:
        return self.second - self.first <= self.bound


def trends(found: Sequence[tuple[float, Reading]]) -> list[Trend]:
    rest = found[round(len(found) * WARM_UP) :]
    half = len(rest) // 2
    lasting = _lasting(found)
    rows = [read.row(lasting) for _, read in rest]
    told = []
    for name, bound in BOUNDS.items():
        values = [row[name] for row in rows]
        slope = linear_regression([at for at, _ in rest], values).slope
        first, second = median(values[:half]), median(values[half:])
        told.append(Trend(name, first, second, max(bound, GROWTH * first), 3600 * slope))
    return told


def _lasting(found: Sequence[tuple[float, Reading]]) -> Set[int]:
    """The processes that were there at every reading after the warm-up."""
    rest = found[round(len(found) * WARM_UP) :]
    return set[int].intersection(*(set(read.held) for _, read in rest))


def show(title: str, found: Sequence[tuple[float, Reading]], done: object) -> bool:
    """Whether all is flat."""
    lasting = _lasting(found)
    print(f"{title}: {done}")
    print(f"  {'second':>11s}", *(f"{name:>11s}" for name in BOUNDS))
    for at, read in found[:: max(1, len(found) // SHOWN)]:
        print(f"  {at:11.0f}", *(f"{value:11.1f}" for value in read.row(lasting).values()))
    told = trends(found)
    for label, name in (
        ("1st half", "first"),
        ("2nd half", "second"),
        ("may be more", "bound"),
        ("an hour", "per_hour"),
    ):
        print(f"  {label:>11s}", *(f"{getattr(it, name):11.1f}" for it in told))
    over = [it.name for it in told if not it.is_flat]
    print(f"  {'not flat: ' + ', '.join(over) if over else 'flat'}", flush=True)
    return not over


INSTALLATIONS = {"sqlite": {"webs": 1, "workers": 0}, "postgresql": {"webs": 2, "workers": 2}}


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    flat = True
    for name in sys.argv[2:] or INSTALLATIONS:
        with tempfile.TemporaryDirectory(prefix="whetstone-soak-") as folder:
            found, done = soak(Path(folder), minutes, **INSTALLATIONS[name])
        flat &= show(f"{name}, {minutes:g} minutes", found, done)
    sys.exit(0 if flat else 1)


if __name__ == "__main__":
    main()
