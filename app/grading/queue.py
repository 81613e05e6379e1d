"""The line of submissions before the graders of one process: fair between people, with progress and cancelling.

A stored submission is the job; here is only its turn. So a server that dies loses nothing: at the next start, what has
no end yet is submitted again, and a report is kept for a submission without an end only. Ids and values go in and come
out, and all that is done with a submission are three functions (`grade`, `keep`, `news`), so that graders on other
machines, fed from the database, can stand in for this line.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition, Event, Thread

from app.errors import Unavailable
from app.grading.code import Cancelled, Mode, internal_error
from app.grading.verdict import Report

log = logging.getLogger(__name__)

REGRADES = "regrades"  # owns all code that is graded again: together it takes one turn, as one learner does
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 10.0
_TIMED = 20  # the latest gradings, from which the next ones are foretold


@dataclass(frozen=True)
class Submission:
    """What is to be graded, as it is stored. `owner` is whom it is graded for."""

    id: str
    owner: str
    question_id: str
    code: str
    mode: Mode
    seed: int
    custom: str | None = None
    question_hash: str = ""  # of the version that it is for; else the one that the bank has


@dataclass(frozen=True)
class Queued:
    """Waiting; as things stand `ahead` submissions are begun before this one, which is begun in `wait_s` seconds.

    None when nothing was graded yet that would tell. `is_served`: whether there is anybody just now who could begin it.
    """

    ahead: int
    wait_s: float | None
    is_served: bool = True


@dataclass(frozen=True)
class Running:
    """`done` of `total` cases are judged; both 0 while the cases are being made."""

    done: int
    total: int


@dataclass(frozen=True)
class Graded:
    """Judged, but its report could not be kept yet. That is tried again until it can."""


Progress = Queued | Running | Graded


@dataclass(frozen=True)
class Load:
    """How many submissions wait for their turn, and how many have it."""

    waiting: int
    running: int


# Judges a submission; hears of the cases done out of how many, asks whether to stop, and then raises Cancelled.
Grade = Callable[[Submission, Callable[[int, int], None], Callable[[], bool]], Report]
# Stores a report by its submission's id. What it raises means "not now".
Keep = Callable[[str, Report], None]
# Says by id that there is something new about a submission: ask `progress`, or the store once it has ended.
News = Callable[[str], None]


@dataclass
class _Underway:
    progress: Running | Graded = field(default_factory=lambda: Running(0, 0))
    dropped: Event = field(default_factory=Event)


class GradingQueue:
    """Grades on `workers` threads. Owners take turns; each one's submissions are begun in the order they came."""

    def __init__(self, grade: Grade, keep: Keep, news: News, workers: int = 2) -> None:
        self._grade = grade
        self._keep = keep
        self._news = news
        self._waiting: OrderedDict[str, deque[Submission]] = OrderedDict()  # by owner, whose turn is next first
        self._underway: dict[str, _Underway] = {}
        self._took_s: deque[float] = deque(maxlen=_TIMED)
        self._changed = Condition()
        self._closed = Event()
        self._threads = [Thread(target=self._work, name=f"grading-{n}", daemon=True) for n in range(workers)]
        for thread in self._threads:
            thread.start()

    def submit(self, submission: Submission) -> None:
        """Take a stored submission in turn. Nothing happens if it is in the line already, or the queue is closed."""
        with self._changed:
            if self._closed.is_set() or self._is_here(submission.id):
                return
            self._waiting.setdefault(submission.owner, deque()).append(submission)
            self._changed.notify()
        self._tell([submission.id])

    @property
    def is_busy(self) -> bool:
        """Whether anything waits or is being graded."""
        with self._changed:
            return bool(self._waiting or self._underway)

    def load(self) -> Load:
        """How long the line is."""
        with self._changed:
            return Load(sum(map(len, self._waiting.values())), len(self._underway))

    def progress(self, submission_id: str) -> Progress | None:
        """Where a submission is on its way; None if it is not, or no longer, on its way here."""
        with self._changed:
            if underway := self._underway.get(submission_id):
                return underway.progress
            if found := self._find(submission_id):
                ahead = self._ahead_of(found)
                return Queued(ahead, self._wait_s(ahead))
            return None

    def wait_briefly(self, submission_id: str, seconds: float) -> None:
        """Wait until a submission's end is kept, if it is its turn; for `seconds` at the most."""
        with self._changed:
            found = self._find(submission_id)
            if found is None or self._ahead_of(found) == 0:
                self._changed.wait_for(lambda: not self._is_here(submission_id), timeout=seconds)

    def drop(self, submission_id: str) -> None:
        """Forget a submission that has been ended in the store: it is not begun, or stops soon."""
        with self._changed:
            if underway := self._underway.get(submission_id):
                underway.dropped.set()
            elif found := self._find(submission_id):
                line = self._waiting[found.owner]
                line.remove(found)
                if not line:
                    del self._waiting[found.owner]
            told = [submission_id, *self._waiting_ids()]
        self._tell(told)

    def close(self, drain_s: float = 10.0) -> None:
        """Begin nothing more, let what runs finish for `drain_s` seconds, then stop it. What has no end keeps none."""
        with self._changed:
            self._closed.set()
            self._waiting.clear()
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._underway, timeout=drain_s)
            for underway in self._underway.values():
                underway.dropped.set()
        for thread in self._threads:
            thread.join(timeout=drain_s)

    def _is_here(self, submission_id: str) -> bool:
        return submission_id in self._underway or self._find(submission_id) is not None

    def _find(self, submission_id: str) -> Submission | None:
        return next((it for line in self._waiting.values() for it in line if it.id == submission_id), None)

    def _waiting_ids(self) -> list[str]:
        return [it.id for line in self._waiting.values() for it in line]

    def _ahead_of(self, submission: Submission) -> int:
        """One's own before it; of each other owner as many, and one more if that owner's turn comes sooner."""
        own = self._waiting[submission.owner].index(submission)
        ahead, sooner = own, 1
        for owner, line in self._waiting.items():
            if owner == submission.owner:
                sooner = 0
            else:
                ahead += min(len(line), own + sooner)
        return ahead

    def _wait_s(self, ahead: int) -> float | None:
        if not self._took_s:
            return None
        return (ahead + 1) * sum(self._took_s) / len(self._took_s) / len(self._threads)

    def _work(self) -> None:
        while (submission := self._take()) is not None:
            began = time.monotonic()
            report = self._judge(submission)
            if report is not None:
                self._keep_at_last(submission.id, report)
            with self._changed:
                if report is not None:
                    self._took_s.append(time.monotonic() - began)
                del self._underway[submission.id]
                self._changed.notify_all()
            self._tell([submission.id])

    def _take(self) -> Submission | None:
        """The next owner's first submission; that owner goes to the end of the line. None once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed.is_set())
            if self._closed.is_set():
                return None
            owner, line = self._waiting.popitem(last=False)
            submission = line.popleft()
            if line:
                self._waiting[owner] = line
            self._underway[submission.id] = _Underway()
            told = [submission.id, *self._waiting_ids()]
        self._tell(told)
        return submission

    def _judge(self, submission: Submission) -> Report | None:
        """None if it was dropped."""
        underway = self._underway[submission.id]

        def on_progress(done: int, total: int) -> None:
            underway.progress = Running(done, total)
            self._tell([submission.id])

        try:
            return self._grade(submission, on_progress, underway.dropped.is_set)
        except Cancelled:
            return None
        except Exception:  # whatever broke, the learner gets a report and the thread lives on
            log.exception("grading of submission %s broke", submission.id)
            return internal_error(submission.question_id, submission.seed)

    def _keep_at_last(self, submission_id: str, report: Report) -> None:
        """Keep a report, however long that takes: a full disk gets room again. Closing leaves it to the next start."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                return self._keep(submission_id, report)
            except Exception as error:
                if pause_s == FIRST_PAUSE_S:
                    unforeseen = not isinstance(error, Unavailable)  # a full disk says all in a line
                    log.error(
                        "the report of submission %s cannot be kept; trying again: %s",
                        submission_id,
                        error,
                        exc_info=unforeseen,
                    )
            self._underway[submission_id].progress = Graded()
            self._tell([submission_id])
            if self._closed.wait(pause_s):
                return None
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _tell(self, ids: list[str]) -> None:
        for submission_id in ids:
            try:
                self._news(submission_id)
            except Exception:  # a listener's fault must not stop the queue
                log.exception("the listener broke on news of submission %s", submission_id)
