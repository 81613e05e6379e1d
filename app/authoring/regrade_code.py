"""Grading code again after the key of its question was mended: what mock interviews that are over are marked by, and
each learner's last solution in practice.

Such a solution waits in the database beside the submission that it was marked by, which counts until the new report is
stored: nobody's mark is missing meanwhile, and where grading breaks for good the old one stays. `Sweeper` gives what
waits to the graders a few at a time, when nobody waits for a first verdict; it looks in the database, because a mend
may also come from the command line, and so that nothing is lost when a server stops.

What a learner rated in practice stays: there the new verdict stands on the code page, and they are told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, RowMapping, delete, exists, func, insert, select, update

from app.accounts.notices import notices, tell
from app.bank.catalog import Entry
from app.bank.schema import Code, Question
from app.grading.models import Submission
from app.grading.verdict import Report, Verdict
from app.interview.marking import MAX_ATTEMPTS, worth
from app.interview.store import interviews, slots
from app.practice.coding import REGRADE, keep_report, submissions
from app.practice.frozen import frozen_question

# What a verdict follows from. `wrong` and `accepted` solutions try the key in the gate; no learner's verdict depends on
# them.
KEY = {"reference", "cases", "given", "contract", "limits", "allowed_imports", "forbidden_calls"}
TASK = {"function", "lib"}  # what code was written for: with another it can't be graded
BATCH = 100


def solutions(connection: Connection, before: Question, after: Question) -> list[str]:
    """The newest submission of every solution that a change of the key bears on, by its id: of those that are marked,
    or wait to be, by a version with the same key as `before`. None if `after` has the same key too."""
    if not isinstance(before, Code) or _key(before) == _key(after):
        return []
    newest = [*_of_interviews(connection, before.id), *_of_practice(connection, before.id)]
    alike = {
        question_hash
        for question_hash in {row["question_hash"] for row in newest}
        if (version := frozen_question(connection, question_hash)) and _key(version) == _key(before)
    }
    return [row["id"] for row in newest if row["question_hash"] in alike]


def asks_the_same(before: Question, after: Question) -> bool:
    """Whether code for the one can be graded by the other."""
    return isinstance(after, Code) and before.model_dump(include=TASK) == after.model_dump(include=TASK)


def send(connection: Connection, ids: Sequence[str], after: Entry, now: datetime) -> None:
    """Let these solutions wait to be graded by `after`; one that waits for an earlier mend waits for this instead."""
    for begin in range(0, len(ids), BATCH):
        some = ids[begin : begin + BATCH]
        sent = connection.execute(select(submissions).where(submissions.c.id.in_(some))).mappings().all()
        connection.execute(insert(submissions), [_again(row, after.hash, now) for row in sent])
        connection.execute(delete(submissions).where(submissions.c.id.in_(some), submissions.c.status == REGRADE))


def waiting(connection: Connection, limit: int) -> list[Mapping[str, Any]]:
    """The first of those that wait, oldest first."""
    query = select(submissions).where(submissions.c.status == REGRADE).order_by(submissions.c.created_at).limit(limit)
    return [{**row} for row in connection.execute(query).mappings()]


def keep(connection: Connection, submission_id: str, report: Report, now: datetime) -> bool:
    """Store the report and let the solution's mark follow it; False if this is no solution that is graded again.

    Should grading have broken, the old mark stays, and it is tried again a few times.
    """
    query = select(submissions).where(submissions.c.id == submission_id, submissions.c.status == REGRADE)
    row = connection.execute(query).mappings().first()
    if row is None:
        return False
    keep_report(connection, submission_id, report, now)
    if report.verdict == Verdict.internal_error:
        _try_again(connection, row, now)
    elif row["interview_slot_id"] is None:
        _tell_of(connection, row, _marked_by(connection, row), now)
    else:
        _mark_slot(connection, row, now)
    return True


def _of_interviews(connection: Connection, question_id: str) -> Iterable[RowMapping]:
    """The newest submission for each time that the question was asked in an interview that is over."""
    query = (
        select(submissions.c.id, submissions.c.interview_slot_id, submissions.c.question_hash)
        .join(slots, slots.c.id == submissions.c.interview_slot_id)
        .join(interviews, interviews.c.id == slots.c.interview_id)
        .where(slots.c.question_id == question_id, submissions.c.mode == "submit", interviews.c.ended_at.is_not(None))
        .order_by(submissions.c.created_at)
    )
    return {row["interview_slot_id"]: row for row in connection.execute(query).mappings()}.values()


def _of_practice(connection: Connection, question_id: str) -> Iterable[RowMapping]:
    """Each learner's newest submission in practice."""
    query = (
        select(submissions.c.id, submissions.c.account_id, submissions.c.question_hash)
        .where(
            submissions.c.question_id == question_id,
            submissions.c.mode == "submit",
            submissions.c.interview_slot_id.is_(None),
            submissions.c.status != "cancelled",
        )
        .order_by(submissions.c.created_at)
    )
    return {row["account_id"]: row for row in connection.execute(query).mappings()}.values()


