"""Who waits for word of a submission in this process, and how they are woken."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator

Wake = Callable[[], object]


class Listeners:
    """Wakes whoever waits for a submission, from any thread."""

    def __init__(self) -> None:
        self._wakes: dict[str, set[Wake]] = defaultdict(set)
        self._lock = threading.Lock()

    def tell(self, submission_id: str) -> None:
        """There is something new about this submission."""
        with self._lock:
            wakes = list(self._wakes.get(submission_id, ()))
        _call(wakes)

    def tell_all(self) -> None:
        """There may be something new about any."""
        with self._lock:
            wakes = [wake for those in self._wakes.values() for wake in those]
        _call(wakes)

    @contextlib.contextmanager
    def listening(self, submission_id: str) -> Iterator[asyncio.Event]:
        """An event that is set when something becomes known from now on. Ask for it before reading what is known."""
        loop, news = asyncio.get_running_loop(), asyncio.Event()
        with self._woken(submission_id, lambda: loop.call_soon_threadsafe(news.set)):
            yield news

    @contextlib.contextmanager
    def waiting(self, submission_id: str) -> Iterator[threading.Event]:
        """The same for a thread."""
        news = threading.Event()
        with self._woken(submission_id, news.set):
            yield news

    @contextlib.contextmanager
    def _woken(self, submission_id: str, wake: Wake) -> Iterator[None]:
        with self._lock:
            self._wakes[submission_id].add(wake)
        try:
            yield
        finally:
            with self._lock:
                self._wakes[submission_id].discard(wake)
                if not self._wakes[submission_id]:
                    del self._wakes[submission_id]


def _call(wakes: list[Wake]) -> None:
    for wake in wakes:
        with contextlib.suppress(RuntimeError):  # the loop may close while the server stops
            wake()
