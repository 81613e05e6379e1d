"""New questions are met along the learner's path, within the day's limits and what was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from databases import new_database
from sqlalchemy import Connection

from app.accounts import service as accounts
from app.bank.catalog import Bank
from app.bank.loader import load_bank
from app.db import Database
from app.practice.path import Path as StudyPath
from app.practice.today import Choice, Person, path_of, today
from app.scheduling import store
from app.scheduling.schedule import Settings, review
from app.settings import ROOT

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    made, findings = load_bank(ROOT / "questions", tmp_path_factory.mktemp("cache"))
    assert findings == []
    return made


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    db = Database(new_database(tmp_path))
    db.migrate()
    with db.write() as made:
        accounts.make_local(made, NOW)
        yield made
    db.close()


@pytest.fixture
def person(connection: Connection) -> Person:
    me = accounts.local_learner(connection)
    assert me is not None
    return Person(me.id, "UTC", new_per_day=4, reviews_per_day=200)


def rate(connection: Connection, bank: Bank, person: Person, question_id: str, rating: int) -> None:
    entry = bank.questions[question_id]
    card_id = store.ensure_cards(connection, person.id, {question_id: entry.meaning_hash}, NOW)[question_id]
    memory = review(None, rating, NOW, person.zone, Settings(), "1").memory
    connection.execute(store.cards.update().where(store.cards.c.id == card_id).values(**vars(memory)))


def new_topics(connection: Connection, bank: Bank, person: Person, choice: Choice = Choice()) -> list[str]:  # noqa: B008  (frozen)
    found = today(connection, bank, person, choice, NOW, lambda entry: True)
    known = set(found.question_of.values())
    return [bank.questions[name].topic.id for name in found.question_ids() if name not in known]


def look(connection: Connection, bank: Bank, person: Person) -> StudyPath:
    return path_of(connection, bank, person, NOW, lambda entry: True)


def test_first_topics_of_the_path_take_turns(connection: Connection, bank: Bank, person: Person) -> None:
    asked = new_topics(connection, bank, person)
    assert asked == list(look(connection, bank, person).order[: person.new_per_day])
    assert asked[0] == look(connection, bank, person).steps(1)[0].topic


def test_new_questions_of_a_missed_topic_come_before_new_topics(
    connection: Connection, bank: Bank, person: Person
) -> None:
    assert "lda" not in new_topics(connection, bank, person)
    rate(connection, bank, person, bank.of_topic("lda")[0].question.id, 1)
    assert look(connection, bank, person).order[0] == "lda"
    assert new_topics(connection, bank, person)[0] == "lda"


def test_what_a_missed_topic_rests_on_comes_before_it(connection: Connection, bank: Bank, person: Person) -> None:
    assert bank.topics["nms"].requires == ("iou",)
    rate(connection, bank, person, bank.of_topic("nms")[0].question.id, 1)
    assert look(connection, bank, person).order[:2] == ("iou", "nms")
    assert new_topics(connection, bank, person)[0] == "iou"


def test_choice_of_topics_goes_before_the_path(connection: Connection, bank: Bank, person: Person) -> None:
    rate(connection, bank, person, bank.of_topic("lda")[0].question.id, 1)
    chosen = frozenset({"soft-nms", "nms"})
    assert set(new_topics(connection, bank, person, Choice(topics=chosen))) == chosen
