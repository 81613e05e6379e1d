"""Marking stored answers anew after the key of a question was mended, and telling those it concerns.

An answer is marked by the version it was given to and by the new one; only where these two differ does it change. It
keeps the version it was given to. What the learner rated stays, and so do the memories made of it: a rating is the
learner's own word, and whether memories begin afresh is decided beside this, in `publishing`. Code has to be run to be
marked, which takes its time: `regrade_code` lets it wait.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, Table, bindparam, null, select, update

from app.accounts.notices import tell_all
from app.authoring import regrade_code
from app.authoring.rekeyed import rekeyed
from app.bank.catalog import Entry
from app.bank.schema import Question
from app.grading.answers import grade_answer
from app.grading.outcome import Outcome
from app.grading.verdict import BrokenQuestion
from app.interview.store import interviews, slots
from app.practice.frozen import frozen_question
from app.practice.models import ItemState
from app.practice.sessions import items, sessions, suggest
from app.scheduling.store import cards, reviews

OBJECTIVE = frozenset({"single-choice", "multi-choice", "numeric", "cloze", "ordering", "matching"})
BATCH = 1000
_UNREADABLE = (BrokenQuestion, LookupError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True)
class Regraded:
    """How many stored answers were given another mark, how many can't be marked by the new version at all, and how many
    solutions in code wait to be graded again."""

    changed: int = 0
    unmarked: int = 0
    sent: int = 0


@dataclass(frozen=True)
class _Change:
    """A stored answer that is worth something else now. `answer` is the same answer under the new version's keys."""

    row: Mapping[str, Any]
    answer: Mapping[str, Any]
    outcome: Outcome


@dataclass(frozen=True)
class _Mark:
    """What an answer is worth by the new version and by its own. `answer` is it under the new version's keys, None
    where it can't be marked by the new one at all."""

    answer: Mapping[str, Any] | None
    outcome: Outcome | None = None
    was: Outcome | None = None


_UNMARKED = _Mark(None)
_Given = tuple[str, int, str]  # hash of the version, seed, answer: all that a mark depends on beside the new version


@dataclass(frozen=True)
class Foreseen:
    """Marks that were worked out before the transaction that publishes, so that others don't wait for the writer
    meanwhile. Answers that came since are marked there."""

    after_hash: str
    marks: Mapping[_Given, _Mark]


@dataclass
class _Marks:
    """Marks of answers to any version of the question by the new one. `alike` are versions that meant the same as the
    one before it; an answer to another is only marked again where an earlier mend had done so."""

    after: Question
    versions: Mapping[str, Question]
    alike: frozenset[str]
    known: dict[_Given, _Mark] = field(default_factory=dict)
    unmarked: int = 0

    def changes(self, connection: Connection, query: Select[Any]) -> list[_Change]:
        streamed = connection.execute(query.execution_options(yield_per=BATCH)).mappings()
        found = (self._change(row) for rows in streamed.partitions() for row in rows)
        return [change for change in found if change is not None]

    def _change(self, row: RowMapping) -> _Change | None:
        version = self.versions.get(row["question_hash"])
        if version is None or (row["regraded_at"] is None and row["question_hash"] not in self.alike):
            return None
        given = (row["question_hash"], row["seed"], json.dumps(row["answer"]))
        mark = self.known.get(given)
        if mark is None:
            mark = self.known[given] = self._mark(version, row["seed"], row["answer"])
        if mark.answer is None or mark.outcome is None or mark.was is None:
            self.unmarked += 1
            return None
        is_so = (row["correct"], row["score"]) == _worth(mark.outcome)
        stands = row["regraded_at"] is None and _worth(mark.was) == _worth(mark.outcome)
        return None if is_so or stands else _Change({**row}, mark.answer, mark.outcome)

    def _mark(self, version: Question, seed: int, given: Mapping[str, Any]) -> _Mark:
        try:
            answer = rekeyed(version, self.after, seed, given)
            if answer is None:
                return _UNMARKED
            outcome = grade_answer(self.after, seed, answer, finished=False)
            return _Mark(answer, outcome, grade_answer(version, seed, given, finished=False))
        except _UNREADABLE:
            return _UNMARKED


def foresee(connection: Connection, before: Entry | None, after: Entry) -> Foreseen:
    """Work out the marks of all answers there are, for `regrade`. Changes nothing."""
    marks = _marks(connection, before, after) if before and before.question.kind != "code" else None
    if before is not None and marks is not None:
        for query in (_rated, _waiting, _asked):
            marks.changes(connection, query(before.question.id))
    return Foreseen(after.hash, marks.known if marks else {})


def regrade(
    connection: Connection, before: Entry, after: Entry, now: datetime, foreseen: Foreseen | None = None
) -> Regraded:
    """Mark anew the answers to `before`, and leave a notice for each learner whose mark changed."""
    if before.question.kind == "code":
        found, told = _code(connection, before, after)
        if told.sent:
            regrade_code.send(connection, found, after, now)
        return told
    marks = _marks(connection, before, after)
    if marks is None:
        return Regraded()
    if foreseen is not None and foreseen.after_hash == after.hash:
        marks.known.update(foreseen.marks)
    question_id = before.question.id
    rated = marks.changes(connection, _rated(question_id))
    waiting = marks.changes(connection, _waiting(question_id))
    asked = marks.changes(connection, _asked(question_id))
    _keep(connection, reviews, rated, regraded_at=now)
    _keep(connection, items, [replace(it, row={"id": it.row["item_id"]}) for it in rated if it.row["item_id"]])
    _keep(connection, slots, asked, regraded_at=now)
    _renew(connection, waiting, after)
    _tell(connection, question_id, [*rated, *waiting, *asked], now)
    return Regraded(len(rated) + len(waiting) + len(asked), marks.unmarked)