def _key(question: Question) -> str | None:
    if not isinstance(question, Code):
        return None
    return json.dumps(question.model_dump(mode="json", include=KEY), sort_keys=True)


def _again(row: RowMapping, question_hash: str, now: datetime) -> dict[str, Any]:
    """The same code with the same seed: its cases are the same as far as the mend left them."""
    names = ("account_id", "question_id", "code", "mode", "seed", "interview_slot_id")
    of = {name: row[name] for name in names}
    new = Submission(id=str(uuid4()), question_hash=question_hash, status=REGRADE, created_at=now, **of)
    return new.model_dump()


def _try_again(connection: Connection, row: RowMapping, now: datetime) -> None:
    broke = (
        *(submissions.c[name] == row[name] for name in ("account_id", "question_id", "question_hash", "mode")),
        submissions.c.interview_slot_id.is_not_distinct_from(row["interview_slot_id"]),
        submissions.c.verdict == Verdict.internal_error,
    )
    if connection.execute(select(func.count()).where(*broke)).scalar_one() < MAX_ATTEMPTS:
        connection.execute(insert(submissions).values(_again(row, row["question_hash"], now)))
    elif row["interview_slot_id"] is None:  # else the code page would show its learner what they never asked for
        connection.execute(delete(submissions).where(*broke))


def _mark_slot(connection: Connection, row: RowMapping, now: datetime) -> None:
    """The new report is what the interview's question is marked by from now on."""
    query = select(slots).where(slots.c.id == row["interview_slot_id"])
    slot = connection.execute(query).mappings().first()
    if slot is None:  # its learner has deleted the interview
        return
    marked_by = connection.execute(select(submissions).where(submissions.c.id == slot["submission_id"])).mappings()
    values = {"submission_id": row["id"], "regraded_at": now}
    connection.execute(update(slots).where(slots.c.id == slot["id"]).values(**values))
    _tell_of(connection, row, marked_by.first(), now, slot)


def _marked_by(connection: Connection, row: RowMapping) -> RowMapping | None:
    """What told in practice whether this code was right, before it was graded again."""
    query = (
        select(submissions)
        .where(
            *(submissions.c[name] == row[name] for name in ("account_id", "question_id", "mode", "code")),
            submissions.c.interview_slot_id.is_(None),
            submissions.c.status == "done",
            submissions.c.verdict != Verdict.internal_error,
            submissions.c.id != row["id"],
            submissions.c.created_at <= row["created_at"],
        )
        .order_by(submissions.c.created_at.desc())
        .limit(1)
    )
    return connection.execute(query).mappings().first()


def _tell_of(
    connection: Connection, row: RowMapping, marked_by: RowMapping | None, now: datetime, slot: RowMapping | None = None
) -> None:
    """Who had a mark and has another now is told, once for a mend, however many of their solutions it changed."""
    graded = connection.execute(select(submissions).where(submissions.c.id == row["id"])).mappings().one()
    before, after = worth({**marked_by} if marked_by else None), worth({**graded})
    if before is None or after is None or before == after or _is_told(connection, row):
        return
    answered_at = slot["saved_at"] if slot else marked_by and marked_by["created_at"]
    tell(
        connection, row["account_id"], "regraded", row["question_id"], now,
        was_correct=before[0], is_correct=after[0], answered_at=answered_at.isoformat() if answered_at else None,
        **({"interview_id": slot["interview_id"]} if slot else {}),
    )  # fmt: skip


def _is_told(connection: Connection, row: RowMapping) -> bool:
    since_the_mend = exists().where(
        notices.c.account_id == row["account_id"],
        notices.c.kind == "regraded",
        notices.c.question_id == row["question_id"],
        notices.c.created_at >= row["created_at"],
    )
    return bool(connection.execute(select(since_the_mend)).scalar())
