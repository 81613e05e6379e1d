"""A grading worker: takes submissions from the line in the database, judges them in its own sandbox, stores reports.

All it needs is the database's address: questions come from where they are kept as they were asked. procrastinate hands
it the jobs, tells it to stop one, and notices when it dies; a report is stored only while its submission has no end, so
that whatever is graded twice counts once.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast
from uuid import uuid4

import procrastinate
import psycopg
import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import AbortReason, JobContext
from procrastinate.jobs import Job as Handed
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from psycopg import OperationalError as Refused
from sqlalchemy import Connection, event, select
from sqlalchemy.exc import SQLAlchemyError

from app.authoring import graded
from app.bank.schema import Lib
from app.db import Database
from app.errors import Unavailable
from app.grading import jobs
from app.grading.code import Cancelled, internal_error
from app.grading.queue import FIRST_PAUSE_S, LONGEST_PAUSE_S, REGRADES, Submission
from app.grading.verdict import Report
from app.meters import Meters
from app.news import PATIENT, conninfo
from app.practice import coding
from app.practice.frozen import frozen_question
from app.sandbox import Job, LibraryMissing, Sandbox, SandboxError

log = structlog.get_logger()
LIBS: tuple[Lib, ...] = ("numpy", "torch")
POLL_S = 2.0  # how often the line is looked at in case that no news came
DRAIN_S = 8.0  # how long what runs may go on once the worker is to stop; then it is given back
TELL_S = 0.25  # at the most so often it is told how far a submission is
TEND_S = 5.0
SPARES = 3  # a submission takes one to draw its cases, one to say what is due, one for itself
_TIMED = 20  # the latest gradings, from which waits are foretold
_PROBE = "def stand():\n    return True\n"


class CannotGradeError(Exception):
    """This machine cannot grade what is asked of it; why, in one line."""


class _GivenBackError(Exception):
    """The worker stops before this job has ended."""


class _Again(BaseRetryStrategy):
    """What was given back may be taken at once; what met a database that did not answer, in a while."""

    def get_retry_decision(self, *, exception: BaseException, job: Handed) -> RetryDecision | None:  # noqa: ARG002 (interface)
        if isinstance(exception, _GivenBackError):
            return RetryDecision()
        return RetryDecision(retry_in={"seconds": int(POLL_S)})


class _Ends(JobManager):
    """What procrastinate writes when a job is over: written at last, however long that takes, for nobody else takes a
    job while the worker lives that has it. Once the worker stops, its job is found by others as that of a dead one is.
    """

    def __init__(self, connector: procrastinate.PsycopgConnector, db: Database, told_to_stop: asyncio.Event) -> None:
        super().__init__(connector)
        self._db = db
        self._told_to_stop = told_to_stop

    async def finish_job(self, job: Handed, status: Status, delete_job: bool) -> None:  # noqa: ARG002 (interface)
        await self._write(partial(jobs.end, job_id=cast("int", job.id)))

    async def retry_job(
        self,
        job: Handed,
        retry_at: datetime | None = None,
        priority: int | None = None,  # noqa: ARG002 (interface)
        queue: str | None = None,  # noqa: ARG002
        lock: str | None = None,  # noqa: ARG002
    ) -> None:
        job_id, holder = cast("int", job.id), cast("int", job.worker_id)
        after_s = 0.0 if retry_at is None else (retry_at - datetime.now(UTC)).total_seconds()
        await self._write(partial(jobs.give_back, job_id=job_id, holder=holder, after_s=after_s))

    async def _write(self, end: Callable[[Connection], None]) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                return await asyncio.to_thread(self._write_once, end)
            except (SQLAlchemyError, Unavailable):
                if pause_s == FIRST_PAUSE_S:
                    log.exception("the end of a job cannot be written; trying again")
            if self._told_to_stop.is_set():
                return None
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told_to_stop.wait(), pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _write_once(self, end: Callable[[Connection], None]) -> None:
        with self._db.engine.begin() as connection:
            end(connection)


@dataclass(frozen=True)
class Skills:
    """What a worker is called and what it can do: so many submissions at a time, of these libraries."""

    name: str
    libs: tuple[Lib, ...]
    places: int


def proven(sandbox: Sandbox, asked: Sequence[Lib] | None) -> tuple[Lib, ...]:
    """The libraries of which the sandbox has run a job: those asked for, or all there are. Else CannotGradeError."""
    found: list[Lib] = []
    for lib in LIBS if asked is None else asked:
        try:
            sandbox.run(Job(_PROBE, "stand", [()], lib=lib))
        except LibraryMissing as error:
            if asked is not None:
                raise CannotGradeError(str(error)) from None
        except SandboxError as error:
            raise CannotGradeError(f"code is not run on this machine: {error}; `whetstone doctor` says more") from None
        else:
            found.append(lib)
    if not found:
        raise CannotGradeError("numpy is not installed here, so no code can be run")
    return tuple(found)


def _let_go_soon(connection: Any, _record: object) -> None:
    """Let the server end a transaction of ours that does not go on: this machine may be cut off or stand still, and
    what it locks is wanted by those who do its work meanwhile."""
    autocommit, connection.autocommit = connection.autocommit, True
    connection.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, false)", [_patience()])
    connection.autocommit = autocommit


async def _let_go_soon_too(connection: psycopg.AsyncConnection[Any]) -> None:
    """As `_let_go_soon`, for procrastinate's connections."""
    autocommit = connection.autocommit
    await connection.set_autocommit(True)
    await connection.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, false)", [_patience()])
    await connection.set_autocommit(autocommit)


