"""Grading by workers, perhaps on other machines: submissions go to their line in the database, and word comes back.

This process runs no learner's code. It has a sandbox of its own for the bank's examples, and does without these where
its walls do not stand.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import Metric
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.authoring import graded
from app.bank.schema import Code, Lib, Question
from app.bank.shelf import Shelf
from app.db import Database
from app.errors import N_, Unavailable
from app.grading import jobs
from app.grading.example import Example
from app.grading.gauges import SandboxGauges, of_crew, of_queue
from app.grading.jobs import Crew
from app.grading.queue import Load, Progress, Queued, Submission
from app.grading.verdict import Report
from app.meters import Meters
from app.news import Listener
from app.practice import coding
from app.practice.frozen import freeze, frozen_question
from app.sandbox import Sandbox
from app.web.examples import Examples
from app.web.grading import submission_of
from app.web.listeners import Listeners
from app.web.walls import Walls

log = structlog.get_logger()
LOOK_S = 2.0  # how often it is looked who works, in case that no news came
TEND_EVERY = 3  # looks
CLOSING_S = 10.0
AT_ONCE = 100


class WorkersDesk:
    """Owns what this process knows of the workers, and hears of what they do."""

    def __init__(
        self, db: Database, shelf: Shelf, clock: Callable[[], datetime], news: Listener, meters: Meters
    ) -> None:
        self._db = db
        self._shelf = shelf
        self._clock = clock
        self._meters = meters
        self._listeners = Listeners()
        self._crew = Crew({}, None)
        self._load, self._busy = Load(0, 0), False
        self._closing = threading.Event()
        self._sandbox = Sandbox(libs=(), spares=1, workers=1)
        self._walls = Walls(self._sandbox)
        self._examples = Examples(self._sandbox, lambda lib: self._walls.stand and self._sandbox.available(lib))
        self._thread = threading.Thread(target=self._go_on, name="workers", daemon=True)
        news.on(jobs.CHANNEL, self._hear)

    def start(self) -> None:
        """See who works, and put in the line what is in none."""
        self._look()
        self._tend()
        self._walls.start()
        self._thread.start()

    def available(self, lib: Lib) -> bool:
        """Whether a living worker runs code of this library."""
        return self._crew.runs(lib)

    def why_unavailable(self, lib: Lib) -> str | None:
        """Why code of this library can't be sent just now; None if it can."""
        if self.available(lib):
            return None
        return N_("Nothing that grades this question's code runs just now. Your code is safe; try again in a while.")

    def expect(self, lib: Lib) -> None:
        """The workers are ready for all that they declare."""

    def example(self, question: Code) -> Example | None:
        """The question's worked example as a picture; None where there is none, or this process runs no code."""
        return self._examples.example(question)

    def tried(self, question: Code, name: str, seed: int) -> Report | None:
        """How one of the question's wrong solutions fares; None where this process runs no code, or not in time."""
        return self._examples.tried(question, name, seed)

    def enqueue(self, connection: Connection, row: Mapping[str, Any]) -> None:
        """Put a submission in the line, in the transaction that stores it."""
        submission = submission_of(row)
        lib = self._lib(connection, submission)
        jobs.enqueue(connection, submission.id, submission.owner, row["account_id"], lib)

    def _lib(self, connection: Connection, submission: Submission) -> Lib:
        """What a submission needs; anything for a question that is gone, which ends as our fault."""
        entry = self._shelf.bank.questions.get(submission.question_id)
        if entry is not None and entry.hash == submission.question_hash:
            question: Question | None = entry.question
        else:
            question = frozen_question(connection, submission.question_hash)
        return question.lib if isinstance(question, Code) else "numpy"

    def drop(self, connection: Connection, submission_id: str) -> None:
        """Take a submission out of the line, in the transaction that ends it."""
        jobs.drop(connection, submission_id)

    def progress(self, connection: Connection, submission_id: str) -> Progress | None:
        """Where the submission is on its way; None if it is not in the line."""
        return jobs.progress(connection, submission_id, self._crew)

    @property
    def is_busy(self) -> bool:
        """Whether a learner waits for a verdict, as of a moment ago."""
        return self._busy

    def gauges(self) -> Iterator[Metric]:
        """How grading stands, for the metrics, as of a moment ago."""
        yield from of_queue(self._load)
        yield from of_crew(self._crew)
        yield from SandboxGauges(self._sandbox).collect()

    def wait_briefly(self, submission_id: str, seconds: float) -> None:
        """Wait for the end of a submission whose turn it is: most are graded before anybody could see them wait."""
        until = time.monotonic() + seconds
        with self._listeners.waiting(submission_id) as news:
            while True:
                news.clear()
                with self._db.read() as connection:
                    progress = self.progress(connection, submission_id)
                if progress is None or (isinstance(progress, Queued) and (progress.ahead or not progress.is_served)):
                    return
                if not news.wait(max(0.0, until - time.monotonic())):
                    return

    def listening(self, submission_id: str) -> AbstractContextManager[asyncio.Event]:
        """An event that is set when something becomes known from now on. Ask for it before reading what is known."""
        return self._listeners.listening(submission_id)

    def wake_all(self) -> None:
        """Wake whoever listens: the server is about to stop."""
        self._listeners.tell_all()

    def close(self) -> None:
        """Look no more. What is in the line stays there."""
        self._closing.set()
        self._walls.close()
        if self._thread.ident is not None:
            self._thread.join(timeout=CLOSING_S)
        self._sandbox.close()

    def _hear(self, submission_id: str | None) -> None:
        if submission_id is None:
            self._listeners.tell_all()
        else:
            self._listeners.tell(submission_id)

    def _go_on(self) -> None:
        """Who waits sees the line move now and then; what is told is told at once."""
        looks = 0
        while not self._closing.wait(LOOK_S):
            looks += 1
            try:
                self._look()
                if looks % TEND_EVERY == 0:
                    self._tend()
            except (SQLAlchemyError, Unavailable):  # the database comes back, or every page says that it does not
                continue
            except Exception:
                log.exception("looking after the workers broke")
            self._listeners.tell_all()

    def _look(self) -> None:
        with self._db.read() as connection:
            self._crew = jobs.crew(connection)
            self._load, self._busy = jobs.load(connection)

    def _tend(self) -> None:
        """What any process does for all: dead workers' jobs, and submissions that are in no line."""
        graded.tend(self._db, self._clock, self._meters)
        with self._db.read() as connection:
            if not jobs.missing(connection, coding.UNFINISHED, 1):
                return
        with self._db.write() as connection:
            rows = jobs.missing(connection, coding.UNFINISHED, AT_ONCE)
            asked = {row["question_hash"] for row in rows}
            freeze(connection, [entry for entry in self._shelf.bank.questions.values() if entry.hash in asked])
            for row in rows:
                self.enqueue(connection, {**row})
