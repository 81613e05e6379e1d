"""How many tries are left, counted in this process alone or, on PostgreSQL, by all processes together.

Both count in a moving window: of any minute, not of each minute by the clock. A limit that is reached lapses try by
try, and what is refused is not counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import Connection, Table, delete, func, insert, select, text

from app.accounts.models import CountedTry
from app.db import Database
from app.turns import Kind, numbered, turn

tries: Table = CountedTry.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it

_NOW = func.clock_timestamp()  # the server's: every process's window is the same
_SWEPT = 200  # of the lapsed, with each one that is added: more than come, so that none stay
_TURN = text("SELECT pg_advisory_xact_lock(:kind, :number)")


class Allowances(Protocol):
    """`names` are the limit's own: whose tries are counted together."""

    def is_left(self, limit: RateLimitItem, *names: str) -> bool:
        """Whether another try is allowed."""

    def take(self, limit: RateLimitItem, *names: str) -> bool:
        """Count a try; False, and nothing is counted, where none is left."""

    def one_at_a_time(self, *names: str) -> AbstractContextManager[None]:
        """Between looking what is left and counting, nobody else of any of these names may look, in any process."""


class InMemory:
    """Of one process, which is all there is on SQLite. That it checks one password at a time is its own affair."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def is_left(self, limit: RateLimitItem, *names: str) -> bool:
        return self._limiter.test(limit, *names)

    def take(self, limit: RateLimitItem, *names: str) -> bool:
        return self._limiter.hit(limit, *names)

    def one_at_a_time(self, *_names: str) -> AbstractContextManager[None]:
        return nullcontext()


class InDatabase:
    """Of all processes on one PostgreSQL. Where it can't count it raises Unavailable: nothing is allowed unseen."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def is_left(self, limit: RateLimitItem, *names: str) -> bool:
        with self._db.read() as connection:
            return _counted(connection, _key(limit, *names)) < limit.amount

    def take(self, limit: RateLimitItem, *names: str) -> bool:
        key = _key(limit, *names)
        with self._db.beside() as connection:
            connection.execute(_TURN, {"kind": Kind.count, "number": numbered(key)})
            if _counted(connection, key) >= limit.amount:
                return False
            lapses_at = _NOW + func.make_interval(0, 0, 0, 0, 0, 0, limit.get_expiry())
            connection.execute(insert(tries).values(key_hash=key, tried_at=_NOW, lapses_at=lapses_at))
            _sweep(connection)
        return True

    @contextmanager
    def one_at_a_time(self, *names: str) -> Iterator[None]:
        with turn(self._db, Kind.guess, *map(numbered, names)):
            yield


def _key(limit: RateLimitItem, *names: str) -> str:
    """Not the names themselves: a table of addresses and mistyped names is nobody's business."""
    return hashlib.sha256(limit.key_for(*names).encode()).hexdigest()


def _counted(connection: Connection, key: str) -> int:
    within = (tries.c.key_hash == key, tries.c.lapses_at > _NOW)
    return connection.execute(select(func.count()).select_from(tries).where(*within)).scalar_one()


def _sweep(connection: Connection) -> None:
    """Remove some that have lapsed, and never wait for others who do the same."""
    lapsed = select(tries.c.id).where(tries.c.lapses_at <= _NOW).limit(_SWEPT).with_for_update(skip_locked=True)
    connection.execute(delete(tries).where(tries.c.id.in_(lapsed)))