def _patience() -> str:
    return f"{round(jobs.DEAD_AFTER_S * 1000)}ms"


class Worker:
    """One worker: `run` works until it is told to stop."""

    def __init__(
        self, db: Database, url: str, sandbox: Sandbox, skills: Skills, now: Callable[[], datetime], meters: Meters
    ) -> None:
        self._db = db
        self._sandbox = sandbox
        self._skills = skills
        self._now = now
        self._meters = meters
        self._id = str(uuid4())
        self._took_s: deque[float] = deque(maxlen=_TIMED)
        self._ended = threading.Event()
        self._told_to_stop = asyncio.Event()
        connector = procrastinate.PsycopgConnector(
            conninfo=conninfo(url), kwargs=PATIENT, configure=_let_go_soon_too, min_size=1, max_size=skills.places + 4
        )
        self._app = procrastinate.App(connector=connector)
        self._app.job_manager = _Ends(connector, db, self._told_to_stop)
        event.listen(db.engine, "connect", _let_go_soon)
        db.engine.dispose()  # of connections that were made before
        self._app.task(name=jobs.TASK, pass_context=True, retry=_Again())(self._grade)

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; what has not ended soon after is given back."""
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        threading.Thread(target=self._tend, name="tending", daemon=True).start()
        try:
            asyncio.run(self._work())
        finally:
            self._ended.set()
            with suppress(SQLAlchemyError, Unavailable), self._db.engine.begin() as connection:
                jobs.sign_off(connection, self._id)
            log.info("worker stopped", worker=self._skills.name)

    async def _work(self) -> None:
        """Let procrastinate work; begin again when it lost the database."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self._skills.places + 2, thread_name_prefix="grading"))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._told_to_stop.set)
        pause_s = FIRST_PAUSE_S
        while not self._told_to_stop.is_set():
            began = time.monotonic()
            try:
                await self._work_until_stopped()
            except (ConnectorException, Refused, SQLAlchemyError) as error:
                log.warning(
                    "the database does not answer", worker=self._skills.name, why=str(error.__cause__ or error).strip()
                )
            except Exception:
                log.exception("the worker broke; it begins again", worker=self._skills.name)
            if self._told_to_stop.is_set():
                break
            pause_s = FIRST_PAUSE_S if time.monotonic() - began > LONGEST_PAUSE_S else min(2 * pause_s, LONGEST_PAUSE_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told_to_stop.wait(), pause_s)

    async def _work_until_stopped(self) -> None:
        working = asyncio.create_task(self._take_jobs())
        stopped = asyncio.create_task(self._told_to_stop.wait())
        await asyncio.wait((working, stopped), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if self._told_to_stop.is_set():
            log.info("worker stops", worker=self._skills.name)
            working.cancel()  # it takes no more, and waits for what runs
        with suppress(asyncio.CancelledError):
            await working

    async def _take_jobs(self) -> None:
        skills = self._skills
        async with self._app.open_async():
            with self._db.engine.begin() as connection:
                jobs.sign_on(connection, self._id, skills.name, list(skills.libs), skills.places)
            log.info("worker ready", worker=skills.name, libs=skills.libs, places=skills.places)
            await self._app.run_worker_async(
                queues=list(skills.libs),
                name=skills.name,
                concurrency=skills.places,
                fetch_job_polling_interval=POLL_S,
                abort_job_polling_interval=POLL_S,
                shutdown_graceful_timeout=DRAIN_S,
                delete_jobs="always",
                install_signal_handlers=False,
                update_heartbeat_interval=jobs.BEAT_S,
                stalled_worker_timeout=jobs.DEAD_AFTER_S,
            )

    def _grade(self, context: JobContext, *, submission_id: str, person: int) -> None:
        """One job, in a thread of its own."""
        submission = self._begin(submission_id)
        if submission is None:
            return
        began = time.monotonic()
        report = self._report(context, submission)
        if report is not None:
            self._keep_at_last(context, submission, person, report)
            self._took_s.append(time.monotonic() - began)
            log.info("graded", worker=self._skills.name, submission=submission_id, verdict=report.verdict.value)

    def _begin(self, submission_id: str) -> Submission | None:
        """The submission, unless it has ended or is gone."""
        query = select(coding.submissions).where(coding.submissions.c.id == submission_id)
        with self._db.engine.begin() as connection:
            row = connection.execute(query).mappings().first()
            if row is None or row["status"] not in (*coding.UNFINISHED, coding.REGRADE):
                return None
            if not jobs.begin(connection, submission_id):
                return None
        owner = REGRADES if row["status"] == coding.REGRADE else str(row["account_id"])
        names = ("id", "question_id", "question_hash", "code", "mode", "seed", "custom")
        return Submission(owner=owner, **{name: row[name] for name in names})

    def _report(self, context: JobContext, submission: Submission) -> Report | None:
        """How it ended; None if it was cancelled. Raises _GivenBackError when the worker stops first."""
        try:
            with self._db.read() as connection:
                question = frozen_question(connection, submission.question_hash)
            teller = _Teller(self._db, submission.id)
            return graded.judge(question, submission, self._sandbox, teller, context.should_abort)
        except Cancelled:
            self._end_if_stopping(context)
            return None
        except (SQLAlchemyError, Unavailable):
            raise
        except Exception:  # whatever broke, the learner gets a report and the worker lives on
            log.exception("grading broke", worker=self._skills.name, submission=submission.id)
            return internal_error(submission.question_id, submission.seed)

    def _keep_at_last(self, context: JobContext, submission: Submission, person: int, report: Report) -> None:
        """Store a report, however long that takes: a full disk gets room again, a database comes back."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                leave = partial(jobs.leave, submission_id=submission.id)
                return graded.keep(self._db, submission.id, person, report, self._now, self._meters, also=leave)
            except (SQLAlchemyError, Unavailable):
                if pause_s == FIRST_PAUSE_S:
                    log.exception("a report cannot be stored; trying again", submission=submission.id)
            self._end_if_stopping(context)
            if context.should_abort():
                return None
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _end_if_stopping(self, context: JobContext) -> None:
        if context.abort_reason() is AbortReason.SHUTDOWN:
            log.info("given back", worker=self._skills.name, submission=context.job.task_kwargs["submission_id"])
            raise _GivenBackError

    def _beat(self) -> None:
        """Say that the worker lives, and how fast it is."""
        while not self._ended.wait(jobs.BEAT_S):
            took_s = sum(self._took_s) / len(self._took_s) if self._took_s else None
            skills = self._skills
            with suppress(SQLAlchemyError), self._db.engine.begin() as connection:
                if not jobs.beat(connection, self._id, took_s):
                    jobs.sign_on(connection, self._id, skills.name, list(skills.libs), skills.places)

    def _tend(self) -> None:
        while not self._ended.wait(TEND_S):
            try:
                graded.tend(self._db, self._now, self._meters)
            except (SQLAlchemyError, Unavailable):
                continue
            except Exception:
                log.exception("looking after the line broke")


class _Teller:
    """Tells how far a submission is, now and then. What can't be told is not worth a failure."""

    def __init__(self, db: Database, submission_id: str) -> None:
        self._db = db
        self._submission_id = submission_id
        self._told_at = time.monotonic()  # that it was begun is told already

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._told_at < TELL_S:
            return
        self._told_at = time.monotonic()
        with suppress(SQLAlchemyError), self._db.engine.begin() as connection:
            jobs.note_progress(connection, self._submission_id, done, total)
