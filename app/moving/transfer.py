"""Moves an instance's rows from one database to another, in one transaction, and compares both sides before it counts.

Nobody may have the source open when it begins, and its writers' lock is held while it lasts: what somebody wrote into
the old database meanwhile would be missing in the new one. Procrastinate's jobs stay behind: submissions that are not
finished are put into the queue again when the server or a worker starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, table

from app.db import Database, upgrade
from app.engines import without_hurry
from app.moving.in_use import require_idle, sqlite_file
from app.moving.tables import Fingerprint, MoveError, Sheet, Tally, fill, fingerprint, follow_on, lines, sheets


def transfer(source: Database, target: Database) -> dict[str, Fingerprint]:
    """Copy every row. Return each table's fingerprint, the same on both sides.

    Raises MoveError; the target is then as it was.
    """
    if source.engine.url == target.engine.url:
        raise MoveError("both addresses name the same database")
    _require_source(source)
    require_idle(source)
    with source.write() as holder, source.read() as reader, _tidied(target), target.write() as writer:
        for connection in (holder, reader, writer):
            without_hurry(connection)
        require_empty(writer)
        upgrade(writer)
        copied = [(sheet, _copy(reader, writer, sheet)) for sheet in sheets()]
        settle(writer, copied)
        return {sheet.name: found for sheet, found in copied}


def settle(writer: Connection, expected: Iterable[tuple[Sheet, Fingerprint]]) -> None:
    """Let ids follow on, and read every table again. Raises MoveError where it is not what should be there."""
    for sheet, source in expected:
        follow_on(writer, sheet)
        found = fingerprint(writer, sheet)
        if found != source:
            raise MoveError(
                f"{sheet.name}: {source.rows} rows came out and {found.rows} went in, or some changed on the way "
                f"({source.digest[:12]}, {found.digest[:12]}). Nothing was changed."
            )


def require_empty(connection: Connection) -> None:
    """Raises MoveError for a database with rows of ours, or with tables of somebody else."""
    if full := occupied(connection):
        raise MoveError(f"the target is not empty: {full}. Give it an empty database. Nothing was changed.")


def occupied(connection: Connection) -> str:
    """What is in the database already, in words; empty for nothing."""
    names = inspect(connection).get_table_names()
    if names and "alembic_version" not in names:
        return f"it has a table {sorted(names)[0]} that is not of Whetstone"
    ours = [sheet.name for sheet in sheets() if sheet.name in names]  # the others are jobs, and what servers agree on
    counts = [(name, connection.scalar(select(func.count()).select_from(table(name))) or 0) for name in sorted(ours)]
    full = [f"{name} {count:,}" for name, count in counts if count]
    return f"it has rows ({', '.join(full[:4])}{', …' if len(full) > 4 else ''})" if full else ""


def _require_source(source: Database) -> None:
    file = sqlite_file(source.engine.url)
    if file is not None and not file.is_file():
        raise MoveError(f"{file}: there is no such file")
    found = source.revision()
    if not source.is_current():
        raise MoveError(
            f"the source's schema is {found or 'not there'}, not this release's; start this release on it once. "
            "Nothing was changed."
        )


def _copy(reader: Connection, writer: Connection, sheet: Sheet) -> Fingerprint:
    tally = Tally()

    def seen() -> Iterator[bytes]:
        for line in lines(reader, sheet):
            tally.add(line)
            yield line

    fill(writer, sheet, seen())
    return tally.fingerprint


@contextmanager
def _tidied(target: Database) -> Iterator[None]:
    """An SQLite file that was not there before is not there after a failure either."""
    file = sqlite_file(target.engine.url)
    fresh = file if file is not None and not file.exists() else None
    try:
        yield
    except BaseException:
        target.close()
        for name in (fresh, Path(f"{fresh}-wal"), Path(f"{fresh}-shm")) if fresh else ():
            name.unlink(missing_ok=True)
        raise
