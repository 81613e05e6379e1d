"""What waits to be graded, since when, and who is there to grade it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from app.checkup.finding import Finding, fault, good, notice
from app.db import Database
from app.grading import jobs
from app.grading.tries import submissions
from app.settings import Graders

AREA = "queue"
_LONG_S = 300.0  # grading one takes seconds
_LIBS_THAT_WAIT = text("SELECT lib, count(*) FROM grading_job WHERE begun_at IS NULL GROUP BY lib ORDER BY lib")
_STUCK = text(  # begun by workers of which nothing has been heard, and not given to others yet
    "SELECT count(*) FROM grading_job JOIN procrastinate_jobs ON id = job_id "
    "LEFT JOIN procrastinate_workers ON procrastinate_workers.id = worker_id "
    "WHERE status = 'doing' AND coalesce(last_heartbeat, '-infinity') < now() - make_interval(secs => :quiet_s)"
)


def examine(db: Database, graders: Graders, now: datetime) -> list[Finding]:
    """For a database of this release's schema. `graders`: who grades, workers or the server itself."""
    with db.read() as connection:
        found = [_waiting(connection, graders, now)]
        if graders == "workers":
            found += _workers(connection)
        return found


def _waiting(connection: Connection, graders: Graders, now: datetime) -> Finding:
    query = select(func.count(), func.min(submissions.c.created_at)).where(submissions.c.finished_at.is_(None))
    count, oldest = connection.execute(query).one()
    if not count:
        return good(AREA, "submissions", "none waits to be graded")
    age_s = (now - oldest).total_seconds()
    why = f"{count:,} not graded yet, the oldest sent {_span(age_s)} ago"
    if age_s <= _LONG_S:
        return good(AREA, "submissions", why)
    who = "workers (whetstone worker)" if graders == "workers" else "the server, which grades them"
    return notice(AREA, "submissions", why, f"start {who}; where that runs, its log and the sandbox below say why not")


def _workers(connection: Connection) -> Iterator[Finding]:
    crew = jobs.crew(connection)
    if not crew.places:
        yield fault(
            AREA,
            "workers",
            "none lives, so no code is graded",
            "start one: whetstone worker, here or on another machine",
        )
    else:
        able = ", ".join(
            f"{places} at a time with {' and '.join(sorted(libs))}" for libs, places in crew.places.items()
        )
        yield good(AREA, "workers", able)
        for lib, count in connection.execute(_LIBS_THAT_WAIT):
            if not crew.runs(lib):
                yield fault(
                    AREA, lib, f"{count:,} wait that need {lib}, and no worker has it", f"start a worker with {lib}"
                )
    stuck = connection.execute(_STUCK, {"quiet_s": 2 * jobs.DEAD_AFTER_S}).scalar_one()
    if stuck:
        mend = "a living worker or server gives them to others within a minute; start one"
        yield notice(AREA, "stalled", f"{stuck:,} were begun by workers that are gone", mend)
    else:
        yield good(AREA, "stalled", "nothing is held by a worker that is gone")


def _span(seconds: float) -> str:
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} seconds"
