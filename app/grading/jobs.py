"""PostgreSQL: the line of submissions before the workers, in the database, and who works.

procrastinate hands out the jobs: one a submission, deferred on the connection that stores it. Its priority is the
submission's turn, reversed. Turns make the line fair (start-time fair queueing): a submission's turn is the next after
the round that is being graded, and after the last of its owner's own, so that a hundred of one person's have a hundred
different turns, and the first of anybody else's comes after one of them. Code that is graded again comes after all.

Beside each job there is a row of ours that says what the page shows; it goes when the submission has ended. Times
are the server's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, RowMapping, text
from sqlalchemy.exc import DBAPIError, OperationalError

from app import news
from app.bank.schema import Lib
from app.grading.queue import REGRADES, Load, Queued, Running

if TYPE_CHECKING:
    from procrastinate import App

TASK = "grade"
CHANNEL = "whetstone_grading"  # news: the id of a submission of which there is something new
LAST_TURN = 2_000_000_000  # of what is graded again: behind everybody
BEAT_S = 3.0  # how often a worker says that it lives
DEAD_AFTER_S = 15.0  # of silence, a worker is taken for dead and its jobs are given to others
MOST_BEGINNINGS = 3  # of a job that none of its workers ended: it kills them
APART_S = 20.0  # between the last tries of jobs that may kill their workers: longer than it takes to bury one
FORGOTTEN_AFTER_S = 86_400.0  # a worker that was never stopped properly
_TENDING = 0x57490  # the first number of the advisory lock of whoever looks after the line (`app.engines` has others)


@cache
def _queue() -> App:
    """procrastinate, to defer and cancel on connections of ours; never opened. On SQLite it is not even imported."""
    from procrastinate import App, PsycopgConnector

    return App(connector=PsycopgConnector())


@dataclass(frozen=True)
class Crew:
    """The living workers, by what they can run together."""

    places: Mapping[frozenset[str], int]  # how much is graded at a time, by libraries
    took_s: float | None  # of the latest gradings, on the average

    def runs(self, lib: str) -> bool:
        return any(lib in libs for libs in self.places)

    def beside(self, lib: str) -> frozenset[str]:
        """The libraries whose submissions wait for the same workers."""
        return frozenset[str]().union(*(libs for libs in self.places if lib in libs))

    def wait_s(self, lib: str, ahead: int) -> float | None:
        """How long until a submission is begun that has so many before it; None if that can't be told."""
        places = sum(number for libs, number in self.places.items() if lib in libs)
        return None if self.took_s is None or not places else (ahead + 1) * self.took_s / places


def enqueue(connection: Connection, submission_id: str, owner: str, person: int, lib: Lib) -> None:
    """Put a stored submission in the line, in the same transaction. Nothing happens if it is in the line already.

    Whoever calls this writes for that person alone or for all: one at a time.
    """
    if connection.execute(_IS_HERE, {"id": submission_id}).first():
        return
    turn = (
        LAST_TURN if owner == REGRADES else connection.execute(_TURN, {"owner": owner, "last": LAST_TURN}).scalar_one()
    )
    task = _queue().configure_task(TASK, queue=lib, priority=-turn, connection=_driver(connection))
    with _as_ours():
        job_id = task.defer(submission_id=submission_id, person=person)
    row = {"id": submission_id, "job": job_id, "owner": owner, "lib": lib, "turn": turn}
    connection.execute(_ADD, row)
    tell(connection, submission_id)


def drop(connection: Connection, submission_id: str) -> None:
    """Take a submission out of the line; the worker that has begun it is told to stop."""
    job_id = connection.execute(_IS_HERE, {"id": submission_id}).scalar()
    if job_id is not None:
        with _as_ours():
            _queue().job_manager.cancel_job_by_id(job_id, abort=True, delete_job=True, connection=_driver(connection))
    tell(connection, submission_id)


def progress(connection: Connection, submission_id: str, crew: Crew) -> Queued | Running | None:
    """Where a submission is in the line; None if it is not there."""
    row = connection.execute(_WHERE, {"id": submission_id}).mappings().first()
    if row is None:
        return None
    if row["begun_at"] is not None:
        return Running(row["done"], row["total"])
    if not crew.runs(row["lib"]):
        return Queued(0, None, is_served=False)
    before = {"turn": row["turn"], "job": row["job_id"], "libs": sorted(crew.beside(row["lib"]))}
    ahead = connection.execute(_AHEAD, before).scalar_one()
    return Queued(ahead, crew.wait_s(row["lib"], ahead))


