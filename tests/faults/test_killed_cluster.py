"""Processes of a whole installation are killed at random moments while people work: nothing acknowledged is lost or
doubled, and all of it is back by itself."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import pytest
from auditor import Auditor
from cluster import Cluster, cluster, eventually, kill
from people import Person
from town import EDITED

from app import clock
from app.accounts import api_tokens, service
from app.accounts.models import Role
from app.interview.store import interviews

KILLS = {"web": 4, "worker": 4, "cell": 6, "postgres": 3}
MOST_ANSWERS = 12
LONGEST_S = 4.0
SQLITE_KILLS = {"web": 4, "cell": 6}


def hire(town: Cluster, auditor: Auditor, enough: threading.Event) -> list[Person]:
    """Two learners and two editors, who learn as well."""
    people = []
    roles = {"ada": Role.learner, "bob": Role.learner, "eve": Role.editor, "ernie": Role.editor}
    owned = {"eve": EDITED[:2], "ernie": EDITED[2:3]}

    def open_interview(account_id: int) -> int | None:
        query = interviews.select().where(interviews.c.account_id == account_id, interviews.c.ended_at.is_(None))
        with auditor.db.read() as connection:
            row = connection.execute(query).first()
            return int(row.id) if row else None

    for name, role in roles.items():
        with auditor.db.write() as connection:
            account_id = service.add(connection, name, "correct horse battery", role, clock.now())
            token = api_tokens.make(connection, account_id, "test", None, clock.now())
        addresses = [web.address for web in town.webs]
        mine = owned.get(name, [])
        people.append(
            Person(name, account_id, token, addresses, open_interview, enough, mine, EDITED[3:] if mine else ())
        )
    return people


@contextmanager
def at_work(town: Cluster, auditor: Auditor) -> Iterator[list[Person]]:
    """People who work as long as the block lasts, and then finish what they are at."""
    enough = threading.Event()
    people = hire(town, auditor, enough)
    for person in people:
        person.start()
    try:
        yield people
    finally:
        enough.set()
        for person in people:
            person.join(300)


def harm(town: Cluster, people: list[Person], kills: dict[str, int], rng: Random) -> Counter[str]:
    """Kill so many of each, in a random order: after so many more answers, or sooner if there are none."""
    order = [name for name, times in kills.items() for _ in range(times)]
    rng.shuffle(order)
    done: Counter[str] = Counter()
    for name in order:
        wait_for_answers(people, rng.randint(0, MOST_ANSWERS), rng.uniform(0.5, LONGEST_S))
        if name == "postgres":
            town.kill_postgres()
        else:
            eventually(lambda name=name: strike(town, name, rng), town.said)
        done[name] += 1
    return done


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
        return service.signal(9)
    cells = service.cells()
    if cells:
        kill(rng.choice(cells))
    return bool(cells)


def test_nothing_acknowledged_is_lost_or_doubled_whatever_is_killed(tmp_path: Path) -> None:
    rng = Random(8)
    with cluster(tmp_path, webs=2, workers=2) as town, closing(Auditor(town.url)) as auditor:
        with at_work(town, auditor) as people:
            done = harm(town, people, KILLS, rng)
        settle_and_audit(town, auditor, people, done)


def test_nothing_acknowledged_is_lost_or_doubled_on_one_process(tmp_path: Path) -> None:
    rng = Random(9)
    with cluster(tmp_path) as town, closing(Auditor(town.url)) as auditor:
        with at_work(town, auditor) as people:
            done = harm(town, people, SQLITE_KILLS, rng)
        settle_and_audit(town, auditor, people, done)


def settle_and_audit(town: Cluster, auditor: Auditor, people: list[Person], done: Counter[str]) -> None:
    """All is back without a hand, what waited is graded, and the books agree."""
    town.wait_until_ready()
    assert not [person.name for person in people if person.is_alive()], town.said()
    eventually(auditor.is_drained, lambda: (auditor.waiting(), town.said()))
    eventually(lambda: all([person.has_its_marks() for person in people]), auditor.waiting)
    ledgers = [person.ledger for person in people]
    told = {
        "killed": dict(done),
        "reviews": sum(it.reviews for it in ledgers),
        "submissions": sum(len(it.sent) for it in ledgers),
        "interviews": sum(len(it.papers) for it in ledgers),
        "edits": sum(len(it.edits) for it in ledgers),
        "published": sum(edit.published for it in ledgers for edit in it.edits),
        "unsure": sum(it.unsure for it in ledgers),
        "starts": {it.name: it.starts for it in town.services},
    }
    found = auditor.audit(people)
    assert found == [], (told, found)
    assert town.complaints() == []
    print(told, "given up:", auditor.given_up)


pytestmark: list[pytest.MarkDecorator] = []
