"""Puts back what was there before a restore that failed or was interrupted, unless its transaction counts already."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url

from app.db import Database
from app.moving.backup import Instance
from app.moving.in_use import sqlite_file
from app.moving.journal import Journal, Undertaking
from app.moving.tables import MoveError

# On whichever table: a later restore, by another server of this database, may have set aside what that one brought.
_IS_MARKED = text("SELECT EXISTS (SELECT FROM pg_description WHERE description = :mark)")


def put_back_interrupted(url: str, instance: Instance) -> str:
    """Have done with a restore that was interrupted. Return what became of it, in words; empty where there was none.

    Raises MoveError where it still goes on, or somebody has moved its files; Problem if PostgreSQL can't be asked
    whether it was committed. What is left to do stays in the journal.
    """
    with Journal.resume(instance.journal) as journal:
        if journal is None:
            return ""
        if conclude(journal, url):
            return "A restore was interrupted after all it brought had counted; there was nothing to put back."
    return "A restore was interrupted; what was there before it is back in its place."


def conclude(journal: Journal, url: str) -> bool:
    """Leave all of a restore, or nothing of it. Return whether it counts. May be broken off, and called again."""
    counts = journal.has_ended or _is_committed(url, journal.undertaking)
    if not counts:
        journal.take_back()
        _remove_empty(journal.undertaking.aside)
    journal.end()
    return counts


def address_of(url: str) -> str | None:
    """Which PostgreSQL database that is, whoever asks it; None on SQLite."""
    parsed = make_url(url)
    if sqlite_file(parsed) is not None:
        return None
    where = {name: parsed.query[name] for name in ("host", "port") if name in parsed.query}
    return URL.create(
        parsed.drivername, host=parsed.host, port=parsed.port, database=parsed.database, query=where
    ).render_as_string()


def leave_mark(connection: Connection, mark: str) -> None:
    """PostgreSQL: tell later whether this transaction was committed. It needs no right but the tables' owner's."""
    connection.exec_driver_sql(f"COMMENT ON TABLE alembic_version IS '{mark}'")


def _is_committed(url: str, undertaking: Undertaking) -> bool:
    if undertaking.database is None:
        return False
    if undertaking.database != address_of(url):
        raise MoveError(
            f"a restore into {undertaking.database} was interrupted; set WHETSTONE_DATABASE_URL to that database, and "
            "restore again. Nothing was changed."
        )
    db = Database(url)
    try:
        with db.write() as connection:  # has its turn after that transaction, should the server be at it still
            return bool(connection.scalar(_IS_MARKED, {"mark": undertaking.mark}))
    finally:
        db.close()


def _remove_empty(folder: Path) -> None:
    for place, _, _ in os.walk(folder, topdown=False):
        with suppress(OSError):  # it is not empty
            Path(place).rmdir()
