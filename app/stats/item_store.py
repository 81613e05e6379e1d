"""Item statistics out of the database: all answers of one question, and a survey of the whole bank by sums.

Reviews that were undone are left out. Of interviews count those that are over, and of those what was answered.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, RowMapping, Select, and_, case, cast, func, select, union_all

from app.accounts.service import accounts
from app.bank.catalog import Bank, Entry
from app.bank.schema import ChoiceBase
from app.interview.store import interviews, slots
from app.practice.frozen import frozen_question
from app.scheduling.store import cards, reviews
from app.stats.items import (
    KEY_LEARNERS,
    KEY_SHARE,
    UNUSED_ANSWERS,
    Answer,
    Figures,
    Flag,
    Share,
    chosen_options,
    correlation,
    figures,
    flags,
)

_LIVE = reviews.c.undone_at.is_(None)
_RIGHT = case(
    (reviews.c.correct.is_not(None), cast(reviews.c.correct, Integer)), (reviews.c.rating > 1, 1), else_=0
).label("right")  # where the learner judges, the rating tells
_SAT = and_(interviews.c.ended_at.is_not(None), slots.c.correct.is_not(None), slots.c.answer.is_not(None))


@dataclass(frozen=True)
class Item:
    """One question in the survey: the figures that a list shows, and what looks suspicious."""

    figures: Figures
    flags: tuple[Flag, ...]


@dataclass(frozen=True)
class Survey:
    """The whole bank at one moment. `learners` are everybody's first tries at all questions, by account."""

    at: datetime
    items: Mapping[str, Item]
    learners: Mapping[int, Share]


def answers_of(connection: Connection, entry: Entry) -> list[Answer]:
    """Every answer to one question, in one statement for practice and one for interviews."""
    name = entry.question.id
    versions = _Versions(connection, entry)
    practised = (
        select(cards.c.account_id, accounts.c.language, reviews.c.reviewed_at, _RIGHT)
        .add_columns(*(reviews.c[it] for it in ("correct", "score", "seconds", "rating", "study_day", "memory_before")))
        .add_columns(*(reviews.c[it] for it in ("answer", "seed", "question_hash")))
        .select_from(accounts)
        .join(cards, cards.c.account_id == accounts.c.id)  # by account first: so the index on both serves
        .join(reviews, reviews.c.card_id == cards.c.id)
        .where(cards.c.question_id == name, _LIVE)
    )
    sat = (
        select(interviews.c.account_id, accounts.c.language, interviews.c.started_at)
        .add_columns(*(slots.c[it] for it in ("correct", "score", "seconds", "answer", "seed", "question_hash")))
        .join(interviews, interviews.c.id == slots.c.interview_id)
        .join(accounts, accounts.c.id == interviews.c.account_id)
        .where(slots.c.question_id == name, _SAT)
    )
    return [
        *(_practised(row, versions) for row in connection.execute(practised).mappings().all()),
        *(_sat(row, versions) for row in connection.execute(sat).mappings().all()),
    ]


def item(connection: Connection, entry: Entry, learners: Mapping[int, Share]) -> Item:
    """All figures of one question. `learners` as in `Survey`."""
    answers = answers_of(connection, entry)
    first = {it.account_id: it.right for it in sorted(answers, key=lambda it: it.at, reverse=True)}
    others = {
        account: Share(max(learners[account].right - right, 0), max(learners[account].total - 1, 0))
        for account, right in first.items()
        if account in learners
    }
    question = entry.question if isinstance(entry.question, ChoiceBase) else None
    found = figures(answers, others, question)
    return Item(found, tuple(flags(found)))


def survey(connection: Connection, bank: Bank, now: datetime) -> Survey:
    """Figures for lists, and flags, of every question that was answered. Seconds where there are a million reviews."""
    learners = {row.account_id: Share(row.right, row.total) for row in connection.execute(_of_learners()) if row.total}
    found = _first_tries(connection)
    counts = Counter[str]()
    for query in (_PRACTISED_COUNT, _SAT_COUNT):
        for row in connection.execute(query):
            counts[row.question_id] += row.answers
    options = _option_counts(connection, bank, {name for name, count in counts.items() if count >= UNUSED_ANSWERS})
    items = {}
    for name, of_first in found.items():
        entry = bank.questions.get(name)
        if entry is None:
            continue
        told = options.get(name)
        known = replace(of_first, answers=counts[name])
        if told:
            size = len(entry.question.options) if isinstance(entry.question, ChoiceBase) else 0
            known = replace(known, options=tuple(told[1][index] for index in range(size)), option_answers=told[0])
        if _needs_best(known) and isinstance(entry.question, ChoiceBase):
            known = replace(known, best=item(connection, entry, learners).figures.best)
        items[name] = Item(known, tuple(flags(known)))
    return Survey(now, items, learners)


