"""What a run of `load_cluster` has found: as tables, and as JSON for `benchmarks.capacity`."""

from __future__ import annotations

import os
import statistics
from dataclasses import dataclass, field
from typing import Any

from benchmarks import measured
from benchmarks.crowd import Stretch, percentile
from benchmarks.grading_load import AT_ONCE, MIX, PLACES, WAIT_S, Graded
from benchmarks.machines import Network
from benchmarks.open_sessions import Held

USERS = 16
WORKERS = (1, 2, 3)


@dataclass
class Cost:
    """Of one thing that learners do: how often a second, and what it takes."""

    stretches: list[Stretch] = field(default_factory=list)
    web_ms: list[float] = field(default_factory=list)
    database_ms: list[float] = field(default_factory=list)
    wal_bytes: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)  # processors that everything else used, the client too

    @property
    def per_s(self) -> float:
        return statistics.median(it.per_s for it in self.stretches)

    @property
    def p99_ms(self) -> float:
        return 1000 * percentile([s for it in self.stretches for s in it.answer_s], 0.99)

    def as_json(self) -> dict[str, float]:
        middle = {
            name: statistics.median(getattr(self, name)) for name in ("web_ms", "database_ms", "wal_bytes", "others")
        }
        return middle | {"per_s": self.per_s, "p99_ms": self.p99_ms}


@dataclass
class Found:
    """All that a run measures."""

    one_web: Cost = field(default_factory=Cost)
    two_webs: Cost = field(default_factory=Cost)
    saves: Cost = field(default_factory=Cost)
    noops: list[Stretch] = field(default_factory=list)
    mix: dict[int, Graded] = field(default_factory=lambda: {number: Graded() for number in WORKERS})
    waiting: dict[int, Graded] = field(default_factory=lambda: {number: Graded() for number in WORKERS})
    row_bytes: dict[str, float] = field(default_factory=dict)
    lock_share: float = 0.0
    connections: dict[str, float] = field(default_factory=dict)  # of a web process, of a worker
    rest: dict[int, list[dict[str, float]]] = field(
        default_factory=dict
    )  # by workers: what goes on by itself, a second
    commits_per_s: dict[str, float] = field(default_factory=dict)  # plain, and such as tell news
    client_share: float = 0.0

    @property
    def noop_per_s(self) -> float:
        return statistics.median(it.per_s for it in self.noops)

    def at_rest(self) -> dict[str, float]:
        """Of a processor, by itself: a web process, a worker, the database with all of them."""
        most = self.rest[max(WORKERS)]
        shares = {name: statistics.median(it[name] for it in most) for name in ("webs", "workers", "database")}
        return {"web": shares["webs"] / 2, "worker": shares["workers"] / max(WORKERS), "database": shares["database"]}


def tell(version: str, net: Network, found: Found) -> None:
    print(f"{measured.conditions()}, {version}")
    apart = "each on a machine of its own (network namespace)" if net.why_none is None else "NOT apart"
    print(f"two web processes, up to {len(WORKERS)} workers: {apart}{f': {net.why_none}' if net.why_none else ''}\n")
    noop = found.noop_per_s
    print(f"{USERS} learners at once           per s  to no-op   p99 ms   web ms  database ms  WAL bytes (each)")
    print(f"  no-op                {noop:12.0f} {1.0:9.3f}")
    for name, cost in (
        ("answers, one web", found.one_web),
        ("answers, two webs", found.two_webs),
        ("saves in a mock", found.saves),
    ):
        it = cost.as_json()
        print(
            f"  {name:20s} {it['per_s']:12.1f} {it['per_s'] / noop:9.3f} {it['p99_ms']:8.1f} {it['web_ms']:8.2f}"
            f" {it['database_ms']:12.2f} {it['wal_bytes']:10.0f}"
        )
    gain = found.two_webs.per_s / found.one_web.per_s
    print(f"  two webs over one {gain:.2f}; client at most {found.client_share:.2f} processors")
    for name, graded in (
        (f"verdicts on {', '.join(MIX)}", found.mix),
        (f"verdicts that wait {WAIT_S} s", found.waiting),
    ):
        print(f"\n{name}; {AT_ONCE} senders, {PLACES} at a time a worker")
        print("  workers   per s  to one  to no-op   worker ms  web ms  database ms  per CPU s  WAL bytes  news (each)")
        for number, verdicts in graded.items():
            worker, web, base = (
                statistics.median(ms) for ms in (verdicts.worker_ms, verdicts.web_ms, verdicts.database_ms)
            )
            to_one, to_noop = verdicts.per_s / graded[1].per_s, verdicts.per_s / statistics.median(verdicts.noop_per_s)
            print(
                f"  {number:7d} {verdicts.per_s:7.1f} {to_one:7.2f} {to_noop:9.4f}"
                f" {worker:11.1f} {web:7.1f} {base:12.1f} {1000 / (worker + web + base):10.1f}"
                f" {statistics.median(verdicts.wal_bytes):10.0f} {statistics.median(verdicts.news):6.1f}"
            )
    print(f"\nthe whole instance's lock was held for {found.lock_share:.1%} of the looks")
    plain, telling = found.commits_per_s["plain"], found.commits_per_s["telling"]
    print(f"small commits/s over 8 connections: {plain:.0f}; such as tell news {telling:.0f} ({telling / plain:.2f})")
    rest = found.at_rest()
    print("processors at rest:", ", ".join(f"{name} {share:.3f}" for name, share in rest.items()))
    print("connections of a web process and of a worker:", *(f"{it:.1f}" for it in found.connections.values()))
    print("bytes a row, with indexes:", ", ".join(f"{table} {size:.0f}" for table, size in found.row_bytes.items()))


def as_json(version: str, net: Network, found: Found, held: Held) -> dict[str, Any]:
    def of(it: Graded) -> dict[str, float]:
        names = ("noop_per_s", "worker_ms", "web_ms", "database_ms", "wal_bytes", "news", "others")
        return {"per_s": it.per_s} | {name: statistics.median(getattr(it, name)) for name in names}

    return {
        "conditions": f"{measured.conditions()}, {version}",
        "apart": net.why_none is None,
        "noop_per_s": found.noop_per_s,
        "one_web": found.one_web.as_json(),
        "two_webs": found.two_webs.as_json(),
        "saves": found.saves.as_json(),
        "verdicts": {str(number): of(it) for number, it in found.mix.items()},
        "waiting": {str(number): of(it) for number, it in found.waiting.items()},
        "wait_s": WAIT_S,
        "places": PLACES,
        "lock_share": found.lock_share,
        "connections": found.connections,
        "at_rest": found.at_rest(),
        "commits_per_s": found.commits_per_s,
        "processors": os.cpu_count(),
        "row_bytes": found.row_bytes,
        "open_sessions": held.as_json(),
    }


def failures(found: Found) -> list[str]:
    stretches = [*found.noops, *(it for cost in (found.one_web, found.two_webs, found.saves) for it in cost.stretches)]
    stretches += [it for graded in (*found.mix.values(), *found.waiting.values()) for it in graded.verdicts]
    return [why for it in stretches for why in it.failed]
