"""Processes of a whole installation are killed at random moments while people work: nothing acknowledged is lost or
doubled, and all of it is back by itself."""

from __future__ import annotations

import signal
import time
from contextlib import closing
from pathlib import Path
from random import Random

from auditor import Auditor
from cluster import Cluster, cluster, eventually, kill
from shift import at_work, settle_and_audit
from townspeople import Person

KILLS = {"web": 16, "worker": 24, "cell": 60, "postgres": 30}
SQLITE_KILLS = {"web": 20, "cell": 50}  # with those above, 200
MOST_ANSWERS = 12
LONGEST_S = 4.0


def test_nothing_acknowledged_is_lost_or_doubled_whatever_is_killed(tmp_path: Path) -> None:
    rng = Random(8)
    with cluster(tmp_path, webs=2, workers=2) as town, closing(Auditor(town.url)) as auditor:
        with at_work(town, auditor) as people:
            harm(town, people, KILLS, rng)
        print(settle_and_audit(town, auditor, people))


def test_nothing_acknowledged_is_lost_or_doubled_on_one_process(tmp_path: Path) -> None:
    rng = Random(9)
    with cluster(tmp_path) as town, closing(Auditor(town.url)) as auditor:
        with at_work(town, auditor) as people:
            harm(town, people, SQLITE_KILLS, rng)
        print(settle_and_audit(town, auditor, people))


def harm(town: Cluster, people: list[Person], kills: dict[str, int], rng: Random) -> None:
    """Kill so many of each, in a random order: after so many more answers, or sooner if there are none."""
    order = [name for name, times in kills.items() for _ in range(times)]
    rng.shuffle(order)
    for name in order:
        wait_for_answers(people, rng.randint(0, MOST_ANSWERS), rng.uniform(0.5, LONGEST_S))
        if name == "postgres":
            town.kill_postgres()
        else:
            eventually(lambda name=name: strike(town, name, rng), town.said)


def wait_for_answers(people: list[Person], more: int, longest_s: float) -> None:
    """Until people had so many more answers together, or that time is over."""
    deadline = time.monotonic() + longest_s
    wanted = sum(person.ledger.answers for person in people) + more
    while sum(person.ledger.answers for person in people) < wanted and time.monotonic() < deadline:
        time.sleep(0.005)


def strike(town: Cluster, name: str, rng: Random) -> bool:
    """Whether there was one to kill."""
    group = {"web": town.webs, "worker": town.workers, "cell": town.services}[name]
    service = rng.choice(group)
    if name != "cell":
        return service.signal(signal.SIGKILL)
    cells = service.cells()
    if cells:
        kill(rng.choice(cells))
    return bool(cells)
