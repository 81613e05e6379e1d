"""One process on SQLite as learners are added, who answer as fast as they are answered: where it knees, and over what.

An answer is three requests: the next card, the answer, its rating. The peer's is one that does nothing, in the same
framework, in turns with it and with as many at once. The knee is the first number of learners after which twice as many
bring less than a tenth more. What limits there is measured, not guessed: the processor time of the process, its
writers' lock, and a run that does not wait for the disk. Usage: python -m benchmarks.load_sqlite [--save]
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import crowd, learners, measured, proc
from benchmarks.crowd import Pool, Stretch, percentile
from benchmarks.open_sessions import hold
from benchmarks.server import Server, peer, serving

USERS = (1, 2, 4, 8, 16, 32, 64, 128)
ROUNDS = 3
LEAD_S, SECONDS = 0.7, 2.3
LEAD_OF_EACH_S, SECONDS_OF_EACH = 1 / 30, 1 / 12  # a round of many takes as much longer: two before, and four more
NOOP_LEAD_S, NOOP_SECONDS = 0.2, 0.8
KNEE = 1.1
WATCHED = [sys.executable, "-m", "benchmarks.watched"]


@dataclass
class Step:
    """So many learners at once, over all rounds."""

    users: int
    answers: list[Stretch] = field(default_factory=list)
    noops: list[Stretch] = field(default_factory=list)
    server_share: list[float] = field(default_factory=list)  # of one processor
    others: list[float] = field(default_factory=list)  # processors that everything else used, the client too

    @property
    def per_s(self) -> float:
        return statistics.median(it.per_s for it in self.answers)

    @property
    def noop_per_s(self) -> float:
        return statistics.median(it.per_s for it in self.noops)

    def ms(self, share: float, *, noop: bool = False) -> float:
        return 1000 * percentile([s for it in (self.noops if noop else self.answers) for s in it.answer_s], share)


@dataclass(frozen=True)
class Limits:
    """At the knee, as shares of the time: of one processor, of the writers' lock being held, of commits under way."""

    per_s: float
    processor: float
    loop: float
    held: float
    committing: float
    waited_ms: float  # by each writer, for the lock
    cpu_ms: float  # an answer


def main() -> int:
    """Print the tables; exit 1 if a request failed."""
    with tempfile.TemporaryDirectory() as made, ExitStack() as stack:
        folder = Path(made)
        data_dir = folder / "data"
        pool = Pool(learners.make(sqlite(data_dir), data_dir, 500))
        server = stack.enter_context(serving(data_dir))
        idle = stack.enter_context(peer())
        crowd.answers([server.url], pool, 4, 0.5, 1.0)  # warm-up
        crowd.noops(idle.url, 4, 0.2, 0.5)
        steps = climb(server, idle, pool)
        at = knee(steps)
        tell_steps(steps, at)
        full, off = attribute(folder, at.users)
        tell_limits(at, full, off)
        held = hold(sqlite(data_dir), data_dir, [server], idle)
        held.tell("SQLite, one process")
    found = {
        "conditions": measured.conditions(),
        "knee_users": at.users,
        "answers_per_s": {str(step.users): step.per_s for step in steps},
        "noops_per_s": {str(step.users): step.noop_per_s for step in steps},
        "p99_ms": {str(step.users): step.ms(0.99) for step in steps},
        "noop_p99_ms": {str(step.users): step.ms(0.99, noop=True) for step in steps},
        "server_share": {str(step.users): statistics.median(step.server_share) for step in steps},
        "others": {str(step.users): statistics.median(step.others) for step in steps},
        "processors": os.cpu_count(),
        "at_knee": full.__dict__,
        "without_fsync": off.__dict__,
        "open_sessions": held.as_json(),
    }
    measured.put("sqlite", found, save="--save" in sys.argv)
    failed = [why for step in steps for it in (*step.answers, *step.noops) for why in it.failed] + held.failed
    print(f"failed requests {len(failed)}", *failed[:3])
    return int(bool(failed))


def sqlite(data_dir: Path) -> str:
    return f"sqlite:///{data_dir / 'whetstone.sqlite3'}"


def climb(server: Server, idle: Server, pool: Pool) -> list[Step]:
    """Every number of learners, several rounds, the peer before each."""
    steps = [Step(users) for users in USERS]
    for _ in range(ROUNDS):
        for step in steps:
            step.noops.append(crowd.noops(idle.url, step.users, NOOP_LEAD_S, NOOP_SECONDS))
            before, busy, began = proc.cpu_s(server.pid), proc.busy_s(), time.perf_counter()
            lead_s, seconds = LEAD_S + LEAD_OF_EACH_S * step.users, SECONDS + SECONDS_OF_EACH * step.users
            step.answers.append(crowd.answers([server.url], pool, step.users, lead_s, seconds))
            wall_s, own_s = time.perf_counter() - began, proc.cpu_s(server.pid) - before
            step.server_share.append(own_s / wall_s)
            step.others.append((proc.busy_s() - busy - own_s) / wall_s)
    return steps


