"""What happens to interviews without anybody asking: those left are marked, grading that broke is tried again, and
solutions to questions whose key was mended are graded again while the graders have nothing else to do.

It also notes every few seconds that the sittings under way have seen this moment, so that a server that starts again
with its clock set back goes on from there. Where several processes serve, the clock that they share notes it for all;
each of them sweeps, and whatever one has done is looked at again before another does it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from app.authoring import regrade_code
from app.bank.shelf import Shelf
from app.db import Database
from app.interview import marking, store
from app.practice import coding
from app.web.grading import Grading

log = structlog.get_logger()
EVERY_S = 5.0
AT_ONCE = 8  # solutions that are graded again in one round
GRACE = timedelta(seconds=3)  # answers on their way at the deadline are taken before the sitting is marked


class Sweeper:
    """A thread that sweeps now and then; `sweep` does it once. `keep_time` has a shared clock compared and noted."""

    def __init__(
        self,
        db: Database,
        shelf: Shelf,
        grading: Grading,
        now: Callable[[], datetime],
        keep_time: Callable[[], None] | None = None,
    ) -> None:
        self._db = db
        self._shelf = shelf
        self._grading = grading
        self._now = now
        self._keep_time = keep_time
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="sweeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join(timeout=EVERY_S)

    def sweep(self) -> None:
        """Mark what is over, one sitting a transaction; send broken gradings again, and what is to be graded again."""
        if self._keep_time is not None:
            self._keep_time()
        now = self._now()
        with self._db.read() as connection:
            under_way = store.any_under_way(connection)
            over = store.overdue(connection, now - GRACE) if under_way else []
            broken = marking.broken_slots(connection)
        if under_way and self._keep_time is None:
            with self._db.write() as connection:
                store.heartbeat(connection, now)
        for account_id, interview_id in over:
            self._mark(account_id, interview_id, now)
        for account_id, interview_id, number in broken:
            self._grade_again(account_id, interview_id, number, now)
        if not self._grading.is_busy:
            self._send_what_is_to_be_graded_again()

    def _mark(self, account_id: int, interview_id: int, now: datetime) -> None:
        with self._db.write(account_id) as connection:
            sitting = store.load(connection, self._shelf.bank, account_id, interview_id, now)
            sent = marking.close(connection, sitting) if sitting.needs_closing else []
            for submission_id in sent:
                self._grading.enqueue(connection, coding.submission(connection, account_id, submission_id))

    def _grade_again(self, account_id: int, interview_id: int, number: int, now: datetime) -> None:
        with self._db.write(account_id) as connection:
            sitting = store.load(connection, self._shelf.bank, account_id, interview_id, now)
            sent = marking.regrade(connection, sitting, sitting.slot(number))
            if sent is not None:
                self._grading.enqueue(connection, coding.submission(connection, account_id, sent))
        if sent is not None:
            log.warning("grading of an interview's code broke; trying again", interview=interview_id, question=number)

    def _send_what_is_to_be_graded_again(self) -> None:
        with self._db.read() as connection:
            rows = regrade_code.waiting(connection, AT_ONCE)
            if all(self._grading.progress(connection, row["id"]) for row in rows):  # they have been sent
                return
        with self._db.write() as connection:
            for row in regrade_code.waiting(connection, AT_ONCE):
                self._grading.enqueue(connection, row)

    def _go_on(self) -> None:
        while not self._closing.wait(EVERY_S):
            try:
                self.sweep()
            except Exception:  # a full disk passes; whatever it is, the next round tries again
                log.exception("sweeping broke")
