"""Where a topic stands, at the edges of every state."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from app.bank.catalog import Entry
from app.practice.standing import LONG_TERM_DAYS, Standing, TopicState, topic_states
from app.scheduling.schedule import recall
from app.scheduling.store import Recollection

TODAY = 100


def entries(count: int, kind: str = "numeric") -> list[Entry]:
    """Questions `q0`, `q1`, … of the topic `t`."""
    made = [
        Entry(SimpleNamespace(id=f"q{n}", kind=kind), SimpleNamespace(id="t"), SimpleNamespace(id="a"), Path(), 1)  # type: ignore[arg-type]  # all that is looked at
        for n in range(count)
    ]
    return cast("list[Entry]", made)


def card(name: str, stability_days: float = 30.0, ago_days: int = 0, **more: object) -> Recollection:
    plain = {"state": "review", "lapses": 0, "is_due": False, "suspended": False}
    return Recollection(name, stability_days=stability_days, last_day=TODAY - ago_days, **plain | more)  # type: ignore[arg-type]  # as above


def blank(name: str, *, suspended: bool) -> Recollection:
    """A card without a memory: suspended, or put off until tomorrow."""
    return Recollection(
        name, None, cast("float", None), cast("int", None), cast("int", None), False, suspended
    )  # as the database has it


def state(questions: list[Entry], *cards: Recollection) -> TopicState:
    return topic_states(questions, cards, TODAY)["t"]


def standing(questions: list[Entry], *cards: Recollection) -> Standing:
    return state(questions, *cards).standing


def test_topic_without_an_answer_is_not_yet() -> None:
    assert standing(entries(3)) is Standing.not_yet
    assert standing(entries(3), blank("q0", suspended=False)) is Standing.not_yet


def test_one_answer_begins_a_topic() -> None:
    assert standing(entries(3), card("q0", 2.3)) is Standing.begun


def test_two_thirds_in_long_term_memory_are_learnt() -> None:
    assert standing(entries(3), card("q0"), card("q1")) is Standing.learnt
    assert standing(entries(4), card("q0"), card("q1")) is Standing.begun
    assert standing(entries(4), card("q0"), card("q1"), card("q2", 2.3)) is Standing.begun
    assert standing(entries(4), card("q0"), card("q1"), card("q2", LONG_TERM_DAYS)) is Standing.learnt


def test_learnt_takes_a_high_recall() -> None:
    fading = 30
    while recall(30.0, fading) >= 0.85:
        fading += 1
    assert standing(entries(1), card("q0", ago_days=fading - 1)) is Standing.learnt
    assert standing(entries(1), card("q0", ago_days=fading)) is Standing.begun


def test_due_goes_before_learnt_and_begun() -> None:
    assert standing(entries(3), card("q0"), card("q1"), card("q2", is_due=True)) is Standing.due
    assert standing(entries(9), card("q0", 2.3, is_due=True)) is Standing.due


def test_a_third_missed_is_weak_and_goes_before_due() -> None:
    missed = card("q0", 0.2, state="learning", is_due=True)
    assert standing(entries(9), missed) is Standing.weak
    assert standing(entries(9), missed, card("q1"), card("q2")) is Standing.weak
    assert standing(entries(9), missed, card("q1"), card("q2"), card("q3")) is Standing.due


def test_one_coding_question_missed_is_weak() -> None:
    failed = entries(1, "code")[0]
    known = [card(f"q{n}") for n in range(1, 9)]
    questions = [failed, *entries(9)[1:]]
    assert standing(questions, card("q0", 3.0, state="relearning"), *known) is Standing.weak
    assert standing(questions, card("q0", 3.0), *known) is Standing.learnt


@pytest.mark.parametrize(
    ("memory", "missed"),
    [
        ({"state": "learning", "stability_days": 0.2}, True),
        ({"state": "relearning", "stability_days": 30.0}, True),
        ({"stability_days": 0.99}, True),  # Again, then Good in the same session
        ({"stability_days": 1.0}, False),  # Hard at once is 1.3
        ({"stability_days": LONG_TERM_DAYS - 0.01, "lapses": 1}, True),
        ({"stability_days": LONG_TERM_DAYS, "lapses": 3}, False),
    ],
)
def test_miss_counts_until_the_memory_has_recovered(memory: dict[str, object], missed: bool) -> None:
    assert state(entries(1), card("q0", **memory)).missed == missed  # type: ignore[arg-type]  # a card's fields


def test_low_recall_is_weak() -> None:
    fading = 1
    while recall(2.0, fading) >= 0.7:
        fading += 1
    assert standing(entries(1), card("q0", 2.0, fading - 1, is_due=True)) is Standing.due
    assert standing(entries(1), card("q0", 2.0, fading, is_due=True)) is Standing.weak


def test_suspended_questions_do_not_count() -> None:
    assert state(entries(3), blank("q0", suspended=True), card("q1", suspended=True), card("q2")) == TopicState(
        questions=1, fresh=0, seen=1, due=0, lasting=1, missed=0, missed_code=0, recall=1.0
    )


def test_question_put_off_until_tomorrow_is_not_fresh_but_counts() -> None:
    found = state(entries(2), blank("q0", suspended=False))
    assert (found.questions, found.fresh, found.seen) == (2, 1, 0)


def test_memory_of_a_question_that_cannot_be_asked_here_does_not_count() -> None:
    assert topic_states(entries(1), [card("elsewhere")], TODAY)["t"].seen == 0
