"""A learner's mock interviews out of the database and into another. One that is under way stays where it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, RowMapping, insert, select

from app.bank.schema import Question
from app.bank.schema.blueprint import Blueprint
from app.errors import N_, Invalid
from app.interop.learner_data import (
    InterviewDraftRecord,
    InterviewRecord,
    InterviewSlotRecord,
    SubmissionRecord,
)
from app.interop.reports import checked
from app.interview.store import drafts, interviews, slots
from app.practice.coding import submissions
from app.practice.frozen import frozen, keep

_question: TypeAdapter[Question] = TypeAdapter(Question)


def gather(connection: Connection, account_id: int) -> Iterator[InterviewRecord]:
    """Those that are over, oldest first."""
    query = select(interviews).where(interviews.c.account_id == account_id, interviews.c.ended_at.is_not(None))
    for row in connection.execute(query.order_by(interviews.c.started_at)).mappings().all():
        of = select(slots).where(slots.c.interview_id == row["id"]).order_by(slots.c.number)
        asked = connection.execute(of).mappings().all()
        hashes = [slot["question_hash"] for slot in asked]
        kept = connection.execute(select(frozen).where(frozen.c.hash.in_(hashes))).mappings()
        values = {name: row[name] for name in InterviewRecord.model_fields if name not in ("slots", "questions")}
        yield InterviewRecord.model_validate(
            values
            | {
                "slots": tuple(_slot(connection, slot) for slot in asked),
                "questions": {question["hash"]: question["body"] for question in kept},
            }
        )


def restore(connection: Connection, account_id: int, record: InterviewRecord) -> None:
    """Take an interview over. Invalid if its plan, a question or a report is not what it says."""
    _check(record)
    values = record.model_dump(exclude={"slots", "questions"})
    ended = {"account_id": account_id, "latest_end_at": record.ended_at, "known_at": record.ended_at}
    made = insert(interviews).values(**values, **ended).returning(interviews.c.id)
    interview_id: int = connection.execute(made).scalar_one()
    keep(connection, record.questions)
    for slot in record.slots:
        _restore_slot(connection, account_id, interview_id, slot)


def _restore_slot(connection: Connection, account_id: int, interview_id: int, slot: InterviewSlotRecord) -> None:
    ids = [str(uuid4()) for _ in slot.submissions]
    values = slot.model_dump(exclude={"drafts", "submissions", "graded"})
    graded = None if slot.graded is None else ids[slot.graded]
    made = insert(slots).values(interview_id=interview_id, submission_id=graded, **values).returning(slots.c.id)
    slot_id: int = connection.execute(made).scalar_one()
    for draft in slot.drafts:
        connection.execute(insert(drafts).values(slot_id=slot_id, **draft.model_dump()))
    for submission_id, sent in zip(ids, slot.submissions, strict=True):
        of = {"id": submission_id, "account_id": account_id, "interview_slot_id": slot_id}
        status = "done" if sent.report else "cancelled"
        values = sent.model_dump() | {"report": checked(sent.report)}
        connection.execute(insert(submissions).values(status=status, **of, **values))


def _slot(connection: Connection, row: RowMapping) -> InterviewSlotRecord:
    kept = select(drafts).where(drafts.c.slot_id == row["id"]).order_by(drafts.c.id)
    sent = (
        select(submissions)
        .where(submissions.c.interview_slot_id == row["id"], submissions.c.status.in_(("done", "cancelled")))
        .order_by(submissions.c.created_at)
    )
    found = connection.execute(sent).mappings().all()
    ids = [submission["id"] for submission in found]
    names = set(InterviewSlotRecord.model_fields) - {"drafts", "submissions", "graded"}
    return InterviewSlotRecord.model_validate(
        {name: row[name] for name in names}
        | {
            "drafts": tuple(
                InterviewDraftRecord.model_validate(_of(it, InterviewDraftRecord.model_fields))
                for it in connection.execute(kept).mappings()
            ),
            "submissions": tuple(
                SubmissionRecord.model_validate(_of(it, SubmissionRecord.model_fields)) for it in found
            ),
            "graded": ids.index(row["submission_id"]) if row["submission_id"] in ids else None,
        }
    )


def _check(record: InterviewRecord) -> None:
    """What the pages show and the graders run is only taken over if it is what it says."""
    asked = {slot.question_hash for slot in record.slots}
    outside = any(slot.graded is not None and slot.graded >= len(slot.submissions) for slot in record.slots)
    try:
        Blueprint.model_validate_json(json.dumps(record.plan))
        for body in record.questions.values():
            _question.validate_json(json.dumps(body))
    except ValidationError:
        raise Invalid(N_("An interview in the file can't be read.")) from None
    if outside or not asked <= set(record.questions):
        raise Invalid(N_("An interview in the file can't be read."))


def _of(row: RowMapping, names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in names}
