"""Grading in this process: from the database to the queue and back, and word of it to whoever waits."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from prometheus_client import Metric
from sqlalchemy import Connection

from app.authoring import graded
from app.bank.schema import Code, Lib, Question
from app.bank.shelf import Shelf
from app.db import Database, after_commit
from app.errors import N_
from app.grading.example import Example
from app.grading.gauges import SandboxGauges, of_queue
from app.grading.queue import GradingQueue, Progress, Submission
from app.grading.verdict import Report
from app.meters import Meters
from app.practice import coding
from app.practice.frozen import frozen_question
from app.sandbox import Sandbox
from app.web.examples import Examples
from app.web.grading import submission_of
from app.web.listeners import Listeners
from app.web.walls import Walls

SPARES = 3  # a submission takes one to draw its cases, one to say what is due, one for itself


class GradingDesk:
    """Owns the sandbox and the queue of this process."""

    def __init__(self, db: Database, shelf: Shelf, clock: Callable[[], datetime], meters: Meters | None = None) -> None:
        self._db = db
        self._shelf = shelf
        self._clock = clock
        self._meters = meters or Meters()
        self._listeners = Listeners()
        workers = max(2, os.cpu_count() or 1)
        self._sandbox = Sandbox(libs=("numpy",), spares=SPARES, workers=workers)
        self._walls = Walls(self._sandbox)
        self._examples = Examples(self._sandbox, self.available)
        self._queue = GradingQueue(self._grade, self._keep, self._listeners.tell, workers)

    def start(self) -> None:
        """Take up what the last run left behind, while nobody can submit, and see in the background if code is run."""
        with self._db.read() as connection:
            left_behind = coding.unfinished(connection)
        for row in left_behind:
            self._queue.submit(submission_of(row))
        self._walls.start()

    def available(self, lib: Lib) -> bool:
        """Whether code of this library is run here."""
        return self._walls.stand and self._sandbox.available(lib)

    def why_unavailable(self, lib: Lib) -> str | None:
        """Why code of this library is not run here; None if it is."""
        if self.available(lib):
            return None
        if lib == "torch" and self.available("numpy"):
            return N_("This question needs PyTorch, which is not installed on this server.")
        return N_("Code is not run on this server: its sandbox is not safe here. `whetstone doctor` says why.")

    def expect(self, lib: Lib) -> None:
        """Make ready for code of this library, which somebody may be about to send."""
        if self.available(lib):
            self._sandbox.warm_up(lib)

    def example(self, question: Code) -> Example | None:
        """The question's worked example as a picture; None where there is none, or code is not run."""
        return self._examples.example(question)

    def tried(self, question: Code, name: str, seed: int) -> Report | None:
        """How one of the question's wrong solutions fares; None where code is not run, or not in time."""
        return self._examples.tried(question, name, seed)

    def enqueue(self, connection: Connection, row: Mapping[str, Any]) -> None:
        """Put a submission in the queue as soon as it is stored."""
        submission = submission_of(row)
        after_commit(connection, lambda: self._queue.submit(submission))

    def drop(self, connection: Connection, submission_id: str) -> None:
        """Stop grading what is stored as cancelled."""
        after_commit(connection, lambda: self._queue.drop(submission_id))

    def progress(self, _connection: Connection, submission_id: str) -> Progress | None:
        """Where the submission is on its way; None if it is not under way here."""
        return self._queue.progress(submission_id)

    @property
    def is_busy(self) -> bool:
        """Whether a learner waits for a verdict."""
        return self._queue.is_busy

    def gauges(self) -> Iterator[Metric]:
        """How grading stands, for the metrics."""
        yield from of_queue(self._queue.load())
        yield from SandboxGauges(self._sandbox).collect()

    def wait_briefly(self, submission_id: str, seconds: float) -> None:
        """Wait for the end of a submission whose turn it is: most are graded before anybody could see them wait."""
        self._queue.wait_briefly(submission_id, seconds)

    def listening(self, submission_id: str) -> AbstractContextManager[asyncio.Event]:
        """An event that is set when something becomes known from now on. Ask for it before reading what is known."""
        return self._listeners.listening(submission_id)

    def wake_all(self) -> None:
        """Wake whoever listens: the server is about to stop."""
        self._listeners.tell_all()

    def close(self) -> None:
        """Stop taking work; what is unfinished is taken up at the next start."""
        self._walls.close()
        self._queue.close()
        self._sandbox.close()

    def _grade(
        self, submission: Submission, on_progress: Callable[[int, int], None], cancelled: Callable[[], bool]
    ) -> Report:
        return graded.judge(self._question(submission), submission, self._sandbox, on_progress, cancelled)

    def _question(self, submission: Submission) -> Question | None:
        """What the code is for: as it was asked in an interview, else as it stands in the bank."""
        entry = self._shelf.bank.questions.get(submission.question_id)
        if entry is not None and entry.hash == submission.question_hash:
            return entry.question
        with self._db.read() as connection:
            kept = frozen_question(connection, submission.question_hash)
        return kept or (entry.question if entry else None)

    def _keep(self, submission_id: str, report: Report) -> None:
        graded.keep(self._db, submission_id, None, report, self._clock, self._meters)
