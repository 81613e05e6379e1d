"""Item statistics out of a database: what counts as an answer, whose first try it is, and which options were meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import new_database
from sqlalchemy import Connection, insert

from app.accounts.models import Account
from app.accounts.service import accounts
from app.bank.catalog import Bank, Entry
from app.bank.loader import load_bank
from app.bank.schema import ChoiceBase, MultiChoice
from app.bank.variants import letter, shown_options
from app.db import Database
from app.interview.models import Interview, InterviewSlot
from app.interview.store import interviews, slots
from app.practice.frozen import freeze
from app.scheduling.models import Card, Review
from app.scheduling.store import cards, reviews
from app.settings import ROOT
from app.stats.item_store import answers_of, item, survey
from app.stats.items import Share

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BANK = load_bank(ROOT / "questions", None)[0]


def is_single(entry: Entry) -> bool:
    question = entry.question
    return isinstance(question, ChoiceBase) and not isinstance(question, MultiChoice) and len(question.options) == 4


SINGLES = [entry for entry in BANK.published if is_single(entry)]
ASKED, OTHER = SINGLES[0], SINGLES[1]
MEMORY = {"last_day": 739_000}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """Twelve accounts, numbered from 1: the first six in English, five in Chinese, the last without a choice."""
    database = Database(new_database(tmp_path))
    database.migrate()
    with database.write() as made:
        for number in range(1, 13):
            language = None if number == 12 else "en" if number < 7 else "zh"
            row = Account(name=f"p{number}", created_at=NOW, language=language)
            made.execute(insert(accounts).values(row.model_dump(exclude={"id"})))
        freeze(made, [ASKED, OTHER])
        yield made
    database.close()


def card(connection: Connection, account: int, entry: Entry = ASKED) -> int:
    row = Card(account_id=account, question_id=entry.question.id, meaning_hash="", created_at=NOW)
    return int(
        connection.execute(insert(cards).values(row.model_dump(exclude={"id"})).returning(cards.c.id)).scalar_one()
    )


def review(connection: Connection, card_id: int, account: int, right: bool | None, **more: Any) -> None:
    usual: dict[str, Any] = {
        "account_id": account, "card_id": card_id, "rating": 3 if right else 1, "reviewed_at": NOW, "zone": "UTC",
        "study_day": 739_000, "question_hash": ASKED.hash, "seed": 1, "correct": right, "score": float(right or 0),
        "seconds": 5.0, "interval_days": 1, "is_new": True, "was_review": False, "memory_after": {},
    }  # fmt: skip
    row = Review(**(usual | more))
    connection.execute(insert(reviews).values(row.model_dump(exclude={"id"})))


def sat(
    connection: Connection, account: int, right: bool | None, at: datetime, *, over: bool = True, **more: Any
) -> None:
    usual = {"section": 0, "section_began_at": at, "work_began_at": at, "latest_end_at": at, "known_at": at}
    interview = Interview(account_id=account, plan={}, seed=1, started_at=at, ended_at=at if over else None, **usual)  # type: ignore[arg-type]  # a test's shorthand
    values = interview.model_dump(exclude={"id"})
    interview_id = connection.execute(insert(interviews).values(values).returning(interviews.c.id)).scalar_one()
    slot: dict[str, Any] = {
        "interview_id": interview_id, "number": 1, "section": 0, "question_id": ASKED.question.id,
        "question_hash": ASKED.hash, "topic_id": ASKED.topic.id, "seed": 1, "answer": {"choice": "A"},
        "correct": right, "score": float(right or 0),
    }  # fmt: skip
    connection.execute(insert(slots).values(InterviewSlot(**(slot | more)).model_dump(exclude={"id"})))


def test_undone_review_is_no_answer_and_no_first_try(connection: Connection) -> None:
    mine = card(connection, 1)
    review(connection, mine, 1, False, undone_at=NOW)
    review(connection, mine, 1, True)
    assert [it.right for it in answers_of(connection, ASKED)] == [True]
    counted = survey(connection, BANK, NOW).items[ASKED.question.id].figures
    assert (counted.answers, counted.first) == (1, Share(1, 1))


def test_rating_tells_where_the_learner_judges(connection: Connection) -> None:
    mine = card(connection, 1)
    review(connection, mine, 1, None, rating=2, score=0.0)
    answer = answers_of(connection, ASKED)[0]
    assert (answer.right, answer.score) == (True, 1.0)
    review(connection, card(connection, 2), 2, None, rating=1)
    assert survey(connection, BANK, NOW).items[ASKED.question.id].figures.first == Share(1, 2)


def test_interview_counts_once_it_is_over_and_answered(connection: Connection) -> None:
    sat(connection, 1, True, NOW)
    sat(connection, 2, True, NOW, over=False)
    sat(connection, 3, False, NOW, answer=None)
    sat(connection, 4, None, NOW)
    assert [it.account_id for it in answers_of(connection, ASKED)] == [1]
    counted = survey(connection, BANK, NOW).items[ASKED.question.id].figures
    assert (counted.answers, counted.first) == (1, Share(1, 1))


@pytest.mark.parametrize(("days", "first"), [(-1, Share(1, 1)), (1, Share(0, 1))])
def test_first_try_may_be_an_interview_s(connection: Connection, days: int, first: Share) -> None:
    review(connection, card(connection, 1), 1, False)
    sat(connection, 1, True, NOW + timedelta(days=days))
    counted = survey(connection, BANK, NOW)
    assert counted.items[ASKED.question.id].figures.first == first
    assert counted.learners == {1: first}
    assert item(connection, ASKED, counted.learners).figures.first == first


def test_retention_is_of_reviews_a_study_day_later_or_more(connection: Connection) -> None:
    mine = card(connection, 1)
    review(connection, mine, 1, True)
    review(connection, mine, 1, True, memory_before=MEMORY)
    review(connection, mine, 1, False, memory_before=MEMORY, study_day=739_001)
    review(connection, mine, 1, True, memory_before=MEMORY, study_day=739_005)
    assert item(connection, ASKED, {}).figures.retention == Share(1, 2)


def test_options_are_those_the_learner_saw_under_the_seed(connection: Connection) -> None:
    for seed in (1, 2, 3):
        shown = shown_options(ASKED.question, seed)  # type: ignore[arg-type]  # a choice
        review(connection, card(connection, seed), seed, True, seed=seed, answer={"choice": letter(shown.index(2))})
    found = item(connection, ASKED, {}).figures
    assert found.options == (0, 0, 3, 0)


def test_options_of_a_kept_version_are_found_again_by_their_text(connection: Connection) -> None:
    question = ASKED.question
    assert isinstance(question, ChoiceBase)
    turned = replace(ASKED, question=question.model_copy(update={"options": question.options[::-1]}))  # type: ignore[arg-type]  # a choice stays one
    shown = shown_options(question, 1)
    review(connection, card(connection, 1), 1, True, answer={"choice": letter(shown.index(0))})
    assert item(connection, turned, {}).figures.options == (0, 0, 0, 1)


def test_options_of_a_version_that_was_not_kept_are_told_to_be_unknown(connection: Connection) -> None:
    review(connection, card(connection, 1), 1, True, answer={"choice": "A"}, question_hash="0" * 32)
    found = item(connection, ASKED, {}).figures
    assert (found.answers, found.option_answers) == (1, 0)


def test_survey_and_single_question_agree(connection: Connection) -> None:
    """Whoever is right at the other question is wrong here: the discrimination is -1."""
    for account in range(1, 13):
        good = account % 2 == 0
        review(connection, card(connection, account), account, not good, answer={"choice": "A"})
        review(connection, card(connection, account, OTHER), account, good, question_hash=OTHER.hash)
    counted = survey(connection, BANK, NOW)
    listed = counted.items[ASKED.question.id]
    alone = item(connection, ASKED, counted.learners)
    assert listed.figures.discrimination == pytest.approx(-1)
    assert alone.figures.discrimination == pytest.approx(-1)
    assert listed.figures.by_language == alone.figures.by_language
    assert alone.figures.by_language == {"en": Share(3, 6), "zh": Share(3, 5), None: Share(0, 1)}
    assert [flag.name for flag in listed.flags] == [flag.name for flag in alone.flags] == ["key"]


def test_survey_counts_options_from_thirty_answers_on(connection: Connection) -> None:
    mine = card(connection, 1)
    shown = shown_options(ASKED.question, 1)  # type: ignore[arg-type]  # a choice
    for number in range(30):
        picked = letter(shown.index(number % 3))
        review(connection, mine, 1, True, answer={"choice": picked})
    found = survey(connection, BANK, NOW).items[ASKED.question.id]
    assert found.figures.options == (10, 10, 10, 0)
    assert [(flag.name, flag.option) for flag in found.flags] == [("unused-option", 3)]


def test_question_that_left_the_bank_is_not_listed(connection: Connection) -> None:
    review(connection, card(connection, 1), 1, True)
    left = Bank({OTHER.question.id: OTHER}, BANK.topics, BANK.areas)
    counted = survey(connection, left, NOW)
    assert counted.items == {}
    assert counted.learners == {1: Share(1, 1)}
