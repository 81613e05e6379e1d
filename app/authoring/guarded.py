"""The sandbox as the gate uses it: stopped from outside, ended in time, giving way to others, its progress counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from threading import Event

from app.bank.schema import Lib
from app.grading.cases import DRAWING, Runs
from app.sandbox import Call, Job, Limits, Run

LONGEST_S = 600.0  # for all of a question's code; the slowest of the bank takes a tenth of it
# An editor waits: what loops is told sooner than a learner's grading would give it up.
DRAWING_HERE = Limits(cpu_s=10, wall_s=30, load_s=10, memory_mib=DRAWING.memory_mib, result_bytes=DRAWING.result_bytes)


class Stopped(Exception):  # noqa: N818 (an end that was asked for)
    """Whoever asked for the check no longer wants it."""


class OutOfTime(Exception):  # noqa: N818 (an outcome that the gate names)
    """All of it took too long."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"more than {seconds:.0f} seconds")
        self.seconds = round(seconds)


class Guarded:
    """A `cases.Runs` over another one. Raises `Stopped` and `OutOfTime` from `run`, before and after each job."""

    def __init__(self, sandbox: Runs, stopped: Event, longest_s: float = LONGEST_S) -> None:
        self._sandbox = sandbox
        self._stopped = stopped
        self._longest_s = longest_s
        self._ends_at = time.monotonic() + longest_s
        self._lock = threading.Lock()
        self._sources: Collection[str] = ()
        self._seen: set[str] = set()
        self._heard: Callable[[int], None] = lambda _seen: None

    def count(self, sources: Collection[str], heard: Callable[[int], None]) -> None:
        """From now on tell how many of these sources have been run."""
        self._sources, self._seen, self._heard = sources, set(), heard

    def available(self, library: Lib) -> bool:
        return self._sandbox.available(library)

    def run(
        self,
        job: Job,
        on_call: Callable[[int, Call], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Run:
        self._go_on()
        if job.limits == DRAWING:
            job = replace(job, limits=DRAWING_HERE)
        done = self._sandbox.run(job, on_call, lambda: self._is_over() or (cancelled is not None and cancelled()))
        self._go_on()
        with self._lock:
            is_new = job.source in self._sources and job.source not in self._seen
            self._seen.add(job.source)
            seen = sum(source in self._sources for source in self._seen)
        if is_new:
            self._heard(seen)
        return done

    def _is_over(self) -> bool:
        return self._stopped.is_set() or time.monotonic() > self._ends_at

    def _go_on(self) -> None:
        if self._stopped.is_set():
            raise Stopped
        if time.monotonic() > self._ends_at:
            raise OutOfTime(self._longest_s)