def load(connection: Connection) -> tuple[Load, bool]:
    """How long the line is, and whether anything in it is graded for the first time."""
    row = connection.execute(_LOAD, {"last": LAST_TURN}).one()
    return Load(row.waiting, row.running), row.is_busy


def line(connection: Connection) -> tuple[object, ...]:
    """Another value whenever the line has moved: something came, was begun, ended or was taken out."""
    return tuple(connection.execute(_LINE).one())


def begin(connection: Connection, submission_id: str) -> bool:
    """A worker begins a submission; False if it is no longer wanted."""
    turn = connection.execute(_BEGIN, {"id": submission_id}).scalar()
    if turn is None:
        return False
    if turn < LAST_TURN:
        connection.execute(_NEXT_ROUND, {"turn": turn})
    tell(connection, submission_id)
    return True


def note_progress(connection: Connection, submission_id: str, done: int, total: int) -> None:
    connection.execute(_PROGRESS, {"id": submission_id, "done": done, "total": total})
    tell(connection, submission_id)


def leave(connection: Connection, submission_id: str) -> None:
    """A submission has ended, and so it is in the line no more; its worker has yet to say that its job is over."""
    connection.execute(_LEAVE, {"id": submission_id})
    tell(connection, submission_id)


def give_back(connection: Connection, job_id: int, holder: int, after_s: float) -> None:
    """A worker cannot go on with a job, by no fault of the job's: it waits again, at its place, and may be taken in so
    many seconds. `holder` is the worker by procrastinate's number; nothing happens if others have the job by now."""
    if connection.execute(_HOLD, {"job": job_id, "holder": holder}).first() is None:
        return
    connection.execute(_RETRY, {"job": job_id, "after_s": after_s})
    submission_id = connection.execute(_GIVE_BACK, {"job": job_id}).scalar()
    if submission_id is not None:
        tell(connection, submission_id)


def tell(connection: Connection, submission_id: str) -> None:
    """There is something new about a submission."""
    news.tell(connection, CHANNEL, submission_id)


def tend(connection: Connection) -> list[RowMapping]:
    """Give the jobs of dead workers to others, and forget what is over. Those that kill their workers are returned.

    Which of those that died together it was nobody knows: for their last try they are taken one after the other, so
    that nothing is blamed for what ran beside it. Everybody may do this at any time: one at a time does, and the others
    have nothing to do.
    """
    if not connection.execute(_TRY_TO_TEND, {"lock": _TENDING}).scalar():
        return []
    connection.execute(_BURY, {"dead_after_s": DEAD_AFTER_S})
    poison = []
    suspects = 0
    for row in connection.execute(_ORPHANS).mappings().all():
        if row["times_begun"] is not None and row["times_begun"] >= MOST_BEGINNINGS:
            poison.append(row)
            continue
        is_suspect = row["times_begun"] == MOST_BEGINNINGS - 1
        connection.execute(_RETRY, {"job": row["id"], "after_s": suspects * APART_S if is_suspect else 0})
        suspects += is_suspect
        connection.execute(_WAIT_AGAIN, {"job": row["id"]})
        if row["submission_id"] is not None:
            tell(connection, row["submission_id"])
    connection.execute(_PURGE)
    connection.execute(_FORGET, {"after_s": FORGOTTEN_AFTER_S})
    return poison


def end(connection: Connection, job_id: int) -> None:
    """A job is over that no worker has."""
    connection.execute(text("DELETE FROM procrastinate_jobs WHERE id = :id"), {"id": job_id})


def missing(connection: Connection, statuses: tuple[str, ...], limit: int) -> list[RowMapping]:
    """Submissions without an end that are in no line: they came with a backup, or from another database."""
    query = text(
        "SELECT submission.* FROM submission LEFT JOIN grading_job ON submission_id = submission.id "
        "WHERE status = ANY(:statuses) AND submission_id IS NULL ORDER BY created_at LIMIT :limit"
    )
    return list(connection.execute(query, {"statuses": list(statuses), "limit": limit}).mappings().all())


def crew(connection: Connection) -> Crew:
    """Who works just now."""
    rows = connection.execute(_WORKERS, {"dead_after_s": DEAD_AFTER_S}).all()
    places: dict[frozenset[str], int] = {}
    for row in rows:
        libs = frozenset(row.libs)
        places[libs] = places.get(libs, 0) + row.places
    took = [row.took_s for row in rows if row.took_s is not None]
    return Crew(places, sum(took) / len(took) if took else None)


def sign_on(connection: Connection, worker_id: str, name: str, libs: list[str], places: int) -> None:
    """A worker begins, or says once more that it is there."""
    values = {"id": worker_id, "name": name, "libs": libs, "places": places}
    connection.execute(_SIGN_ON, values)


