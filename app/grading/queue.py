"""The queue of code submissions in one process: bounded, fair between owners, with progress and cancelling.

It knows neither pages nor database: who submits gives a callback and hears what becomes of the submission. Callbacks
come from any thread that uses the queue, one at a time for one submission, never backwards (`Queued`, `Running`, the
end), and end with exactly one `Finished` or `Dropped`. What they raise is logged and ignored.
"""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition, Event, Lock, Thread

from app.bank.schema import Code
from app.grading.cases import Runs
from app.grading.code import Cancelled, Mode, grade_code, internal_error, parse_custom
from app.grading.verdict import Report

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Queued:
    """Waiting; `ahead` submissions will be begun before this one, as things stand."""

    ahead: int


@dataclass(frozen=True)
class Running:
    """`done` of `total` cases are judged; both 0 while the cases are being made."""

    done: int
    total: int


@dataclass(frozen=True)
class Finished:
    report: Report


@dataclass(frozen=True)
class Dropped:
    """Cancelled; there is no report."""


Progress = Queued | Running | Finished | Dropped
_STAGES = {Queued: 0, Running: 1, Finished: 2, Dropped: 2}


class QueueFull(Exception):  # noqa: N818 (a state the caller answers with "try again shortly", not a fault)
    """As many submissions wait as the queue holds."""


@dataclass(eq=False)
class _Submission:
    id: str
    owner: str
    question: Code
    source: str
    mode: Mode
    seed: int
    tell: Callable[[Progress], None]
    custom: str | None
    cancelled: Event = field(default_factory=Event)
    telling: Lock = field(default_factory=Lock)
    stage: int = 0


class GradingQueue:
    """Grades submissions on `workers` threads; at most `capacity` wait. Owners take turns, each in their own order."""

    def __init__(self, sandbox: Runs, workers: int = 2, capacity: int = 64) -> None:
        self._sandbox = sandbox
        self._capacity = capacity
        self._waiting: OrderedDict[str, deque[_Submission]] = OrderedDict()
        self._running: dict[str, _Submission] = {}
        self._changed = Condition()
        self._closed = False
        self._threads = [Thread(target=self._work, name=f"grading-{n}", daemon=True) for n in range(workers)]
        for thread in self._threads:
            thread.start()

    def submit(
        self,
        id: str,  # noqa: A002 (the submission's id, as everywhere)
        question: Code,
        source: str,
        mode: Mode,
        seed: int,
        owner: str,
        tell: Callable[[Progress], None],
        custom: str | None = None,
    ) -> None:
        """Queue a submission; `tell` hears of its progress.

        Raises `QueueFull`, `MalformedAnswer` (of `custom`), `ValueError` for an id in use or a closed queue.
        """
        if custom:
            parse_custom(custom)
        submission = _Submission(id, owner, question, source, mode, seed, tell, custom)
        with self._changed:
            if self._closed:
                raise ValueError("the queue is closed")
            if id in self._running or self._find(id) is not None:
                raise ValueError(f"submission {id} is already queued")
            if self.waiting >= self._capacity:
                raise QueueFull
            self._waiting.setdefault(owner, deque()).append(submission)
            ahead = self._ahead_of(submission)
            self._changed.notify()
        _tell(submission, Queued(ahead))

    @property
    def waiting(self) -> int:
        """How many submissions wait to be begun."""
        with self._changed:
            return sum(map(len, self._waiting.values()))

    def cancel(self, id: str) -> bool:  # noqa: A002 (as in submit)
        """Drop a waiting submission at once, stop a running one soon. False if it is neither."""
        with self._changed:
            if running := self._running.get(id):
                running.cancelled.set()
                return True
            if (found := self._find(id)) is None:
                return False
            self._remove(found)
        _tell(found, Dropped())
        return True

    def close(self, drain_s: float = 10.0) -> list[str]:
        """Begin nothing more, let what runs finish for `drain_s` seconds, then cancel it.

        Returns the ids never begun (they hear nothing more): hand them in again on the next start.
        """
        with self._changed:
            self._closed = True
            left = [submission.id for line in self._waiting.values() for submission in line]
            self._waiting.clear()
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._running, timeout=drain_s)
            for running in self._running.values():
                running.cancelled.set()
        for thread in self._threads:
            thread.join(timeout=drain_s)
        return left

    def _find(self, id: str) -> _Submission | None:  # noqa: A002 (as in submit)
        return next((it for line in self._waiting.values() for it in line if it.id == id), None)

    def _remove(self, submission: _Submission) -> None:
        line = self._waiting[submission.owner]
        line.remove(submission)
        if not line:
            del self._waiting[submission.owner]

    def _ahead_of(self, submission: _Submission) -> int:
        """Owners take turns, so at most one submission of each other owner comes before each of one's own."""
        own = self._waiting[submission.owner].index(submission)
        others = (len(line) for owner, line in self._waiting.items() if owner != submission.owner)
        return own + sum(min(length, own + 1) for length in others)

    def _take(self) -> _Submission | None:
        """The next owner's first submission; that owner goes to the end of the line. None once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            owner, line = self._waiting.popitem(last=False)
            submission = line.popleft()
            if line:
                self._waiting[owner] = line
            self._running[submission.id] = submission
            moved = [(it, Queued(self._ahead_of(it))) for line in self._waiting.values() for it in line]
        _tell(submission, Running(0, 0))
        for other, place in moved:
            _tell(other, place)
        return submission

    def _work(self) -> None:
        while (submission := self._take()) is not None:
            _tell(submission, self._grade(submission))
            with self._changed:
                del self._running[submission.id]
                self._changed.notify_all()

    def _grade(self, submission: _Submission) -> Finished | Dropped:
        try:
            report = grade_code(
                submission.question,
                submission.source,
                sandbox=self._sandbox,
                mode=submission.mode,
                seed=submission.seed,
                on_progress=lambda done, total: _tell(submission, Running(done, total)),
                cancelled=submission.cancelled.is_set,
                custom=submission.custom,
            )
        except Cancelled:
            return Dropped()
        except Exception:  # whatever broke, the learner gets a report and the thread lives on
            log.exception("grading of submission %s broke", submission.id)
            report = internal_error(submission.question, submission.seed)
        return Finished(report)


def _tell(submission: _Submission, progress: Progress) -> None:
    """Tell the listener, unless a later stage was told already (another thread may have been quicker)."""
    stage = _STAGES[type(progress)]
    with submission.telling:
        if stage < submission.stage or submission.stage == _STAGES[Finished]:
            return
        submission.stage = stage
        try:
            submission.tell(progress)
        except Exception:  # a listener's fault must not stop the queue
            log.exception("the listener of submission %s broke on %s", submission.id, type(progress).__name__)
