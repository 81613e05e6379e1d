"""Submissions as fast as they are graded, by one worker, two, three: verdicts, and the processor time of each part.

Part of `load_cluster`. The mix is of the bank's own coding questions, each with its reference as the submission. On few
processors workers compete for them; so there is a second kind of submission, which waits for a fixed time and computes
nothing: what it gains by a worker more is the line's own doing.
"""

from __future__ import annotations

import itertools
import json
import shutil
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.bank.catalog import Bank
from app.engines import WHOLE
from app.grading.jobs import CHANNEL
from app.settings import ROOT
from benchmarks import crowd, proc
from benchmarks.crowd import Connection, Learner, Stretch
from benchmarks.postgres import Postgres

MIX = ("iou", "nms", "soft-nms", "roc-auc", "gaussian-2d-kernel", "kmeans")
WAITING = "iou-that-waits"
WAIT_S = 0.3
PLACES = 2  # of a worker: submissions graded at a time
AT_ONCE = 16
LOOK_S = 0.05
ONE_CASE = """def cases(rng):
    return [{"name": "half-shift", "args": [[0, 0, 2, 2], [1, 0, 3, 2]], "hidden": False}]
"""
BLUEPRINT = """id: load
title: {en: Load, zh: 负载}
summary: {en: Load., zh: 负载。}
minutes: 30
sections:
- {title: {en: Quick, zh: 快}, minutes: 30, count: 6, kinds: [single-choice, numeric]}
"""


def write_bank(folder: Path, bank: Bank) -> Path:
    """The product's bank, with a question whose solutions wait and an interview that begins at once."""
    shutil.copytree(ROOT / "questions", folder)
    source = bank.questions["iou"].question.model_dump(mode="json", exclude_defaults=True)
    waiting = source | {
        "id": WAITING,
        "allowed_imports": ["math", "numpy", "time"],
        "cases": ONE_CASE,
    }
    with (folder / "detection" / "iou.yaml").open("a", encoding="utf-8") as out:
        out.write(f"- {json.dumps(waiting, ensure_ascii=False)}\n")
    (folder / "interviews" / "load.yaml").write_text(BLUEPRINT, encoding="utf-8")
    return folder


@dataclass
class Graded:
    """So many workers, over all rounds. By verdict."""

    verdicts: list[Stretch] = field(default_factory=list)
    noop_per_s: list[float] = field(default_factory=list)
    worker_ms: list[float] = field(default_factory=list)
    web_ms: list[float] = field(default_factory=list)
    database_ms: list[float] = field(default_factory=list)
    wal_bytes: list[float] = field(default_factory=list)
    news: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)  # processors that everything else used, the client too

    @property
    def per_s(self) -> float:
        return statistics.median(it.per_s for it in self.verdicts)


@dataclass(frozen=True)
class Spent:
    """Processor seconds and bytes so far."""

    workers: Callable[[], float]
    webs: Callable[[], float]
    database: Callable[[], float]
    wal: Callable[[], float]
    news: Callable[[], float]

    def at_rest(self, seconds: float) -> dict[str, float]:
        """What goes on while nobody does anything, a second."""
        before = self.now()
        time.sleep(seconds)
        after = self.now()
        return {name: (after[name] - before[name]) / seconds for name in after}

    def now(self) -> dict[str, float]:
        return {name: getattr(self, name)() for name in ("workers", "webs", "database", "wal", "news")}


def grade(
    into: Graded,
    urls: Sequence[str],
    people: Sequence[Learner],
    codes: dict[str, str],
    spent: Spent,
    rest: dict[str, float],
    seconds: float,
) -> None:
    """One round. What was spent, but for what goes on at `rest` (a second), is divided by all verdicts of the round."""
    every = itertools.count()
    before, busy, began = spent.now(), proc.busy_s(), time.perf_counter()
    finished = itertools.count()

    async def use(place: int, is_over: Callable[[], bool], note: Callable[[float], None]) -> None:
        connection, who = Connection(urls[place % len(urls)]), people[place]
        names = list(codes)
        try:
            while not is_over():
                number = next(every)
                name = names[number % len(names)]
                body = {"question_id": name, "code": f"{codes[name]}\n# {began} {number}\n", "mode": "submit"}
                sent = time.perf_counter()
                made = await connection.ask("POST", "/api/submissions", json.dumps(body).encode(), who.cookie)
                await connection.follow(f"/api/submissions/{json.loads(made)['id']}/events", who.cookie)
                note(time.perf_counter() - sent)
                next(finished)
        finally:
            await connection.close()

    into.verdicts.append(crowd.together(use, AT_ONCE, 1.2, seconds))
    done = max(next(finished), 1)
    after, wall_s = spent.now(), time.perf_counter() - began
    own_s = sum(after[name] - before[name] for name in ("workers", "webs", "database"))
    into.others.append((proc.busy_s() - busy - own_s) / wall_s)
    used = {name: max(after[name] - before[name] - rest[name] * wall_s, 0.0) / done for name in after}
    into.worker_ms.append(1000 * used["workers"])
    into.web_ms.append(1000 * used["webs"])
    into.database_ms.append(1000 * used["database"])
    into.wal_bytes.append(used["wal"])
    into.news.append(used["news"])


def codes_of(bank: Bank) -> tuple[dict[str, str], dict[str, str]]:
    """Solutions by question: of the mix, and of the question that waits."""
    reference = {name: str(getattr(bank.questions[name].question, "reference", "")) for name in MIX}
    waits = reference["iou"].replace("def iou(a, b):\n", f"def iou(a, b):\n    time.sleep({WAIT_S})\n", 1)
    return reference, {WAITING: f"import time\n{waits}"}


class Watch:
    """Hears the news of submissions, and looks twenty times a second whether the whole instance's lock is held."""

    def __init__(self, postgres: Postgres) -> None:
        self.news = 0
        self.looks = self.held = 0
        self._postgres = postgres
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    @property
    def held_share(self) -> float:
        return self.held / max(self.looks, 1)

    def _watch(self) -> None:
        query = (
            "SELECT coalesce(bool_or(granted), false) FROM pg_locks "
            "WHERE locktype = 'advisory' AND classid = %s AND mode = 'ExclusiveLock'"
        )
        with self._postgres.connect() as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            while not self._over.is_set():
                self.news += sum(1 for _ in connection.notifies(timeout=LOOK_S))
                row = connection.execute(query, [WHOLE]).fetchone()
                self.looks += 1
                self.held += bool(row and row[0])
