"""Sittings that are over: listed with their scores, and compared with each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from app.bank.catalog import Bank
from app.bank.schema import Text
from app.interview import marking
from app.interview.report import Earlier, Report, report
from app.interview.store import Sitting, interviews, load

COMPARED = 10  # earlier sittings


@dataclass(frozen=True)
class Past:
    """A sitting that is over and marked. `score` is of what is known by now."""

    id: int
    title: Text
    started_at: datetime
    score: float | None
    to_score: int
    grading: int


def past(connection: Connection, bank: Bank, account_id: int, limit: int, now: datetime) -> list[Past]:
    """The learner's sittings that are over, latest first."""
    query = (
        select(interviews.c.id)
        .where(interviews.c.account_id == account_id, interviews.c.ended_at.is_not(None))
        .order_by(interviews.c.started_at.desc())
        .limit(limit)
    )
    found = []
    for interview_id in connection.execute(query).scalars().all():
        sitting = load(connection, bank, account_id, interview_id, now)
        came_to = report(sitting, marking.marks(connection, sitting))
        found.append(
            Past(
                id=sitting.id,
                title=sitting.blueprint.title,
                started_at=sitting.started_at,
                score=came_to.score,
                to_score=came_to.to_score,
                grading=came_to.grading,
            )
        )
    return found


def report_of(connection: Connection, bank: Bank, sitting: Sitting) -> Report:
    """A sitting's report beside the scores of those before it."""
    before = [
        Earlier(it.id, it.started_at, it.score)
        for it in past(connection, bank, sitting.account_id, COMPARED + 1, sitting.now)
        if it.score is not None and it.started_at < sitting.started_at
    ]
    return report(sitting, marking.marks(connection, sitting), tuple(reversed(before[:COMPARED])))
