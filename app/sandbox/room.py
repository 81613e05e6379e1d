"""Bounds how many jobs, and how much of their memory, are in use at a time. First come, first served."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LOOK_S = 0.1  # how often a waiting job asks whether it was cancelled


class Room:
    """Holds `jobs` jobs whose memory limits add up to `memory_mib` at most; a larger one enters when it is alone."""

    def __init__(self, jobs: int, memory_mib: int) -> None:
        self._jobs_left = self._jobs = jobs
        self._memory_left = memory_mib
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    @property
    def jobs(self) -> int:
        """How many are in it now."""
        return self._jobs - self._jobs_left

    @contextmanager
    def entered(self, memory_mib: int, cancelled: Callable[[], bool] | None) -> Iterator[bool]:
        """Wait for a place and hold it. Yields False, without a place, once `cancelled()` says so."""
        if not self._enter(memory_mib, cancelled):
            yield False
            return
        try:
            yield True
        finally:
            with self._changed:
                self._jobs_left += 1
                self._memory_left += memory_mib
                self._changed.notify_all()

    def _enter(self, memory_mib: int, cancelled: Callable[[], bool] | None) -> bool:
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            try:
                while not (self._queue[0] is ticket and self._fits(memory_mib)):
                    self._changed.wait(None if cancelled is None else _LOOK_S)
                    if cancelled is not None and cancelled():
                        return False
                self._jobs_left -= 1
                self._memory_left -= memory_mib
                return True
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()

    def _fits(self, memory_mib: int) -> bool:
        alone = self._jobs_left == self._jobs
        return self._jobs_left > 0 and (alone or memory_mib <= self._memory_left)