def would_regrade(connection: Connection, before: Entry, after: Entry) -> Regraded:
    """What `regrade` would do. Changes nothing."""
    if before.question.kind == "code":
        return _code(connection, before, after)[1]
    marks = _marks(connection, before, after)
    if marks is None:
        return Regraded()
    queries = (query(before.question.id) for query in (_rated, _waiting, _asked))
    changed = sum(len(marks.changes(connection, query)) for query in queries)
    return Regraded(changed, marks.unmarked)


def _code(connection: Connection, before: Entry, after: Entry) -> tuple[list[str], Regraded]:
    """The solutions that the mend bears on, and what becomes of them."""
    found = regrade_code.solutions(connection, before.question, after.question)
    same = regrade_code.asks_the_same(before.question, after.question)
    return found, Regraded(sent=len(found)) if same else Regraded(unmarked=len(found))


def _marks(connection: Connection, before: Entry, after: Entry) -> _Marks | None:
    """None where no mark can have changed: what is cosmetic bears on none, and some kinds are marked by people."""
    if before.meaning_hash == after.meaning_hash or before.question.kind not in OBJECTIVE:
        return None
    versions = {before.hash: before.question}
    for question_hash in _hashes(connection, before.question.id) - {before.hash}:
        if kept := frozen_question(connection, question_hash):
            versions[question_hash] = kept
    alike = {
        question_hash
        for question_hash, question in versions.items()
        if Entry(question, before.topic, before.area, Path(), 0).meaning_hash == before.meaning_hash
    }
    return _Marks(after.question, versions, frozenset(alike))


def _hashes(connection: Connection, question_id: str) -> set[str]:
    queries = (_rated(question_id), _waiting(question_id), _asked(question_id))
    return {
        question_hash
        for query in queries
        for question_hash in connection.execute(
            query.with_only_columns(query.selected_columns.question_hash).distinct()
        ).scalars()
    }


def _rated(question_id: str) -> Select[Any]:
    names = ("id", "account_id", "item_id", "question_hash", "seed", "answer", "correct", "score", "regraded_at")
    return (
        select(*(reviews.c[name] for name in names), reviews.c.reviewed_at.label("answered_at"))
        .join(cards, cards.c.id == reviews.c.card_id)
        .where(
            cards.c.question_id == question_id,
            reviews.c.undone_at.is_(None),
            reviews.c.answer.is_not(None),
            reviews.c.correct.is_not(None),
        )
    )


def _waiting(question_id: str) -> Select[Any]:
    """Answers of sessions under way that the learner has seen marked, but not rated."""
    names = ("id", "question_hash", "seed", "answer", "correct", "score", "seconds", "hinted", "answered_at")
    return (
        select(*(items.c[name] for name in names), sessions.c.account_id, null().label("regraded_at"))
        .join(cards, cards.c.id == items.c.card_id)
        .join(sessions, sessions.c.id == items.c.session_id)
        .where(
            cards.c.question_id == question_id,
            items.c.state == ItemState.answered,
            items.c.answer.is_not(None),
            items.c.correct.is_not(None),
        )
    )


def _asked(question_id: str) -> Select[Any]:
    """Answers of interviews that are over."""
    names = ("id", "interview_id", "question_hash", "seed", "answer", "correct", "score", "regraded_at")
    return (
        select(*(slots.c[name] for name in names), slots.c.saved_at.label("answered_at"), interviews.c.account_id)
        .join(interviews, interviews.c.id == slots.c.interview_id)
        .where(
            slots.c.question_id == question_id,
            interviews.c.ended_at.is_not(None),
            slots.c.answer.is_not(None),
            slots.c.correct.is_not(None),
        )
    )


def _keep(connection: Connection, table: Table, changes: Sequence[_Change], **values: object) -> None:
    new: dict[str, Any] = {"correct": bindparam("is_correct"), "score": bindparam("is_worth")}
    statement = update(table).where(table.c.id == bindparam("row_id")).values(**new, **values)
    rows = [{"row_id": it.row["id"], "is_correct": it.outcome.correct, "is_worth": it.outcome.score} for it in changes]
    if rows:
        connection.execute(statement, rows)


def _renew(connection: Connection, changes: Sequence[_Change], after: Entry) -> None:
    """An answer that waits for its rating is shown with its reasons: they must be those of the mended question."""
    for change in changes:
        row, outcome = change.row, change.outcome
        values = {
            "answer": dict(change.answer),
            "correct": outcome.correct,
            "score": outcome.score,
            "suggested_rating": suggest(outcome, row["seconds"] or 0.0, after, row["hinted"]),
            "question_hash": after.hash,
        }
        connection.execute(update(items).where(items.c.id == row["id"]).values(values))


def _tell(connection: Connection, question_id: str, changes: Sequence[_Change], now: datetime) -> None:
    """One notice a learner, of their last answer with another mark; of one in an interview if there is any."""
    told: dict[int, dict[str, Any]] = {}
    for change in sorted(changes, key=_weight):
        told[change.row["account_id"]] = {
            "was_correct": change.row["correct"],
            "is_correct": change.outcome.correct,
            "answered_at": change.row["answered_at"].isoformat() if change.row["answered_at"] else None,
            "interview_id": change.row.get("interview_id"),
        }
    tell_all(connection, "regraded", question_id, now, told)


def _weight(change: _Change) -> tuple[bool, float]:
    answered_at = change.row["answered_at"]
    return change.row.get("interview_id") is not None, answered_at.timestamp() if answered_at else 0.0


def _worth(outcome: Outcome) -> tuple[bool | None, float]:
    return outcome.correct, outcome.score
