"""What today holds for a learner: reads the store and the bank, lets `scheduling.plan` decide."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection

from app.bank.catalog import Bank, Entry
from app.practice.path import Path
from app.practice.standing import topic_states
from app.scheduling import store
from app.scheduling.days import study_day
from app.scheduling.plan import Done, DueCard, Limits, Plan, plan
from app.scheduling.store import Recollection
from app.scheduling.syllabus import NewQuestion, Syllabus


@dataclass(frozen=True)
class Person:
    """The learner as practice sees them. `zone` is an IANA name."""

    id: int
    zone: str
    new_per_day: int
    reviews_per_day: int


@dataclass(frozen=True)
class Choice:
    """What to practise: some topics or kinds (empty: all). `more` goes beyond the day's limits and buried siblings."""

    topics: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    more: bool = False

    def takes(self, entry: Entry) -> bool:
        return (not self.topics or entry.topic.id in self.topics) and (
            not self.kinds or entry.question.kind in self.kinds
        )


@dataclass(frozen=True)
class Today:
    """The plan with the question of every card in it, how much was answered on this study day, and what to study."""

    plan: Plan
    question_of: dict[int, str]
    answered: int
    path: Path

    def question_ids(self) -> list[str]:
        return [self.question_of[it.card_id] if isinstance(it, DueCard) else it.question_id for it in self.plan.queue]


def today(
    connection: Connection,
    bank: Bank,
    person: Person,
    choice: Choice,
    now: datetime,
    available: Callable[[Entry], bool],
    most: int = 0,
) -> Today:
    """The rest of the learner's study day at `now` (UTC), of the questions that are `available` here.

    `most`: how many reviews, and how many new questions, are wanted if the day's limits don't count.
    """
    day = study_day(now, person.zone)
    counts = store.day_counts(connection, person.id, day)
    entries = bank.questions

    def wanted(question_id: str) -> bool:
        entry = entries.get(question_id)
        return entry is not None and entry.is_published and choice.takes(entry) and available(entry)

    due = [
        (question_id, replace(card, sibling_key=sibling_key(entries[question_id])))
        for question_id, card in store.due(connection, person.id, day)
        if wanted(question_id)
    ]
    known = store.recollections(connection, person.id, now, day)
    path = _path(bank, known, available, day)
    met = {it.question_id for it in known}
    fresh = [_new(entry) for entry in bank.published if entry.question.id not in met and wanted(entry.question.id)]
    if choice.more:
        fresh = [replace(question, sibling_key=None) for question in fresh]
    done = _done(counts, bank)
    limits = Limits(person.new_per_day, person.reviews_per_day)
    if choice.more:
        limits = Limits(done.new + most, done.reviews + most)
    decided = plan((card for _, card in due), fresh, done, limits, path.as_syllabus(), now, day)
    if choice.more:
        decided = replace(decided, queue=decided.queue + decided.buried)
    return Today(decided, {card.card_id: question_id for question_id, card in due}, len(counts.answered), path)


def path_of(
    connection: Connection, bank: Bank, person: Person, now: datetime, available: Callable[[Entry], bool]
) -> Path:
    """How the learner stands with every topic at `now` (UTC), and what to study next."""
    day = study_day(now, person.zone)
    return _path(bank, store.recollections(connection, person.id, now, day), available, day)


def minutes(bank: Bank, question_ids: Collection[str]) -> int:
    """Estimated minutes for these questions, at least 1 if there are any."""
    total = sum(bank.questions[question_id].question.minutes for question_id in question_ids)
    return max(1, round(total)) if question_ids else 0


def sibling_key(entry: Entry) -> str | None:
    """Questions on one fact are siblings: one a day. Writing code is another skill than knowing, so it has no kin."""
    question = entry.question
    if question.kind == "code" or not question.covers:
        return None
    fact = question.covers[0]
    return fact if "/" in fact else f"{entry.topic.id}/{fact}"


def _new(entry: Entry) -> NewQuestion:
    question = entry.question
    return NewQuestion(question.id, entry.topic.id, question.kind, question.difficulty, sibling_key(entry))


def _done(counts: store.DayCounts, bank: Bank) -> Done:
    answered = [(bank.questions[name], was_new) for name, was_new in counts.answered if name in bank.questions]
    keys = (sibling_key(entry) for entry, _ in answered)
    return Done(
        new=counts.new,
        reviews=counts.reviews,
        sibling_keys=frozenset(key for key in keys if key is not None),
        recent_new=tuple((entry.topic.id, entry.question.kind) for entry, was_new in answered if was_new),
    )


def _path(bank: Bank, known: Iterable[Recollection], available: Callable[[Entry], bool], day: int) -> Path:
    askable = (entry for entry in bank.published if available(entry))
    return Path.of(syllabus(bank), topic_states(askable, known, day))


@lru_cache(maxsize=2)
def syllabus(bank: Bank) -> Syllabus:
    """The topic map's own order of learning."""
    return Syllabus.of((topic.id, topic.requires) for topic in bank.topics.values())
