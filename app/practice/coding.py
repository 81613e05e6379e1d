"""Coding questions at the learner's desk: the draft, hints, submissions and what they mean for a turn.

Grading itself is `grading.queue`'s; here its reports are kept, each exactly once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Connection, RowMapping, Table, delete, func, insert, select, update

from app.bank.catalog import Bank, Entry
from app.errors import N_, Conflict, Invalid, NotFound, TooLarge, Unavailable
from app.grading.code import parse_custom
from app.grading.models import Submission, Workspace
from app.grading.tries import shown_report
from app.grading.verdict import Report, Verdict
from app.practice import sessions
from app.practice.frozen import freeze
from app.practice.models import ItemState
from app.practice.today import Person
from app.scheduling import store
from app.scheduling.schedule import Reviewed

submissions: Table = Submission.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it
workspaces: Table = Workspace.__table__  # type: ignore[attr-defined]  # as above

MAX_CODE_BYTES = 64 * 1024
MAX_UNFINISHED = 128
MAX_UNFINISHED_OF_ONE = 16  # so that one person cannot take all the room
UNFINISHED = ("queued", "running")
REGRADE = "regrade"  # the status of code that waits to be graded again, behind all that is graded for the first time
Mode = Literal["run", "submit"]


@dataclass(frozen=True)
class Desk:
    """What lies on the learner's desk for one question. `code` is None while the starter is untouched."""

    code: str | None = None
    saved_at: datetime | None = None
    hints_shown: int = 0
    revealed: bool = False


@dataclass(frozen=True)
class Kept:
    """A submission whose end is stored: what it was, and when it was sent."""

    mode: Mode
    sent_at: datetime


def desk(connection: Connection, account_id: int, question_id: str) -> Desk:
    query = select(workspaces).where(workspaces.c.account_id == account_id, workspaces.c.question_id == question_id)
    row = connection.execute(query).mappings().first()
    return Desk(**{name: row[name] for name in Desk.__dataclass_fields__}) if row else Desk()


def save_draft(connection: Connection, account_id: int, entry: Entry, code: str, now: datetime) -> None:
    """Keep what is being written. It never becomes a submission by itself."""
    check_code(code)
    _put(connection, account_id, entry, code=code, saved_at=now)


def take_hint(connection: Connection, account_id: int, entry: Entry) -> Desk:
    """Show one more hint; Conflict when all are shown."""
    question = entry.question
    seen = desk(connection, account_id, question.id)
    if question.kind != "code" or seen.hints_shown >= len(question.hints):
        raise Conflict(N_("There are no more hints for this question."))
    _put(connection, account_id, entry, hints_shown=seen.hints_shown + 1)
    return desk(connection, account_id, question.id)


def reveal(connection: Connection, account_id: int, entry: Entry) -> Desk:
    """Show the solution: the learner gives up this time."""
    _put(connection, account_id, entry, revealed=True)
    return desk(connection, account_id, entry.question.id)


def clear_desk(connection: Connection, account_id: int, question_id: str) -> None:
    """After a rating the next attempt starts afresh: hints covered, and a submitted draft put away.

    A draft that was never submitted stays: nobody else has a copy of it.
    """
    left = desk(connection, account_id, question_id)
    submitted = select(submissions.c.id).where(
        submissions.c.account_id == account_id,
        submissions.c.question_id == question_id,
        submissions.c.code == (left.code or ""),
    )
    mine = (workspaces.c.account_id == account_id) & (workspaces.c.question_id == question_id)
    if left.code is None or connection.execute(submitted.limit(1)).first():
        connection.execute(delete(workspaces).where(mine))
    else:
        connection.execute(update(workspaces).where(mine).values(hints_shown=0, revealed=False))


def submit(
    connection: Connection,
    account_id: int,
    entry: Entry,
    code: str,
    mode: Mode,
    custom: str | None,
    rng: Random,
    now: datetime,
) -> str:
    """Keep a submission, queued; its id. The draft becomes the code that was sent.

    `custom` are arguments of the learner's own to run with; MalformedAnswer if they can't be read. Unavailable when
    too much waits to be graded.
    """
    check_code(code)
    if custom is not None:
        parse_custom(custom)
    _require_room(connection, account_id)
    submission_id = store_submission(connection, account_id, entry, code, mode, custom=custom, rng=rng, now=now)
    _put(connection, account_id, entry, code=code, saved_at=now)
    return submission_id


def store_submission(
    connection: Connection,
    account_id: int,
    entry: Entry,
    code: str,
    mode: Mode,
    *,
    custom: str | None = None,
    rng: Random,
    now: datetime,
    interview_slot_id: int | None = None,
) -> str:
    """Keep a submission, queued, however much waits already, and the question as it is asked; its id."""
    freeze(connection, [entry])
    submission_id = str(uuid4())
    row = Submission(
        id=submission_id,
        account_id=account_id,
        question_id=entry.question.id,
        question_hash=entry.hash,
        code=code,
        mode=mode,
        custom=custom,
        seed=rng.randrange(sessions.SEEDS),
        created_at=now,
        interview_slot_id=interview_slot_id,
    )
    connection.execute(insert(submissions).values(row.model_dump()))
    return submission_id


