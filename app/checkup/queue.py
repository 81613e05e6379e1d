"""What waits to be graded, and since when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from app.checkup.finding import Finding, good, notice
from app.db import Database
from app.grading.models import Submission

AREA = "queue"
_LONG_S = 300.0  # grading one takes seconds
_submissions = Submission.__table__  # type: ignore[attr-defined]


def examine(db: Database, now: datetime) -> list[Finding]:
    """For a database of this release's schema."""
    with db.read() as connection:
        return [_waiting(connection, now)]


def _waiting(connection: Connection, now: datetime) -> Finding:
    query = select(func.count(), func.min(_submissions.c.created_at)).where(_submissions.c.finished_at.is_(None))
    count, oldest = connection.execute(query).one()
    if not count:
        return good(AREA, "submissions", "none waits to be graded")
    age_s = (now - oldest).total_seconds()
    why = f"{count:,} not graded yet, the oldest sent {_span(age_s)} ago"
    if age_s <= _LONG_S:
        return good(AREA, "submissions", why)
    return notice(
        AREA,
        "submissions",
        why,
        "start the server: it grades them. If it runs, its log and the sandbox below say why not",
    )


def _span(seconds: float) -> str:
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} seconds"
