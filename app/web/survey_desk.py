"""The survey of the bank's figures, kept for a while: over many reviews it takes seconds, which no page should wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import datetime, timedelta

from app.bank.shelf import Shelf
from app.db import Database
from app.stats.item_store import Survey, survey

FRESH_FOR = timedelta(minutes=5)
WAIT_S = 2.0


class SurveyDesk:
    """One survey at a time. Whoever asks while the next is counted gets the last one."""

    def __init__(self, db: Database, shelf: Shelf, now: Callable[[], datetime]) -> None:
        self._db = db
        self._shelf = shelf
        self._now = now
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="survey")
        self._latest: Survey | None = None
        self._running: Future[Survey] | None = None

    def latest(self, wait_s: float = WAIT_S) -> Survey | None:
        """A survey no older than five minutes, or the last one if the next takes longer; None if there is none yet."""
        with self._lock:
            if self._latest is not None and self._now() - self._latest.at < FRESH_FOR:
                return self._latest
            if self._running is None:
                self._running = self._pool.submit(self._count)
            running = self._running
        try:
            return running.result(wait_s)
        except FutureTimeoutError:
            return self._latest

    def close(self) -> None:
        """Wait for what is being counted, so that the database may be closed."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _count(self) -> Survey:
        try:
            with self._db.read() as connection:
                counted = survey(connection, self._shelf.bank, self._now())
            self._latest = counted
            return counted
        finally:
            with self._lock:
                self._running = None
