"""Texts on their way through the publish gate: one at a time, in the background, behind every learner's submission.

Has a sandbox of its own, which starts when it is needed and ends when nothing has been asked for a while, so that a
check never holds a place that a learner waits for; between two jobs it lets their grading go first.

On PostgreSQL each process that serves has such a desk. Whoever is at a run holds its turn, which ends with the process,
so that another one takes up what was left behind; and keeps in the database how far it is, for all to show.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import structlog

from app.authoring import gate, gate_runs
from app.authoring.gate import Asked, Ground, Progress
from app.authoring.gate_runs import Run
from app.authoring.guarded import Stopped
from app.bank.schema import Lib
from app.bank.shelf import Shelf
from app.db import Database
from app.sandbox import Call, Job, Sandbox, SandboxError
from app.sandbox import Run as Ran
from app.turns import Kind, turn_if_free

log = structlog.get_logger()
WORKERS = 2  # a solution, and beside it the reference that says what is due
LOOK_AGAIN_S = 10.0  # after which it looks whether another process left a run behind
NOTE_S = 1.0  # how often it notes how far it is, and sees that the run was cancelled in another process
IDLE_S = 60.0  # after which the sandbox ends: a parent with torch holds 200 MB
LOOK_S = 0.05
LONGEST_WAIT_S = 5.0  # for learners, before one job: under steady load a check goes on, slowly
RETRY_S = 5.0
CLOSING_S = 10.0  # reading a text is not stopped in the middle


class GateDesk:
    """Owns the gate's queue and sandbox in this process. `is_busy` tells whether learners wait for verdicts."""

    def __init__(
        self,
        db: Database,
        shelf: Shelf,
        questions_dir: Path,
        clock: Callable[[], datetime],
        is_busy: Callable[[], bool],
    ) -> None:
        self._db = db
        self._shelf = shelf
        self._questions_dir = questions_dir
        self._clock = clock
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._asked = True  # whether there may be something in the queue
        self._current: tuple[int, threading.Event] | None = None
        self._progress: dict[int, Progress] = {}
        self._sandbox = _Sandbox(is_busy, self._closing)
        self._thread = threading.Thread(target=self._work, name="gate", daemon=True)

    def start(self) -> None:
        """Begin, with what the last run of the server left behind."""
        self._thread.start()

    def expect(self, run_id: int) -> None:
        """A run has been stored, and perhaps another one cancelled for it: see to it. Call it after the commit."""
        with self._changed:
            if self._current is not None and self._current[0] != run_id:
                self._look_at_current()
            self._asked = True
            self._changed.notify_all()

    def state(self, run_id: int) -> Run:
        """How far a run is. Raises NotFound."""
        with self._db.read() as connection:
            run = gate_runs.load(connection, run_id)
        progress = self._progress.get(run_id)
        if run.is_over or progress is None:
            return run
        return replace(run, state="running", step=progress.step, done=progress.done, total=progress.total)

    def close(self) -> None:
        """Stop; what is unfinished is begun again at the next start."""
        self._closing.set()
        with self._changed:
            if self._current is not None:
                self._current[1].set()
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout=CLOSING_S)
        self._sandbox.close()

    def _look_at_current(self) -> None:
        """Stop the run under way if it was cancelled."""
        assert self._current is not None  # noqa: S101  (asked by the caller)
        run_id, stopped = self._current
        with self._db.read() as connection:
            if gate_runs.load(connection, run_id).state == "cancelled":
                stopped.set()

    def _work(self) -> None:
        idle_since_s = time.monotonic()
        while not self._closing.is_set():
            try:
                self._wait()
                with self._taken() as run:
                    if run is not None:
                        self._check(run)
                        idle_since_s = time.monotonic()
                if time.monotonic() - idle_since_s >= IDLE_S:
                    self._sandbox.close()
            except Exception:  # a full disk passes; whatever it is, the next round tries again
                log.exception("the gate could not go on")
                self._closing.wait(RETRY_S)

    def _wait(self) -> None:
        """Until there may be something in the queue."""
        pause_s = LOOK_AGAIN_S if self._db.is_postgresql else IDLE_S
        with self._changed:
            self._changed.wait_for(lambda: self._asked or self._closing.is_set(), pause_s)
            self._asked = False

    @contextmanager
    def _taken(self) -> Iterator[Run | None]:
        """The first run that nobody is at, taken up and held; None if there is none."""
        with self._db.read() as connection:
            waiting = gate_runs.unfinished(connection)
        for run_id in waiting:
            if self._closing.is_set():
                break
            with turn_if_free(self._db, Kind.check, run_id) as free:
                run = self._begin(run_id) if free else None
                if run is not None:
                    yield run
                    return
        yield None

    def _begin(self, run_id: int) -> Run | None:
        with self._db.write() as connection:
            self._asked = True  # there may be more
            return gate_runs.begin(connection, run_id)

    def _check(self, run: Run) -> None:
        stopped = threading.Event()
        with self._changed:
            self._current = (run.id, stopped)
        if self._closing.is_set():
            stopped.set()
        told: list[gate.Told] | None = None
        state = "broken"
        try:
            told, state = self._told(run, stopped), "done"
        except Stopped:
            return  # it is cancelled, or begun again at the next start
        except Exception:
            log.exception("a check of the gate broke", run=run.id, question=run.question_id)
        finally:
            with self._changed:
                self._current = None
            self._progress.pop(run.id, None)
        with self._db.write() as connection:
            gate_runs.finish(connection, run.id, state, told, self._clock())

    def _told(self, run: Run, stopped: threading.Event) -> list[gate.Told]:
        bank = self._shelf.bank
        topic = bank.topics.get(run.topic_id)
        if topic is None:
            raise LookupError(f"no topic {run.topic_id}")
        with self._db.read() as connection:
            if gate_runs.load(connection, run.id).state == "cancelled":
                raise Stopped
            proven = gate_runs.proven(connection, run)
        asked = Asked(run.question_id, topic, run.yaml)

        noted_s = time.monotonic()

        def on_progress(progress: Progress) -> None:
            nonlocal noted_s
            self._progress[run.id] = progress
            if self._db.is_postgresql and time.monotonic() - noted_s >= NOTE_S:
                noted_s = time.monotonic()
                with self._db.beside() as connection:
                    if not gate_runs.note_progress(connection, run.id, progress):
                        stopped.set()
            if stopped.is_set():
                raise Stopped

        ground = Ground(bank, self._questions_dir)
        told = gate.run(asked, ground, self._sandbox, on_progress, stopped, proven)
        if stopped.is_set():  # what a closing sandbox could not prove says nothing of the text
            raise Stopped
        return told


class _Sandbox:
    """A sandbox that is there while it is needed, and lets learners go first."""

    def __init__(self, is_busy: Callable[[], bool], closing: threading.Event) -> None:
        self._is_busy = is_busy
        self._closing = closing
        self._made: Sandbox | None = None
        self._lock = threading.Lock()

    def run(
        self,
        job: Job,
        on_call: Callable[[int, Call], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Ran:
        for _ in range(round(LONGEST_WAIT_S / LOOK_S)):
            if not self._is_busy() or (cancelled is not None and cancelled()) or self._closing.wait(LOOK_S):
                break
        return self._standing().run(job, on_call, cancelled)

    def available(self, library: Lib) -> bool:
        return self._standing().available(library)

    def _standing(self) -> Sandbox:
        with self._lock:
            if self._closing.is_set():
                raise SandboxError("the server stops")
            if self._made is None:
                self._made = Sandbox(libs=(), spares=1, workers=WORKERS)
            return self._made

    def close(self) -> None:
        with self._lock:
            made, self._made = self._made, None
        if made is not None:
            made.close()