def _needs_best(found: Figures) -> bool:
    return found.first.total >= KEY_LEARNERS and (found.first.value or 0.0) < KEY_SHARE


class _Versions:
    """The versions of a choice question that answers were given to, as far as they were kept."""

    def __init__(self, connection: Connection, entry: Entry) -> None:
        self._connection = connection
        self._entry = entry
        self._known: dict[str, ChoiceBase | None] = {}

    def options(self, row: RowMapping) -> tuple[int, ...] | None:
        """The chosen options as indices in the present question; None if they can't be told, or are gone."""
        if not isinstance(self._entry.question, ChoiceBase):
            return None
        asked = self._asked(row["question_hash"])
        chosen = chosen_options(asked, row["seed"], row["answer"]) if asked else None
        if chosen is None or asked is None:
            return None
        now_at = {option.text: index for index, option in enumerate(self._entry.question.options)}
        told = tuple(now_at.get(asked.options[index].text, -1) for index in chosen)
        return None if -1 in told else told

    def _asked(self, question_hash: str) -> ChoiceBase | None:
        if question_hash not in self._known:
            current = question_hash == self._entry.hash
            question = self._entry.question if current else frozen_question(self._connection, question_hash)
            self._known[question_hash] = question if isinstance(question, ChoiceBase) else None
        return self._known[question_hash]


def _practised(row: RowMapping, versions: _Versions) -> Answer:
    right, before = bool(row["right"]), row["memory_before"]
    after_days = row["study_day"] - before["last_day"] if before else 0
    return Answer(
        account_id=row["account_id"],
        language=row["language"],
        at=row["reviewed_at"],
        right=right,
        score=float(right) if row["correct"] is None or row["score"] is None else row["score"],
        seconds=row["seconds"],
        options=versions.options(row),
        recalled=row["rating"] > 1 if after_days >= 1 else None,
    )


def _sat(row: RowMapping, versions: _Versions) -> Answer:
    right = bool(row["correct"])
    return Answer(
        account_id=row["account_id"],
        language=row["language"],
        at=row["started_at"],
        right=right,
        score=float(right) if row["score"] is None else row["score"],
        seconds=row["seconds"],
        options=versions.options(row),
    )


def _first() -> Select[Any]:
    """The first try of every learner at every question: account_id, question_id, right."""
    earliest = select(func.min(reviews.c.id)).where(_LIVE).group_by(reviews.c.card_id)
    practised = (
        select(cards.c.account_id, cards.c.question_id, reviews.c.reviewed_at.label("at"), _RIGHT)
        .join(cards, cards.c.id == reviews.c.card_id)
        .where(reviews.c.id.in_(earliest))
        .subquery("practised")
    )
    place = func.row_number().over(
        partition_by=(interviews.c.account_id, slots.c.question_id), order_by=(interviews.c.started_at, slots.c.id)
    )
    numbered = (
        select(interviews.c.account_id, slots.c.question_id, interviews.c.started_at.label("at"))
        .add_columns(cast(slots.c.correct, Integer).label("right"), place.label("place"))
        .join(interviews, interviews.c.id == slots.c.interview_id)
        .where(_SAT)
        .subquery("numbered")
    )
    sat = select(numbered).where(numbered.c.place == 1).cte("sat")
    both = and_(sat.c.account_id == practised.c.account_id, sat.c.question_id == practised.c.question_id)
    right = case((sat.c.at < practised.c.at, sat.c.right), else_=practised.c.right).label("right")
    reviewed = (
        select(reviews.c.id)
        .join(cards, cards.c.id == reviews.c.card_id)
        .where(cards.c.account_id == sat.c.account_id, cards.c.question_id == sat.c.question_id, _LIVE)
    )
    alone = select(sat.c.account_id, sat.c.question_id, sat.c.right).where(~reviewed.exists())
    joined = select(practised.c.account_id, practised.c.question_id, right).join(sat, both, isouter=True)
    return select(union_all(joined, alone).subquery("either"))


