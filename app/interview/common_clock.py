"""The time of interviews where several processes serve them: the database server's clock, made steady.

A deadline means the same moment on every machine, whatever their own clocks say. Between two looks at the server, time
goes on by this machine's count of seconds. Should the server's clock be set, the process that notices first moves the
shared time by as much the other way: nobody gains a second by that, and nobody loses one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, Row, Table, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.db import Database
from app.interview.models import SharedClock
from app.interview.store import newest_known_at

log = structlog.get_logger()
shared: Table = SharedClock.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it

TOLERANCE = timedelta(seconds=1)  # by which server and machine may differ without a clock having been set
LONG_AGO = timedelta(minutes=1)  # nobody has noted the time since: no process runs
NOTED_EVERY = timedelta(seconds=4)  # how exactly the shared row knows the time: once for all processes
_ONE = 1


def server_time(connection: Connection) -> datetime:
    """What the database server's clock says now."""
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment


@dataclass(frozen=True)
class _Known:
    """A moment of the shared time, and this machine's count of seconds then."""

    at: datetime
    elapsed_s: float


class CommonClock:
    """Calling it gives the time, which never goes back; `look` compares it with the server's, every few seconds."""

    def __init__(
        self,
        db: Database,
        server: Callable[[Connection], datetime] = server_time,
        elapsed: Callable[[], float] = clock.elapsed_s,
    ) -> None:
        self._db = db
        self._server = server
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._known = _Known(self._begin(), elapsed())
        self._latest = self._known.at

    def __call__(self) -> datetime:
        with self._lock:
            self._latest = max(self._latest, self._expected())
            return self._latest

    def look(self) -> None:
        """Go by the server from now on. If its clock was set, correct the shared time, unless somebody has already."""
        with self._db.read() as connection:
            read = self._read(connection)
        if self._is_askew(read):
            with self._db.beside() as connection:
                connection.execute(select(shared.c.id).where(shared.c.id == _ONE).with_for_update())
                read = self._read(connection)
                if self._is_askew(read):
                    read = self._correct(connection, read)
        with self._lock:
            self._known = _Known(read.at, read.elapsed_s)
        self._note()

    def _expected(self, elapsed_s: float | None = None) -> datetime:
        now_s = self._elapsed() if elapsed_s is None else elapsed_s
        return self._known.at + timedelta(seconds=now_s - self._known.elapsed_s)

    def _begin(self) -> datetime:
        """The shared time, made with the first process; never before what a sitting under way has seen."""
        with self._db.beside() as connection:
            now = self._server(connection)
            connection.execute(insert(shared).values(id=_ONE, seen_at=now).on_conflict_do_nothing())
            row = connection.execute(select(shared).where(shared.c.id == _ONE).with_for_update()).one()
            at: datetime = self._server(connection) + timedelta(seconds=row.ahead_s)
            under_way = newest_known_at(connection)
            if under_way is None and abs(at - row.seen_at) > LONG_AGO:  # a restored database, or another server's
                values = {"ahead_s": 0.0, "seen_at": now}
                connection.execute(update(shared).where(shared.c.id == _ONE).values(**values))
                return now
            floor: datetime = max(row.seen_at, under_way or row.seen_at)
            if at < floor:
                _move(connection, row, floor - at)
            return max(at, floor)

    def _read(self, connection: Connection) -> _Read:
        before_s = self._elapsed()
        row = connection.execute(select(shared).where(shared.c.id == _ONE)).one()
        server = self._server(connection)
        after_s = self._elapsed()
        at: datetime = server + timedelta(seconds=row.ahead_s)
        return _Read(at, (before_s + after_s) / 2, TOLERANCE + timedelta(seconds=after_s - before_s), row)

    def _is_askew(self, read: _Read) -> bool:
        """Whether the server's clock must have been set: it is behind, or ahead though nobody else has seen it so."""
        with self._lock:
            expected = self._expected(read.elapsed_s)
        if read.at > expected + read.tolerance:  # or this machine slept, while others went on
            return bool(read.row.seen_at <= expected + read.tolerance)
        return read.at < expected - read.tolerance

    def _correct(self, connection: Connection, read: _Read) -> _Read:
        with self._lock:
            expected = self._expected(read.elapsed_s)
        log.warning("the database server's clock was set", by_s=round((read.at - expected).total_seconds(), 1))
        _move(connection, read.row, expected - read.at)
        return _Read(expected, read.elapsed_s, read.tolerance, read.row)

    def _note(self) -> None:
        """That this moment has been seen: whoever starts next does not begin before it."""
        now = self()
        behind = (shared.c.id == _ONE, shared.c.seen_at < now - NOTED_EVERY)
        with self._db.outside() as connection:
            connection.execute(update(shared).where(*behind).values(seen_at=now))


@dataclass(frozen=True)
class _Read:
    """The shared time as the server gives it at this machine's `elapsed_s`, give or take `tolerance`; and its row."""

    at: datetime
    elapsed_s: float
    tolerance: timedelta
    row: Row[tuple[object, ...]]


def _move(connection: Connection, row: Row[tuple[object, ...]], by: timedelta) -> None:
    values = {"ahead_s": row.ahead_s + by.total_seconds(), "corrections": row.corrections + 1}
    connection.execute(update(shared).where(shared.c.id == _ONE).values(**values))
