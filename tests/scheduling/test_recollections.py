"""The one look over all cards of a learner: which are there, and which are due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from databases import new_database
from sqlalchemy import Connection

from app.accounts import service as accounts
from app.accounts.models import Role
from app.db import Database
from app.scheduling import store
from app.scheduling.days import study_day
from app.scheduling.schedule import Memory, Settings, review

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
TODAY = study_day(NOON, "UTC")


class Learner:
    """One learner's cards."""

    def __init__(self, connection: Connection, name: str) -> None:
        self.connection = connection
        self.id = accounts.add(connection, name, "a long password", Role.learner, NOON)

    def meets(self, name: str, memory: Memory | None = None, **flags: object) -> None:
        card_id = store.ensure_cards(self.connection, self.id, {name: "meaning"}, NOON)[name]
        values = (asdict(memory) if memory else {}) | flags
        if values:
            self.connection.execute(store.cards.update().where(store.cards.c.id == card_id).values(**values))

    def looks(self, at: datetime = NOON, today: int = TODAY) -> dict[str, store.Recollection]:
        return {it.question_id: it for it in store.recollections(self.connection, self.id, at, today)}

    def is_due(self, name: str, at: datetime) -> bool:
        return self.looks(at, study_day(at, "UTC"))[name].is_due


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Learner]:
    db = Database(new_database(tmp_path))
    db.migrate()
    with db.write() as connection:
        yield Learner(connection, "ada")
    db.close()


def rated(rating: int) -> Memory:
    return review(None, rating, NOON, "UTC", Settings(fuzz=False), "card").memory


def test_card_made_but_not_answered_is_still_new(learner: Learner) -> None:
    learner.meets("made")
    learner.meets("suspended", suspended=True)
    learner.meets("put-off", buried_until_day=TODAY + 1)
    learner.meets("back-again", buried_until_day=TODAY)
    found = learner.looks()
    assert set(found) == {"suspended", "put-off"}
    assert [(it.state, it.suspended) for it in found.values()] == [(None, True), (None, False)]
    assert not any(it.is_due for it in found.values())


def test_forgotten_card_is_due_after_ten_minutes_and_every_day_after(learner: Learner) -> None:
    learner.meets("q", rated(1))
    assert not learner.is_due("q", NOON + timedelta(minutes=9))
    assert learner.is_due("q", NOON + timedelta(minutes=10))
    assert learner.is_due("q", NOON + timedelta(days=5))


def test_review_is_due_from_its_study_day_on(learner: Learner) -> None:
    learner.meets("q", rated(3))
    assert not learner.is_due("q", datetime(2026, 1, 7, 3, 59, tzinfo=UTC))
    assert learner.is_due("q", datetime(2026, 1, 7, 4, 0, tzinfo=UTC))


def test_card_put_off_until_tomorrow_is_not_due_today(learner: Learner) -> None:
    later = NOON + timedelta(days=2)
    learner.meets("q", rated(3), buried_until_day=TODAY + 3)
    assert not learner.is_due("q", later)
    assert learner.is_due("q", later + timedelta(days=1))


def test_cards_of_somebody_else_are_not_seen(learner: Learner) -> None:
    other = Learner(learner.connection, "ben")
    other.meets("theirs", rated(1))
    other.meets("suspended", suspended=True)
    learner.meets("mine", rated(3))
    assert set(learner.looks()) == {"mine"}
