"""The sums: what so many learners need, which part gives out first, what one run foretells of another.

Rates and shares come from `benchmarks.measured`; what learners do is assumed, in `Habits`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

DAY_S = 86_400


@dataclass(frozen=True)
class Habits:
    """What learners do. Assumed, not measured."""

    active_share: float = 0.2  # of all learners, on a day
    answers: float = 40.0  # a day, of an active one: next card, answer, rating
    submissions: float = 3.0
    mocks: float = 0.1
    saves_a_mock: float = 150.0
    questions_a_mock: float = 15.0
    minutes: float = 30.0  # a day that a page is open
    sessions: float = 1.5  # of practice, a day
    bank: float = 1200.0  # questions, each a card in the end
    peak: float = 3.0  # the busiest hour over the mean one
    use: float = 0.5  # of a processor, at the peak: above it, queues grow


@dataclass(frozen=True)
class Ceilings:
    """What one of each gives, at the most."""

    database_processors: float = 16.0
    connections: float = 400.0  # of one PostgreSQL server, before its memory and its snapshots suffer
    disk_bytes: float = 4e12
    wal_bytes_per_s: float = 100e6
    lock_share: float = 0.2  # of the time that everybody waits for one


@dataclass(frozen=True)
class Rates:
    """A second, at the peak."""

    answers: float
    verdicts: float
    saves: float
    open_sessions: float


@dataclass(frozen=True)
class Needs:
    """What so many learners need at the peak, and after a year."""

    rates: Rates
    web_processors: float
    worker_processors: float
    database_processors: float
    webs: int
    workers: int
    connections: float
    wal_bytes_per_s: float
    telling_per_s: float
    news_heard_per_s: float
    lock_share: float
    bytes_a_year: float
    web_mib: float


def rates(learners: float, habits: Habits) -> Rates:
    active = learners * habits.active_share
    at_peak = active * habits.peak / DAY_S
    return Rates(
        answers=at_peak * habits.answers,
        verdicts=at_peak * habits.submissions,
        saves=at_peak * habits.mocks * habits.saves_a_mock,
        open_sessions=active * habits.minutes / 1440 * habits.peak,
    )


def needs(learners: float, habits: Habits, cluster: dict[str, Any]) -> Needs:
    at = rates(learners, habits)
    answer, save, verdict = cluster["two_webs"], cluster["saves"], cluster["verdicts"]["1"]
    parts = ((at.answers, answer), (at.saves, save), (at.verdicts, verdict))
    rest = cluster["at_rest"]  # what each process takes whatever the learners do
    web = sum(rate * it["web_ms"] for rate, it in parts) / 1000 / (habits.use - rest["web"])
    database = (sum(rate * it["database_ms"] for rate, it in parts) / 1000 + rest["database"]) / habits.use
    worker = at.verdicts * verdict["worker_ms"] / 1000 / habits.use
    webs = max(1, math.ceil(web))  # a process computes on one processor at a time
    workers = max(1, math.ceil(worker / cluster["places"]))
    telling = at.verdicts * verdict["news"]
    ran = 2 + len(cluster["verdicts"])  # processes whose upkeep took the lock in the run
    return Needs(
        rates=at,
        web_processors=web,
        worker_processors=worker,
        database_processors=database,
        webs=webs,
        workers=workers,
        connections=webs * cluster["connections"]["web"] + workers * cluster["connections"]["worker"],
        wal_bytes_per_s=sum(rate * it["wal_bytes"] for rate, it in parts),
        telling_per_s=telling,
        news_heard_per_s=telling * webs,
        lock_share=cluster["lock_share"] * (webs + workers) / ran,
        bytes_a_year=learners * bytes_a_year(habits, cluster),
        web_mib=at.open_sessions * cluster["open_sessions"]["kib_a_session"] / 1024,
    )


def bytes_a_year(habits: Habits, cluster: dict[str, Any]) -> float:
    """Of one learner, by the rows that a year makes."""
    row, days = cluster["row_bytes"], 365 * habits.active_share
    daily = (
        habits.answers * (row["review"] + row["practice_item"])
        + habits.sessions * row["practice_session"]
        + habits.submissions * row["submission"]
        + habits.mocks * (row["interview"] + habits.questions_a_mock * row["interview_slot"])
    )
    cards = min(habits.bank, days * habits.answers)
    return float(days * daily + cards * row["card"] + row["account"])


@dataclass(frozen=True)
class Limit:
    """A part that there is one of, and the share of it that so many learners take."""

    name: str
    ceiling: str
    share: Callable[[float], float]

    @property
    def learners(self) -> float:
        """How many it carries; found by halving, since what is rounded up does not grow evenly."""
        low, high = 1.0, 1e12
        while high / low > 1.001:
            middle = math.sqrt(low * high)
            low, high = (middle, high) if self.share(middle) < 1 else (low, middle)
        return low


def limits(habits: Habits, ceilings: Ceilings, sqlite: dict[str, Any], cluster: dict[str, Any]) -> list[Limit]:
    """First what gives out first."""
    one_process = habits.use * 1000 / sqlite["at_knee"]["cpu_ms"]

    def of(name: str, ceiling: float) -> Callable[[float], float]:
        return lambda learners: float(getattr(needs(learners, habits, cluster), name)) / ceiling

    telling = habits.use * cluster["commits_per_s"]["telling"]
    found = [
        Limit(
            "one process on SQLite (answers alone)",
            f"{one_process:.0f} answers/s at {habits.use:.0%} of one processor",
            lambda learners: rates(learners, habits).answers / one_process,
        ),
        Limit(
            "processors of one PostgreSQL server",
            f"{ceilings.database_processors:.0f}, {habits.use:.0%} used",
            of("database_processors", ceilings.database_processors),
        ),
        Limit("connections to it", f"{ceilings.connections:.0f}", of("connections", ceilings.connections)),
        Limit(
            "commits that tell news (NOTIFY: one at a time)",
            f"{telling:.0f}/s, half of what was measured",
            of("telling_per_s", telling),
        ),
        Limit(
            "its disk, after a year", f"{ceilings.disk_bytes / 1e12:.0f} TB", of("bytes_a_year", ceilings.disk_bytes)
        ),
        Limit("its WAL", f"{ceilings.wal_bytes_per_s / 1e6:.0f} MB/s", of("wal_bytes_per_s", ceilings.wal_bytes_per_s)),
    ]
    if cluster["lock_share"] > 0:
        found.append(
            Limit(
                "the whole instance's lock, by upkeep of all processes",
                f"held {ceilings.lock_share:.0%} of the time",
                of("lock_share", ceilings.lock_share),
            )
        )
    return sorted(found, key=lambda it: it.learners)


@dataclass(frozen=True)
class Check:
    """A rate that was measured, and what the sums say it had to be."""

    name: str
    foretold: float
    measured: float

    @property
    def error(self) -> float:
        return self.foretold / self.measured - 1


def checks(sqlite: dict[str, Any], cluster: dict[str, Any]) -> list[Check]:
    """From what one thing costs in one run, how many of them another run must have brought.

    A run has the processors that everything else, the client too, left to it.
    """
    knee = str(sqlite["knee_users"])
    cost_ms = 1000 * sqlite["server_share"]["1"] / sqlite["answers_per_s"]["1"]
    left = min(1.0, sqlite["processors"] - sqlite["others"][knee])
    found = [
        Check(
            f"SQLite, answers/s at the knee ({knee}), by the cost at 1",
            left / cost_ms * 1000,
            sqlite["answers_per_s"][knee],
        )
    ]
    one, two, processors = cluster["one_web"], cluster["two_webs"], cluster["processors"]
    left = processors - two["others"]
    both_ms = one["web_ms"] + one["database_ms"]
    foretold = 1000 * min(left / both_ms, 2 / one["web_ms"])
    found.append(Check("PostgreSQL, answers/s over two webs, by the cost over one", foretold, two["per_s"]))
    first = cluster["verdicts"]["1"]
    for number in ("2", "3"):
        it = cluster["verdicts"][number]
        every_ms = first["worker_ms"] + first["web_ms"] + first["database_ms"]
        foretold = 1000 * (processors - it["others"]) / every_ms
        found.append(Check(f"verdicts/s of {number} workers, by the cost with one", foretold, it["per_s"]))
    waits = cluster["waiting"]
    for number in ("2", "3"):
        it, cost = waits[number], waits["1"]
        every_ms = cost["worker_ms"] + cost["web_ms"] + cost["database_ms"]
        foretold = min(int(number) * cost["per_s"], 1000 * (processors - it["others"]) / every_ms)
        found.append(Check(f"verdicts/s that wait, of {number} workers, by one's", foretold, it["per_s"]))
    return found