def knee(steps: list[Step]) -> Step:
    """The first after which twice the learners bring less than a tenth more."""
    for step, twice in itertools.pairwise(steps):
        if twice.per_s < KNEE * step.per_s:
            return step
    return steps[-1]


def attribute(folder: Path, users: int) -> tuple[Limits, Limits]:
    """The knee once more with clocks at the lock: as it is, and without waiting for the disk, in turns."""
    with ExitStack() as stack:
        watched: list[tuple[Server, Path, Pool, list[Limits]]] = []
        for name, more in (("full", {}), ("off", {"WATCHED_SYNCHRONOUS": "OFF"})):
            data_dir, counts = folder / name, folder / f"{name}.json"
            pool = Pool(learners.make(sqlite(data_dir), data_dir, 200))
            server = stack.enter_context(serving(data_dir, {"WATCHED_COUNTS": str(counts)} | more, WATCHED))
            crowd.answers([server.url], pool, users, 0.5, 1.0)
            watched.append((server, counts, pool, []))
        for _ in range(ROUNDS):
            for server, counts, pool, found in watched:
                found.append(limits(server, counts, pool, users))
    full, off = (median_limits(found) for _, _, _, found in watched)
    return full, off


def limits(server: Server, counts: Path, pool: Pool, users: int) -> Limits:
    before, cpu, loop, began = counted(counts), proc.cpu_s(server.pid), proc.loop_cpu_s(server.pid), time.perf_counter()
    stretch = crowd.answers([server.url], pool, users, LEAD_S, SECONDS)
    after, wall_s = counted(counts), time.perf_counter() - began
    over_s = after["at_s"] - before["at_s"]
    writes = max(after["writes"] - before["writes"], 1)
    processor = (proc.cpu_s(server.pid) - cpu) / wall_s
    return Limits(
        per_s=stretch.per_s,
        processor=processor,
        loop=(proc.loop_cpu_s(server.pid) - loop) / wall_s,
        held=(after["held_s"] - before["held_s"]) / over_s,
        committing=(after["committed_s"] - before["committed_s"]) / over_s,
        waited_ms=1000 * (after["waited_s"] - before["waited_s"]) / writes,
        cpu_ms=1000 * processor / stretch.per_s,
    )


def counted(path: Path) -> dict[str, float]:
    found: dict[str, float] = json.loads(path.read_text())
    return found


def median_limits(found: list[Limits]) -> Limits:
    return Limits(
        **{name: statistics.median(getattr(it, name) for it in found) for name in Limits.__dataclass_fields__}
    )


def tell_steps(steps: list[Step], at: Step) -> None:
    print(f"{measured.conditions()}\none process on SQLite; an answer is three requests, a no-op one\n")
    print("learners  answers/s  no-op/s  ratio   answer p50    p99 ms   no-op p99  ratio  server  client (processors)")
    for step in steps:
        p99, noop = step.ms(0.99), step.ms(0.99, noop=True)
        client = statistics.median(it.client_share for it in step.answers)
        print(
            f"{step.users:8d} {step.per_s:10.1f} {step.noop_per_s:8.0f} {step.per_s / step.noop_per_s:6.3f}"
            f" {step.ms(0.5):12.1f} {p99:9.1f} {noop:11.1f} {p99 / noop:6.1f}"
            f" {statistics.median(step.server_share):7.2f} {client:7.2f}{'   <- knee' if step is at else ''}"
        )


def tell_limits(at: Step, full: Limits, off: Limits) -> None:
    print(
        f"\nat the knee, {at.users} learners, with clocks at the writers' lock     as it is   not waiting for the disk"
    )
    rows = (
        ("answers/s", "per_s", 8.1),
        ("processor time of the process, of one processor", "processor", 8.2),
        ("  of it the event loop's thread", "loop", 8.2),
        ("the writers' lock is held, share of the time", "held", 8.2),
        ("  of it in COMMIT, share of the time", "committing", 8.2),
        ("a writer waits for the lock, ms", "waited_ms", 8.2),
        ("processor time an answer, ms", "cpu_ms", 8.2),
    )
    for name, key, form in rows:
        print(f"  {name:52s} {getattr(full, key):{form}f} {getattr(off, key):{form}f}")
    print(f"  what limits: {verdict(full, off)}")


def verdict(full: Limits, off: Limits) -> str:
    """In words, by the figures alone."""
    gain = off.per_s / full.per_s - 1
    told = f"without waiting for the disk it would be {gain:+.0%}"
    if full.processor >= 0.85:
        return f"the interpreter: one process computes on one processor at a time ({full.processor:.0%} used); {told}"
    if full.held >= 0.85:
        return f"the writers' lock ({full.held:.0%} held, {full.committing:.0%} in COMMIT); {told}"
    return (
        f"neither processor ({full.processor:.0%}) nor lock ({full.held:.0%}) is full: others use the machine; {told}"
    )


if __name__ == "__main__":
    sys.exit(main())
