"""Turns that the processes on one PostgreSQL take with each other, beside the transactions of those who write.

They are advisory locks of a connection of their own: they need no table, hold no transaction open, and end by
themselves when the process that has them dies. On SQLite there is one process, which has its own ways.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from app.db import Database

log = structlog.get_logger()

_TRY = text("SELECT pg_try_advisory_lock(:kind, :number)")
_END = text("SELECT pg_advisory_unlock_all()")


class Kind(IntEnum):
    """The first number of the locks, next to those of `app.engines`."""

    guess = 0x57482  # a password is checked, for a name or an address
    count = 0x57483  # a try is counted
    folder = 0x57484  # a bank's folder is read and written
    check = 0x57485  # a run of the gate


def numbered(name: str) -> int:
    """A lock's second number for a name. Two names may share one: they then wait for each other."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big", signed=True)


@contextmanager
def turn(db: Database, kind: Kind, *numbers: int, patience_s: float | None = None) -> Iterator[None]:
    """Hold these turns, after waiting for whoever has one. Unavailable if that takes longer than writers wait."""
    if not db.is_postgresql:
        yield
        return
    takes = [f"SELECT pg_advisory_lock({kind:d}, {number})" for number in sorted(set(numbers))]  # in one order for all
    if patience_s is not None:
        takes = ["BEGIN", f"SET LOCAL lock_timeout = '{patience_s:g}s'", *takes, "COMMIT"]  # what is taken stays
    with _alone(db) as connection:
        connection.exec_driver_sql("; ".join(takes))
        yield


@contextmanager
def turn_if_free(db: Database, kind: Kind, number: int) -> Iterator[bool]:
    """Hold the turn; False, at once, while another process does. On SQLite nobody else can."""
    if not db.is_postgresql:
        yield True
        return
    with _alone(db) as connection:
        yield bool(connection.execute(_TRY, {"kind": kind, "number": number}).scalar())


@contextmanager
def _alone(db: Database) -> Iterator[Connection]:
    """A connection that is in no transaction. It goes back to the others without a lock, or not at all."""
    with db.outside() as connection:
        try:
            yield connection
        finally:
            try:
                connection.execute(_END)
            except DBAPIError:
                log.warning("a connection was lost, and the turns it had with it")
                connection.invalidate()
