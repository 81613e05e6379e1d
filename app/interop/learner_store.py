"""One learner's data out of the database and into another, whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import Connection, RowMapping, Table, insert, select, update

from app.accounts.models import Account, Notice, QuestionReport
from app.errors import N_, Conflict
from app.grading.models import Submission, Workspace
from app.grading.tries import shown_report
from app.interop import interview_store
from app.interop.learner_data import (
    CardRecord,
    DraftRecord,
    LearnerExport,
    LearnerSettings,
    NoticeRecord,
    QuestionReportRecord,
    ReviewRecord,
    SubmissionRecord,
)
from app.interop.reports import checked
from app.interview.store import interviews
from app.scheduling import store
from app.scheduling.schedule import Memory, State
from app.scheduling.store import cards, memory_of, reviews

accounts: Table = Account.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it
submissions: Table = Submission.__table__  # type: ignore[attr-defined]  # as above
workspaces: Table = Workspace.__table__  # type: ignore[attr-defined]  # as above
notices: Table = Notice.__table__  # type: ignore[attr-defined]  # as above
reports: Table = QuestionReport.__table__  # type: ignore[attr-defined]  # as above

Told = TypeVar("Told", NoticeRecord, QuestionReportRecord)

SETTLED = ("done", "cancelled")


def gather(connection: Connection, account_id: int, now: datetime) -> LearnerExport:
    """Everything that is the learner's own: settings, cards, reviews, drafts, ended submissions, ended interviews."""
    settings = connection.execute(select(accounts).where(accounts.c.id == account_id)).mappings().one()
    named = select(reviews, cards.c.question_id).join(cards, cards.c.id == reviews.c.card_id)
    return LearnerExport(
        exported_at=now,
        settings=LearnerSettings.model_validate(_of(settings, LearnerSettings.model_fields)),
        cards=tuple(_card(row) for row in _rows(connection, select(cards).where(cards.c.account_id == account_id))),
        reviews=tuple(
            _review(row)
            for row in _rows(connection, named.where(reviews.c.account_id == account_id).order_by(reviews.c.id))
        ),
        drafts=tuple(
            DraftRecord.model_validate(_of(row, DraftRecord.model_fields))
            for row in _rows(connection, select(workspaces).where(workspaces.c.account_id == account_id))
        ),
        submissions=tuple(
            _submission(connection, row)
            for row in _rows(
                connection,
                select(submissions)
                .where(
                    submissions.c.account_id == account_id,
                    submissions.c.status.in_(SETTLED),
                    submissions.c.interview_slot_id.is_(None),
                )
                .order_by(submissions.c.created_at),
            )
        ),
        interviews=tuple(interview_store.gather(connection, account_id)),
        notices=_told(connection, notices, NoticeRecord, account_id),
        reports=_told(connection, reports, QuestionReportRecord, account_id),
    )


def restore(connection: Connection, account_id: int, learner: LearnerExport) -> None:
    """Take everything over but notices and reports, which speak of the server that they come from.

    Conflict if the account has cards, drafts or submissions: nothing is overwritten. Invalid if a submission's report
    is none.
    """
    if any(
        connection.execute(select(table.c.account_id).where(table.c.account_id == account_id).limit(1)).first()
        for table in (cards, workspaces, submissions, interviews)
    ):
        raise Conflict(N_("This account has practised already."), N_("Import into an account without any practice."))
    settings = learner.settings.model_dump()
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(**settings))
    for card in learner.cards:
        memory = asdict(card.memory) if card.memory else dict(store.NO_MEMORY)
        values = card.model_dump(exclude={"memory"}) | memory
        connection.execute(insert(cards).values(account_id=account_id, **values))
    query = select(cards.c.question_id, cards.c.id).where(cards.c.account_id == account_id)
    card_ids = {row.question_id: row.id for row in connection.execute(query)}
    for review in learner.reviews:
        connection.execute(insert(reviews).values(account_id=account_id, **_review_row(review, card_ids)))
    for draft in learner.drafts:
        connection.execute(insert(workspaces).values(account_id=account_id, **draft.model_dump()))
    for submission in learner.submissions:
        values = submission.model_dump() | {"report": checked(submission.report)}
        status = "done" if submission.report else "cancelled"
        connection.execute(insert(submissions).values(id=str(uuid4()), account_id=account_id, status=status, **values))
    for interview in learner.interviews:
        interview_store.restore(connection, account_id, interview)


def _told(connection: Connection, table: Table, kind: type[Told], account_id: int) -> tuple[Told, ...]:
    """The account's rows of a table as records, oldest first."""
    query = select(table).where(table.c.account_id == account_id).order_by(table.c.id)
    return tuple(kind.model_validate(_of(row, kind.model_fields)) for row in _rows(connection, query))


def _rows(connection: Connection, query: Any) -> Iterable[RowMapping]:
    return connection.execute(query).mappings()


def _of(row: RowMapping, names: Iterable[str]) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _submission(connection: Connection, row: RowMapping) -> SubmissionRecord:
    """A submission, its report as the learner may see it now."""
    values = _of(row, SubmissionRecord.model_fields)
    if row["report"] is not None:
        rated_at = store.last_rated_at(connection, row["account_id"], row["question_id"])
        values["report"] = shown_report(connection, row, rated_at).model_dump(mode="json")
    return SubmissionRecord.model_validate(values)


def _card(row: RowMapping) -> CardRecord:
    values = _of(row, (name for name in CardRecord.model_fields if name != "memory"))
    return CardRecord.model_validate(values | {"memory": memory_of(row)})


def _review(row: RowMapping) -> ReviewRecord:
    values = _of(row, ReviewRecord.model_fields)
    before = row["memory_before"]
    values["memory_before"] = Memory.from_dict(before) if before else None
    values["memory_after"] = Memory.from_dict(row["memory_after"])
    return ReviewRecord.model_validate(values)


def _review_row(review: ReviewRecord, card_ids: dict[str, int]) -> dict[str, Any]:
    before, after = review.memory_before, review.memory_after
    values = review.model_dump(exclude={"question_id", "memory_before", "memory_after"})
    return values | {
        "card_id": card_ids[review.question_id],
        "item_id": None,
        "is_new": before is None,
        "was_review": before is not None and before.state is State.review,
        "memory_before": before.as_dict() if before else None,
        "memory_after": after.as_dict(),
    }
