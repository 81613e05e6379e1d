"""Submissions on their way: from the database to the grading queue and back, and word of it to whoever waits.

A submission is stored before it is queued and its report is stored once, so a server that stops in between takes it up
again at its next start: nothing is lost, nothing counted twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from app.bank.catalog import Bank
from app.bank.schema import Code, Lib
from app.db import Database
from app.errors import N_, Unavailable
from app.grading.queue import Dropped, Finished, GradingQueue, Progress, QueueFull
from app.grading.verdict import Report
from app.practice import coding
from app.sandbox import Sandbox, SandboxError

log = structlog.get_logger()
PATIENCE_S = 20.0
FULL_RETRY_S = 1.0


class GradingDesk:
    """Owns the sandbox and the queue of this process."""

    def __init__(self, db: Database, bank: Bank, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._bank = bank
        self._clock = clock
        self._queue: GradingQueue | None = None
        self._sandbox: Sandbox | None = None
        self._ready = threading.Event()
        self._closing = False
        self._wait_until = 0.0
        self._progress: dict[str, Progress] = {}
        self._waiting: dict[str, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = defaultdict(set)
        self._lock = threading.Lock()

    def start(self) -> None:
        """Raise the walls in the background; who asks whether code is run here waits for them, `PATIENCE_S` at most."""
        self._wait_until = time.monotonic() + PATIENCE_S
        threading.Thread(target=self._start, name="sandbox-start", daemon=True).start()

    def _start(self) -> None:
        left_behind: Sequence[Mapping[str, Any]] = ()
        try:
            with self._db.read() as connection:  # while nobody can submit: what is new is queued by its own request
                left_behind = coding.unfinished(connection)
            self._sandbox = Sandbox(libs=("numpy",))
            self._queue = GradingQueue(self._sandbox)
        except SandboxError as error:
            log.error("code is not run on this server", why=str(error))
        finally:
            self._ready.set()
        for row in left_behind:
            while not self._closing and not self._hand_in(row):
                time.sleep(FULL_RETRY_S)  # the queue is full; nobody waits in front of these

    def available(self, lib: Lib) -> bool:
        """Whether code of this library is run here. Waits for the walls if they are just being raised."""
        self._ready.wait(timeout=max(0.0, self._wait_until - time.monotonic()))
        return self._queue is not None and self._sandbox is not None and self._sandbox.available(lib)

    def enqueue(self, row: Mapping[str, Any]) -> None:
        """Queue a stored submission. Unavailable when the queue is full; the submission is then cancelled, not lost."""
        if not self._hand_in(row):
            self._end(row["id"], None)
            raise Unavailable(N_("Too much code waits to be graded just now."))

    def _hand_in(self, row: Mapping[str, Any]) -> bool:
        """Queue a stored submission, or end one that can't be graded here. False if the queue is full."""
        entry = self._bank.questions.get(row["question_id"])
        if self._queue is None or entry is None or not isinstance(entry.question, Code):
            self._end(row["id"], None)
            return True
        try:
            self._queue.submit(
                row["id"],
                entry.question,
                row["code"],
                row["mode"],
                row["seed"],
                owner=str(row["account_id"]),
                tell=lambda progress: self._hear(row["id"], progress),
                custom=row["custom"],
            )
        except QueueFull:
            return False
        return True

    def progress(self, submission_id: str) -> Progress | None:
        """Where the submission is on its way; None if it is not under way here."""
        return self._progress.get(submission_id)

    def cancel(self, submission_id: str) -> None:
        """Stop grading what nobody waits for."""
        if self._queue is None or not self._queue.cancel(submission_id):
            self._end(submission_id, None)

    @contextlib.contextmanager
    def listening(self, submission_id: str) -> Iterator[asyncio.Event]:
        """An event that is set when something becomes known from now on. Ask for it before reading what is known."""
        waiter = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._waiting[submission_id].add(waiter)
        try:
            yield waiter[1]
        finally:
            with self._lock:
                self._waiting[submission_id].discard(waiter)
                if not self._waiting[submission_id]:
                    del self._waiting[submission_id]

    def close(self) -> None:
        """Stop taking work; what is unfinished is taken up at the next start."""
        self._ready.wait(timeout=20)
        self._closing = True
        if self._queue is not None:
            self._queue.close()
        if self._sandbox is not None:
            self._sandbox.close()

    def _hear(self, submission_id: str, progress: Progress) -> None:
        """The queue's word, from one of its threads."""
        match progress:
            case Finished():
                self._end(submission_id, progress.report)
            case Dropped():
                if not self._closing:  # else it is taken up at the next start
                    self._end(submission_id, None)
            case _:
                self._progress[submission_id] = progress
                self._tell(submission_id)

    def _end(self, submission_id: str, report: Report | None) -> None:
        with self._db.write() as connection:
            coding.keep_report(connection, submission_id, report, self._clock())
        self._progress.pop(submission_id, None)
        self._tell(submission_id)

    def _tell(self, submission_id: str) -> None:
        with self._lock:
            waiters = list(self._waiting.get(submission_id, ()))
        for loop, event in waiters:
            with contextlib.suppress(RuntimeError):  # the loop may close while the server stops
                loop.call_soon_threadsafe(event.set)
