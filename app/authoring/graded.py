"""What graders do with a submission, wherever they run: judge its code, and store the report once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from app.authoring import regrade_code
from app.bank.schema import Code, Question
from app.db import Database
from app.errors import Unavailable
from app.grading import jobs
from app.grading.cases import Runs
from app.grading.code import grade_code, internal_error
from app.grading.queue import Submission
from app.grading.verdict import Report
from app.meters import Meters
from app.practice import coding

log = structlog.get_logger()


def judge(
    question: Question | None,
    submission: Submission,
    sandbox: Runs,
    on_progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> Report:
    """The report of a submission; our fault if there is no such question. Raises `Cancelled`."""
    if not isinstance(question, Code):
        return internal_error(submission.question_id, submission.seed)
    return grade_code(
        question,
        submission.code,
        sandbox=sandbox,
        mode=submission.mode,
        seed=submission.seed,
        on_progress=on_progress,
        cancelled=cancelled,
        custom=submission.custom,
    )


def keep(
    db: Database,
    submission_id: str,
    person: int | None,
    report: Report,
    now: Callable[[], datetime],
    meters: Meters,
    also: Callable[[Connection], None] = lambda _: None,
) -> None:
    """Store how a submission of that person ended, unless it ended before, and do `also` in the same transaction.

    What it raises is worth another try: no room, or others write.
    """
    try:
        _store(db, submission_id, person, report, now, meters, also)
    except (OperationalError, NoConnectionError, Unavailable):
        raise
    except Exception:  # a report that can never be stored must not occupy a grader for ever
        log.exception("a report could not be stored", submission=submission_id)
        _store(db, submission_id, person, internal_error(report.question, report.seed), now, meters, also)


def _store(
    db: Database,
    submission_id: str,
    person: int | None,
    report: Report,
    now: Callable[[], datetime],
    meters: Meters,
    also: Callable[[Connection], None],
) -> None:
    kept = None
    with db.write(person) as connection:
        at = now()
        if not regrade_code.keep(connection, submission_id, report, at):
            kept = coding.keep_report(connection, submission_id, report, at)
        also(connection)
    if kept is not None:
        meters.verdict(report.verdict, kept.mode, (at - kept.sent_at).total_seconds())


def tend(db: Database, now: Callable[[], datetime], meters: Meters) -> None:
    """PostgreSQL: give the jobs of dead workers to others. What keeps killing its workers ends as our fault."""
    with db.engine.begin() as connection:
        poison = jobs.tend(connection)
    for row in poison:
        log.error(
            "a submission's grading killed its workers", submission=row["submission_id"], times=row["times_begun"]
        )
        with db.read() as connection:
            of = connection.execute(select(coding.submissions).where(coding.submissions.c.id == row["submission_id"]))
            stored = of.mappings().one()
        report = internal_error(stored["question_id"], stored["seed"])
        keep(db, stored["id"], stored["account_id"], report, now, meters, also=partial(jobs.end, job_id=row["id"]))
