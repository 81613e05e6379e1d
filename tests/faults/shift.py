"""A shift: people at work on an installation, and afterwards an audit of what they were told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from auditor import Auditor
from cluster import Cluster, eventually
from town import EDITED
from townspeople import HURRY, Pace, Person

from app import clock
from app.accounts import api_tokens, service
from app.accounts.models import Role
from app.interview.store import interviews


def hire(town: Cluster, auditor: Auditor, enough: threading.Event, pace: Pace) -> list[Person]:
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
            Person(name, account_id, token, addresses, open_interview, enough, mine, EDITED[3:] if mine else (), pace)
        )
    return people


@contextmanager
def at_work(town: Cluster, auditor: Auditor, pace: Pace = HURRY) -> Iterator[list[Person]]:
    """People who work as long as the block lasts, and then finish what they are at."""
    enough = threading.Event()
    people = hire(town, auditor, enough, pace)
    for person in people:
        person.start()
    try:
        yield people
    finally:
        enough.set()
        for person in people:
            person.join(300)


def settle_and_audit(town: Cluster, auditor: Auditor, people: list[Person]) -> dict[str, object]:
    """All is back without a hand, what waited is graded, and the books agree."""
    town.wait_until_ready()
    assert not [person.name for person in people if person.is_alive()], town.said()
    eventually(auditor.is_drained, lambda: (auditor.waiting(), town.said()))
    eventually(lambda: all(person.has_its_marks() for person in people), auditor.waiting)
    ledgers = [person.ledger for person in people]
    told = {
        "reviews": sum(it.reviews for it in ledgers),
        "submissions": sum(len(it.sent) for it in ledgers),
        "interviews": sum(len(it.papers) for it in ledgers),
        "edits": sum(len(it.edits) for it in ledgers),
        "published": sum(edit.published for it in ledgers for edit in it.edits),
        "given up": auditor.given_up,
        "unsure": sum(it.unsure for it in ledgers),
        "starts": {it.name: it.starts for it in town.services},
    }
    found = auditor.audit(people)
    assert found == [], (told, found)
    assert town.complaints() == []
    return told