def beat(connection: Connection, worker_id: str, took_s: float | None) -> bool:
    """A worker lives; False if it was forgotten and has to sign on again."""
    return connection.execute(_BEAT, {"id": worker_id, "took_s": took_s}).rowcount == 1


def sign_off(connection: Connection, worker_id: str) -> None:
    connection.execute(text("DELETE FROM grading_worker WHERE id = :id"), {"id": worker_id})


@contextmanager
def _as_ours() -> Iterator[None]:
    """What the database refuses procrastinate is raised as SQLAlchemy raises it, so that it is told like all else."""
    from procrastinate.exceptions import ConnectorException
    from psycopg import OperationalError as Refused

    try:
        yield
    except ConnectorException as error:
        cause = error.__cause__ or error
        kind = OperationalError if isinstance(cause, Refused) else DBAPIError
        raise kind(None, None, cause) from error


def _driver(connection: Connection) -> Any:
    """psycopg's connection: what procrastinate does with it is part of our transaction."""
    return connection.connection.driver_connection


_IS_HERE = text("SELECT job_id FROM grading_job WHERE submission_id = :id")
_TURN = text(
    "SELECT 1 + greatest(0, (SELECT turn FROM grading_round), "
    "(SELECT max(turn) FROM grading_job WHERE owner = :owner AND turn < :last))"
)
_ADD = text("INSERT INTO grading_job (submission_id, job_id, owner, lib, turn) VALUES (:id, :job, :owner, :lib, :turn)")
_WHERE = text("SELECT job_id, lib, turn, begun_at, done, total FROM grading_job WHERE submission_id = :id")
_AHEAD = text(
    "SELECT count(*) FROM grading_job WHERE begun_at IS NULL AND (turn, job_id) < (:turn, :job) AND lib = ANY(:libs)"
)
_LOAD = text(
    "SELECT count(*) FILTER (WHERE begun_at IS NULL) AS waiting, count(begun_at) AS running, "
    "coalesce(bool_or(turn < :last), false) AS is_busy FROM grading_job"
)
_LINE = text("SELECT count(*), count(begun_at), max(begun_at), max(job_id) FROM grading_job")
_BEGIN = text(
    "UPDATE grading_job SET begun_at = now(), times_begun = times_begun + 1, done = 0, total = 0 "
    "WHERE submission_id = :id RETURNING turn"
)
_NEXT_ROUND = text("UPDATE grading_round SET turn = :turn WHERE turn < :turn")
_PROGRESS = text("UPDATE grading_job SET done = :done, total = :total WHERE submission_id = :id")
_LEAVE = text("DELETE FROM grading_job WHERE submission_id = :id")
_HOLD = text("SELECT FROM procrastinate_jobs WHERE id = :job AND worker_id = :holder AND status = 'doing' FOR UPDATE")
_GIVE_BACK = text(
    "UPDATE grading_job SET begun_at = NULL, times_begun = times_begun - 1, done = 0, total = 0 "
    "WHERE job_id = :job AND begun_at IS NOT NULL RETURNING submission_id"
)
_TRY_TO_TEND = text("SELECT pg_try_advisory_xact_lock(:lock, 0)")
_BURY = text("SELECT procrastinate_prune_stalled_workers_v1(:dead_after_s)")
_ORPHANS = text(  # begun by workers that are buried
    "SELECT id, submission_id, times_begun, (args->>'person')::int AS person FROM procrastinate_jobs "
    "LEFT JOIN grading_job ON job_id = id WHERE status = 'doing' AND worker_id IS NULL"
)
_WAIT_AGAIN = text("UPDATE grading_job SET begun_at = NULL, done = 0, total = 0 WHERE job_id = :job")
_RETRY = text("SELECT procrastinate_retry_job_v2(:job, now() + make_interval(secs => :after_s), NULL, NULL, NULL)")
_PURGE = text("DELETE FROM procrastinate_jobs WHERE status NOT IN ('todo', 'doing')")
_FORGET = text("DELETE FROM grading_worker WHERE seen_at < now() - make_interval(secs => :after_s)")
_WORKERS = text(
    "SELECT libs, places, took_s FROM grading_worker WHERE seen_at > now() - make_interval(secs => :dead_after_s)"
)
_SIGN_ON = text(
    "INSERT INTO grading_worker (id, name, libs, places) VALUES (:id, :name, :libs, :places) "
    "ON CONFLICT (id) DO UPDATE SET seen_at = now()"
)
_BEAT = text("UPDATE grading_worker SET seen_at = now(), took_s = :took_s WHERE id = :id")