def _of_learners() -> Select[Any]:
    first = _first().subquery("first_try")
    return select(first.c.account_id, func.sum(first.c.right).label("right"), func.count().label("total")).group_by(
        first.c.account_id
    )


def _first_tries(connection: Connection) -> dict[str, Figures]:
    """First tries and discrimination of every question, by one statement over sums."""
    first = _first().cte("first_try")
    learner = (
        select(first.c.account_id, func.sum(first.c.right).label("right"), func.count().label("total"))
        .group_by(first.c.account_id)
        .cte("learner")
    )
    paired = learner.c.total > 1
    rest = case((paired, (learner.c.right - first.c.right) * 1.0 / (learner.c.total - 1)), else_=0.0)
    query = (
        select(
            first.c.question_id,
            accounts.c.language,
            func.count().label("total"),
            func.sum(first.c.right).label("right"),
            func.sum(case((paired, 1), else_=0)).label("n"),
            func.sum(case((paired, first.c.right), else_=0)).label("x"),
            func.sum(rest).label("y"),
            func.sum(rest * rest).label("yy"),
            func.sum(rest * first.c.right).label("xy"),
        )
        .join(learner, learner.c.account_id == first.c.account_id)
        .join(accounts, accounts.c.id == first.c.account_id)
        .group_by(first.c.question_id, accounts.c.language)
    )
    rows = defaultdict(list)
    for row in connection.execute(query):
        rows[row.question_id].append(row)
    return {name: _summed(parts) for name, parts in rows.items()}


def _summed(parts: list[Any]) -> Figures:
    n, x, y, yy, xy = (sum(getattr(row, name) for row in parts) for name in ("n", "x", "y", "yy", "xy"))
    return Figures(
        first=Share(sum(row.right for row in parts), sum(row.total for row in parts)),
        discrimination=correlation(n, x, y, x, yy, xy),  # right is 0 or 1, so its square is itself
        by_language={row.language: Share(row.right, row.total) for row in parts},
    )


_PRACTISED_COUNT = (
    select(cards.c.question_id, func.count().label("answers"))
    .join(cards, cards.c.id == reviews.c.card_id)
    .where(_LIVE)
    .group_by(cards.c.question_id)
)
_SAT_COUNT = (
    select(slots.c.question_id, func.count().label("answers"))
    .join(interviews, interviews.c.id == slots.c.interview_id)
    .where(_SAT)
    .group_by(slots.c.question_id)
)


def _option_counts(connection: Connection, bank: Bank, wanted: set[str]) -> dict[str, tuple[int, Counter[int]]]:
    """(answers, answers by option) of the wanted choice questions, of their present version only: cheap for a list."""
    asked: dict[str, tuple[str, ChoiceBase]] = {
        name: (bank.questions[name].hash, question)
        for name in wanted
        if name in bank.questions and isinstance(question := bank.questions[name].question, ChoiceBase)
    }
    if not asked:
        return {}
    totals: dict[str, int] = defaultdict(int)
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for name, question_hash, seed, answer in _given(connection):
        if name not in asked or asked[name][0] != question_hash:
            continue
        chosen = chosen_options(asked[name][1], seed, answer)
        if chosen is not None:
            totals[name] += 1
            counts[name].update(chosen)
    return {name: (totals[name], counts[name]) for name in totals}


def _given(connection: Connection) -> Iterator[tuple[str, str, int, dict[str, Any]]]:

    practised = (
        select(cards.c.question_id, reviews.c.question_hash, reviews.c.seed, reviews.c.answer)
        .join(cards, cards.c.id == reviews.c.card_id)
        .where(_LIVE, reviews.c.answer.is_not(None))
    )
    sat = (
        select(slots.c.question_id, slots.c.question_hash, slots.c.seed, slots.c.answer)
        .join(interviews, interviews.c.id == slots.c.interview_id)
        .where(_SAT)
    )
    for query in (practised, sat):
        for row in connection.execute(query, execution_options={"yield_per": 5000}):
            yield row[0], row[1], row[2], row[3]