def submission(connection: Connection, account_id: int, submission_id: str) -> Mapping[str, Any]:
    """The learner's submission, its `report` as they may see it; NotFound if it is not theirs."""
    query = select(submissions).where(submissions.c.id == submission_id, submissions.c.account_id == account_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound(N_("There is no such submission."))
    return _shown(connection, row)


def latest(connection: Connection, account_id: int, question_id: str) -> Mapping[str, Any] | None:
    """The learner's last submission to a question in practice, its `report` as they may see it."""
    query = (
        select(submissions)
        .where(
            submissions.c.account_id == account_id,
            submissions.c.question_id == question_id,
            submissions.c.interview_slot_id.is_(None),
            submissions.c.status != REGRADE,
        )
        .order_by(submissions.c.created_at.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return _shown(connection, row) if row else None


def run_in_interview(
    connection: Connection,
    account_id: int,
    entry: Entry,
    code: str,
    custom: str | None,
    slot_id: int,
    now: datetime,
) -> tuple[str, str | None]:
    """Keep a run of code in an interview, queued; its id, and that of an earlier one that it cancels."""
    check_code(code)
    if custom is not None:
        parse_custom(custom)
    before = last_run_of_slot(connection, account_id, slot_id)
    cancelled = before["id"] if before and before["status"] in UNFINISHED else None
    if cancelled is not None:
        keep_report(connection, cancelled, None, now)
    rng = Random(f"{slot_id}:{now.timestamp()}")
    submission_id = store_submission(
        connection, account_id, entry, code, "run", custom=custom, rng=rng, now=now, interview_slot_id=slot_id
    )
    return submission_id, cancelled


def decoded(body: bytes) -> str:
    """Code as it was sent; Invalid if it is no text."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Invalid(N_("The code is not valid Unicode text.")) from None


def last_run_of_slot(connection: Connection, account_id: int, slot_id: int) -> Mapping[str, Any] | None:
    """The last run for a question of an interview, with its whole report."""
    query = (
        select(submissions)
        .where(
            submissions.c.account_id == account_id,
            submissions.c.interview_slot_id == slot_id,
            submissions.c.mode == "run",
        )
        .order_by(submissions.c.created_at.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return whole(row) if row else None


def handed_in(connection: Connection, account_id: int, submission_id: str) -> Mapping[str, Any] | None:
    """The learner's submission that a question of an interview is marked by, with its whole report."""
    query = select(submissions).where(submissions.c.id == submission_id, submissions.c.account_id == account_id)
    row = connection.execute(query).mappings().first()
    return whole(row) if row else None


def whole(row: RowMapping) -> Mapping[str, Any]:
    """A submission with its report as a value, hidden cases and all: for when its interview is over."""
    return {**row, "report": Report.model_validate(row["report"]) if row["report"] is not None else None}


def _shown(connection: Connection, row: RowMapping) -> Mapping[str, Any]:
    """A submission with its report as a value, less what is not yet due of its hidden cases."""
    if row["report"] is None:
        return {**row}
    rated_at = store.last_rated_at(connection, row["account_id"], row["question_id"])
    return {**row, "report": shown_report(connection, row, rated_at)}


def unfinished(connection: Connection) -> Sequence[Mapping[str, Any]]:
    """Submissions that a stopped server left behind, oldest first."""
    query = select(submissions).where(submissions.c.status.in_(UNFINISHED)).order_by(submissions.c.created_at)
    return [{**row} for row in connection.execute(query).mappings()]


def oldest_unfinished(connection: Connection) -> datetime | None:
    """When the submission was sent that waits longest for its verdict."""
    return connection.execute(
        select(func.min(submissions.c.created_at)).where(submissions.c.status.in_(UNFINISHED))
    ).scalar()


def keep_report(connection: Connection, submission_id: str, report: Report | None, now: datetime) -> Kept | None:
    """Store how a submission ended (None: cancelled); None if it had ended already."""
    row = connection.execute(
        update(submissions)
        .where(submissions.c.id == submission_id, submissions.c.status.in_((*UNFINISHED, REGRADE)))
        .values(
            status="done" if report else "cancelled",
            verdict=report.verdict if report else None,
            report=report.model_dump(mode="json") if report else None,
            finished_at=now,
        )
        .returning(submissions.c.mode, submissions.c.created_at)
    ).first()
    return Kept(row.mode, row.created_at) if row else None


def _require_room(connection: Connection, account_id: int) -> None:
    waits = func.count()
    mine = waits.filter(submissions.c.account_id == account_id)
    query = select(waits, mine).where(
        submissions.c.status.in_(UNFINISHED),
        submissions.c.interview_slot_id.is_(None),  # interviews end all at once
    )
    all_, own = connection.execute(query).one()
    if own >= MAX_UNFINISHED_OF_ONE:
        raise Unavailable(
            N_("%(count)s of your submissions wait to be graded already."),
            N_("Nothing was sent. Your code is safe; try again when one of them is done."),
            count=own,
        )
    if all_ >= MAX_UNFINISHED:
        raise Unavailable(
            N_("Too much code waits to be graded just now."), N_("Nothing was sent. Your code is safe; try again soon.")
        )


def answer_turn(
    connection: Connection, bank: Bank, account_id: int, turn: sessions.Turn, now: datetime
) -> sessions.Turn:
    """Turn accepted code, or giving up, into the turn's answer.

    Conflict if neither happened in this session, or it was answered already.
    """
    entry = sessions.entry_of(connection, bank, turn)
    if turn.state is not ItemState.waiting:
        raise sessions.answered_already()
    seen = desk(connection, account_id, turn.question_id)
    accepted = accepted_in(connection, account_id, turn)
    if not seen.revealed and accepted is None:
        raise Conflict(N_("Solve the question or look at its solution before you rate it."))
    correct = accepted is not None and not seen.revealed
    began = turn.not_before or _started(connection, turn)
    answered = replace(
        turn,
        answer={"submission_id": accepted, "drafted": seen.code is not None}
        | {"hints_shown": seen.hints_shown, "revealed": seen.revealed},
        correct=correct,
        score=1.0 if correct else 0.0,
        seconds=min(max((now - began).total_seconds(), 0.0), 180.0 * entry.question.minutes),
        suggested_rating=(2 if seen.hints_shown else 3) if correct else 1,
    )
    return sessions.record(connection, answered, entry, seen.hints_shown > 0, now)


def rate(
    connection: Connection, bank: Bank, person: Person, turn: sessions.Turn, rating: int, now: datetime
) -> Reviewed:
    """`sessions.rate` for a question of any kind. Code counts as answered once accepted; its desk is then cleared."""
    is_code = sessions.entry_of(connection, bank, turn).question.kind == "code"
    if is_code and turn.state is ItemState.waiting:
        turn = answer_turn(connection, bank, person.id, turn, now)
    reviewed = sessions.rate(connection, bank, person, turn, rating, now)
    if is_code:
        clear_desk(connection, person.id, turn.question_id)
    return reviewed


def undo(connection: Connection, bank: Bank, account_id: int, session_id: int | None, now: datetime) -> int:
    """`sessions.undo`, which for code also lays the desk as it was before the rating. The session's id."""
    undone = sessions.undo(connection, account_id, session_id, now)
    entry = bank.questions.get(undone.question_id)
    if entry is not None and entry.question.kind == "code":
        lay = {name: undone.answer[name] for name in ("hints_shown", "revealed") if name in undone.answer}
        last = latest(connection, account_id, undone.question_id)
        untouched = desk(connection, account_id, undone.question_id).code is None  # else there is a newer draft
        if last is not None and untouched and undone.answer.get("drafted"):
            lay |= {"code": last["code"], "saved_at": last["created_at"]}
        if lay:
            _put(connection, account_id, entry, **lay)
    return undone.session_id


def accepted_in(connection: Connection, account_id: int, turn: sessions.Turn) -> str | None:
    """The first accepted submission for the turn's question since its session began."""
    query = (
        select(submissions.c.id)
        .where(
            submissions.c.account_id == account_id,
            submissions.c.question_id == turn.question_id,
            submissions.c.mode == "submit",
            submissions.c.interview_slot_id.is_(None),
            submissions.c.status == "done",
            submissions.c.created_at >= (turn.not_before or _started(connection, turn)),
            submissions.c.verdict == Verdict.accepted,
        )
        .order_by(submissions.c.created_at)
        .limit(1)
    )
    row = connection.execute(query).first()
    return row.id if row else None


def check_code(code: str) -> None:
    """Refuse what can't be kept: over 64 KiB, or not text."""
    try:
        size = len(code.encode())
    except UnicodeEncodeError:
        raise Invalid(N_("The code is not valid Unicode text.")) from None
    if size > MAX_CODE_BYTES:
        raise TooLarge(
            N_("The code has %(size)d KiB; the limit is %(limit)d KiB."),
            size=-(-size // 1024),
            limit=MAX_CODE_BYTES // 1024,
        )


def digest(code: str) -> str:
    """What tells whether results belong to the code in the editor."""
    return hashlib.sha256(code.encode()).hexdigest()


def _started(connection: Connection, turn: sessions.Turn) -> datetime:
    query = select(sessions.sessions.c.started_at).where(sessions.sessions.c.id == turn.session_id)
    started: datetime = connection.execute(query).scalar_one()
    return started


def _put(connection: Connection, account_id: int, entry: Entry, **values: object) -> None:
    question_id = entry.question.id
    mine = (workspaces.c.account_id == account_id) & (workspaces.c.question_id == question_id)
    if connection.execute(update(workspaces).where(mine).values(**values)).rowcount == 0:
        blank = Workspace(account_id=account_id, question_id=question_id).model_dump()
        connection.execute(insert(workspaces).values(blank | values))
