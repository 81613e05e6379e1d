"""The inbox: a learner reports that something is wrong with a question, an editor answers.

A report keeps the version and the seed that the learner saw. Closing it tells the learner what came of it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, func, insert, select, true, update

from app.accounts import audit, notices
from app.accounts.models import QuestionReport
from app.accounts.service import Learner, accounts
from app.bank.catalog import Entry
from app.bank.schema import Lang
from app.errors import N_, Conflict, Invalid, NotFound, TooManyRequests
from app.practice.frozen import freeze
from app.practice.sessions import check_storable

reports: Table = QuestionReport.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it

MAX_TEXT = 2000
MOST_AN_HOUR = 20
PAGE_SIZE = 50
GROUPS = 20  # questions that are listed by their number of reports


class About(StrEnum):
    """What the learner finds wrong."""

    key = "key"
    unclear = "unclear"
    translation = "translation"
    typo = "typo"
    display = "display"
    other = "other"


class ReportOutcome(StrEnum):
    """What came of a report."""

    mended = "mended"
    not_a_fault = "not-a-fault"
    duplicate = "duplicate"


@dataclass(frozen=True)
class Wanted:
    """Which reports to list. None means any; `question_ids` are those of a topic."""

    is_open: bool = True
    about: About | None = None
    question_ids: Collection[str] | None = None


@dataclass(frozen=True)
class Listed:
    """One page of reports, newest first; how many there are; and (question id, reports) of the most reported ones."""

    rows: Sequence[RowMapping]
    total: int
    by_question: Sequence[tuple[str, int]]


def report(
    connection: Connection,
    by: Learner,
    entry: Entry,
    question_hash: str,
    seed: int,
    lang: Lang,
    about: str,
    text: str,
    now: datetime,
) -> int:
    """Keep what a learner says of a question; the report's id.

    `question_hash` is that of the version they saw. Where that is the bank's, it is kept, so that the editor sees the
    same. Invalid if nothing, or too much, is said; TooManyRequests after twenty within an hour.
    """
    if about not in set(About):
        raise Invalid(N_("Say what it is about."))
    text = _checked(text)
    if not text:
        raise Invalid(N_("Say in a few words what is wrong."))
    _refuse_too_many(connection, by.id, now)
    if question_hash == entry.hash:
        freeze(connection, [entry])
    made = insert(reports).values(
        account_id=by.id,
        question_id=entry.question.id,
        question_hash=question_hash,
        seed=seed,
        lang=lang,
        about=about,
        text=text,
        created_at=now,
    )
    report_id: int = connection.execute(made.returning(reports.c.id)).scalar_one()
    return report_id


def listed(connection: Connection, wanted: Wanted, page: int) -> Listed:
    """A page of the inbox, counted from 1."""
    chosen = _chosen(wanted)
    total = connection.execute(select(func.count()).select_from(reports).where(*chosen)).scalar_one()
    newest = select(reports).where(*chosen).order_by(reports.c.created_at.desc(), reports.c.id.desc())
    rows = connection.execute(newest.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).mappings().all()
    many = func.count().label("many")
    groups = (
        select(reports.c.question_id, many)
        .where(*chosen)
        .group_by(reports.c.question_id)
        .order_by(many.desc(), reports.c.question_id)
        .limit(GROUPS)
    )
    return Listed(rows, total, [(row.question_id, row.many) for row in connection.execute(groups)])


def open_count(connection: Connection, question_id: str) -> int:
    """How many open reports there are of one question."""
    query = select(func.count()).select_from(reports)
    query = query.where(reports.c.question_id == question_id, reports.c.closed_at.is_(None))
    count: int = connection.execute(query).scalar_one()
    return count


def load(connection: Connection, report_id: int) -> RowMapping:
    """The report, with the name of who sent it as `reporter` (None once they are gone); NotFound if there is none."""
    query = (
        select(reports, accounts.c.name.label("reporter"))
        .join(accounts, accounts.c.id == reports.c.account_id, isouter=True)
        .where(reports.c.id == report_id)
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound(N_("There is no such report."))
    return row


def close(connection: Connection, by: Learner, report_id: int, outcome: str, reply: str, now: datetime) -> None:
    """Close a report and tell the learner what came of it. Conflict if it is closed already."""
    row = load(connection, report_id)
    if row["closed_at"] is not None:
        raise Conflict(N_("%(name)s closed this report meanwhile."), name=row["closed_by"])
    if outcome not in set(ReportOutcome):
        raise Invalid(N_("Say what came of it."))
    reply = _checked(reply)
    if outcome == ReportOutcome.not_a_fault and not reply:
        raise Invalid(N_("Say why it is no fault: the learner thought it was one."))
    _set(connection, report_id, closed_at=now, closed_by=by.name, outcome=outcome, reply=reply or None)
    about = row["about"]
    if row["account_id"] is not None:
        told: dict[str, Any] = {"about": about, "outcome": outcome, "reply": reply, "report_id": report_id}
        notices.tell(connection, row["account_id"], "report-answered", row["question_id"], now, **told)
    audit.record(connection, by, now, "report.close", row["question_id"], report=report_id, outcome=outcome)


def reopen(connection: Connection, by: Learner, report_id: int, now: datetime) -> None:
    """Take a closed report up again; the reply stays as a draft of the next one. Conflict if it is open."""
    row = load(connection, report_id)
    if row["closed_at"] is None:
        raise Conflict(N_("This report is open already."))
    _set(connection, report_id, closed_at=None, closed_by=None, outcome=None)
    audit.record(connection, by, now, "report.reopen", row["question_id"], report=report_id)


def _set(connection: Connection, report_id: int, **values: object) -> None:
    connection.execute(update(reports).where(reports.c.id == report_id).values(**values))


def _chosen(wanted: Wanted) -> list[ColumnElement[bool]]:
    closed_at = reports.c.closed_at
    return [
        closed_at.is_(None) if wanted.is_open else closed_at.is_not(None),
        reports.c.about == wanted.about if wanted.about else true(),
        reports.c.question_id.in_(list(wanted.question_ids)) if wanted.question_ids is not None else true(),
    ]


def _checked(text: str) -> str:
    """What a person wrote, without the space round it. A form sends CRLF where JSON sends LF."""
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    check_storable({"text": text})
    if len(text) > MAX_TEXT:
        raise Invalid(N_("At most %(most)s characters."), most=f"{MAX_TEXT:,}")
    return text


def _refuse_too_many(connection: Connection, account_id: int, now: datetime) -> None:
    """Counted in the database, so that a restart or a second process forgets nothing."""
    query = select(func.count()).select_from(reports)
    query = query.where(reports.c.account_id == account_id, reports.c.created_at > now - timedelta(hours=1))
    if connection.execute(query).scalar_one() >= MOST_AN_HOUR:
        raise TooManyRequests(
            N_("You sent %(most)s reports within an hour. Thank you."),
            N_("Nothing was sent; try again later."),
            most=MOST_AN_HOUR,
        )
