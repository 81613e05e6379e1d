"""Submissions on their way: from the database to the grading queue and back, and word of it to whoever waits.

A submission is stored before it is queued and its report is stored once, so a server that stops in between takes it up
again at its next start: nothing is lost, nothing counted twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import Metric
from sqlalchemy.exc import OperationalError

from app.authoring import regrade_code
from app.bank.schema import Code, Lib, Question
from app.bank.shelf import Shelf
from app.db import Database
from app.errors import Unavailable
from app.grading.code import grade_code, internal_error
from app.grading.example import Example, example_of
from app.grading.gauges import SandboxGauges, of_queue
from app.grading.queue import GradingQueue, Progress, Submission
from app.grading.verdict import BrokenQuestion, Report
from app.meters import Meters
from app.practice import coding
from app.practice.frozen import frozen_question
from app.sandbox import Job, Sandbox, SandboxError
from app.web.tryouts import Tryouts, code_key

log = structlog.get_logger()
RETRY_S = 1.0
REGRADES = "regrades"  # owns all code that is graded again: together it takes one turn, as one learner does
LONGEST_RETRY_S = 60.0
KEPT_EXAMPLES = 500  # those of a large bank, and of the texts that are being edited
SPARES = 3  # a submission takes one to draw its cases, one to say what is due, one for itself
_PROBE = Job("def stand():\n    return True\n", "stand", [()])


class GradingDesk:
    """Owns the sandbox and the queue of this process."""

    def __init__(self, db: Database, shelf: Shelf, clock: Callable[[], datetime], meters: Meters | None = None) -> None:
        self._db = db
        self._shelf = shelf
        self._clock = clock
        self._meters = meters or Meters()
        self._closing = threading.Event()
        self._walls_stand = True  # until it is known better: who comes first need not wait for the proof
        self._listeners: dict[str, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = defaultdict(set)
        self._examples: OrderedDict[str, Example | None] = OrderedDict()
        self._lock = threading.Lock()
        workers = max(2, os.cpu_count() or 1)
        self._sandbox = Sandbox(libs=("numpy",), spares=SPARES, workers=workers)
        self._tryouts = Tryouts(self._sandbox)
        self._queue = GradingQueue(self._grade, self._keep, self._tell, workers)

    def start(self) -> None:
        """Take up what the last run left behind, while nobody can submit, and see in the background if code is run."""
        with self._db.read() as connection:
            left_behind = coding.unfinished(connection)
        for row in left_behind:
            self.enqueue(row)
        threading.Thread(target=self._prove_walls, name="sandbox-proof", daemon=True).start()

    def _prove_walls(self) -> None:
        """Try until a job is run: what keeps the walls down may pass, and then nobody should have to restart us."""
        pause_s = RETRY_S
        while not self._closing.is_set():
            try:
                self._sandbox.run(_PROBE)
            except SandboxError as error:
                self._walls_stand = False
                if not self._closing.is_set():
                    log.error("code is not run on this server", why=str(error))
                self._closing.wait(pause_s)
                pause_s = min(2 * pause_s, LONGEST_RETRY_S)
            else:
                self._walls_stand = True
                return

    def available(self, lib: Lib) -> bool:
        """Whether code of this library is run here."""
        return self._walls_stand and self._sandbox.available(lib)

    def expect(self, lib: Lib) -> None:
        """Make ready for code of this library, which somebody may be about to send."""
        if self.available(lib):
            self._sandbox.warm_up(lib)

    def example(self, question: Code) -> Example | None:
        """The question's worked example as a picture, drawn once; None where there is none, or code is not run."""
        key = code_key(question)
        with self._lock:
            if key in self._examples:
                self._examples.move_to_end(key)
                return self._examples[key]
        if not self.available(question.lib):
            return None
        try:
            drawn = example_of(question, self._sandbox)
        except SandboxError as error:  # the page can do without
            log.warning("an example could not be drawn", question=question.id, why=str(error))
            return None
        except BrokenQuestion as error:  # as above, and it stays so
            log.warning("an example could not be drawn", question=question.id, why=str(error))
            drawn = None
        with self._lock:
            self._examples[key] = drawn
            while len(self._examples) > KEPT_EXAMPLES:
                self._examples.popitem(last=False)
        return drawn

    def tried(self, question: Code, name: str, seed: int) -> Report | None:
        """How one of the question's wrong solutions fares; None where code is not run, or not in time."""
        return self._tryouts.graded(question, name, seed) if self.available(question.lib) else None

    def enqueue(self, row: Mapping[str, Any]) -> None:
        """Put a stored submission in the queue."""
        self._queue.submit(
            Submission(
                id=row["id"],
                owner=REGRADES if row["status"] == coding.REGRADE else str(row["account_id"]),
                question_id=row["question_id"],
                question_hash=row["question_hash"],
                code=row["code"],
                mode=row["mode"],
                seed=row["seed"],
                custom=row["custom"],
            )
        )

    def progress(self, submission_id: str) -> Progress | None:
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

    def drop(self, submission_id: str) -> None:
        """Stop grading what has been stored as cancelled."""
        self._queue.drop(submission_id)

    @contextlib.contextmanager
    def listening(self, submission_id: str) -> Iterator[asyncio.Event]:
        """An event that is set when something becomes known from now on. Ask for it before reading what is known."""
        listener = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._listeners[submission_id].add(listener)
        try:
            yield listener[1]
        finally:
            with self._lock:
                self._listeners[submission_id].discard(listener)
                if not self._listeners[submission_id]:
                    del self._listeners[submission_id]

    def close(self) -> None:
        """Stop taking work; what is unfinished is taken up at the next start."""
        self._closing.set()
        self._queue.close()
        self._sandbox.close()

    def _grade(
        self, submission: Submission, on_progress: Callable[[int, int], None], cancelled: Callable[[], bool]
    ) -> Report:
        question = self._question(submission)
        if not isinstance(question, Code):
            return internal_error(submission.question_id, submission.seed)
        return grade_code(
            question,
            submission.code,
            sandbox=self._sandbox,
            mode=submission.mode,
            seed=submission.seed,
            on_progress=on_progress,
            cancelled=cancelled,
            custom=submission.custom,
        )

    def _question(self, submission: Submission) -> Question | None:
        """What the code is for: as it was asked in an interview, else as it stands in the bank."""
        entry = self._shelf.bank.questions.get(submission.question_id)
        if entry is not None and entry.hash == submission.question_hash:
            return entry.question
        with self._db.read() as connection:
            kept = frozen_question(connection, submission.question_hash)
        return kept or (entry.question if entry else None)

    def _keep(self, submission_id: str, report: Report) -> None:
        """Store how a submission ended. What the queue hears of is worth another try: no room, or others write."""
        try:
            self._store(submission_id, report)
        except (OperationalError, Unavailable):
            raise
        except Exception:  # a report that can never be stored must not occupy a grader for ever
            log.exception("a report could not be stored", submission=submission_id)
            self._store(submission_id, internal_error(report.question, report.seed))

    def _store(self, submission_id: str, report: Report) -> None:
        kept = None
        with self._db.write() as connection:
            now = self._clock()
            if not regrade_code.keep(connection, submission_id, report, now):
                kept = coding.keep_report(connection, submission_id, report, now)
        if kept is not None:
            self._meters.verdict(report.verdict, kept.mode, (now - kept.sent_at).total_seconds())

    def _tell(self, submission_id: str) -> None:
        with self._lock:
            listeners = list(self._listeners.get(submission_id, ()))
        for loop, event in listeners:
            with contextlib.suppress(RuntimeError):  # the loop may close while the server stops
                loop.call_soon_threadsafe(event.set)
