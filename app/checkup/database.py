"""The database: does it answer, how fast, is it of a release and a schema that fit, is it whole."""

from __future__ import annotations

import os
import sqlite3
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from app import engines
from app.checkup.finding import Finding, fault, good, notice
from app.db import Database, knows
from app.errors import Problem, Unavailable

AREA = "database"
_SLOW_MS = 50.0  # a page asks several times
_RESTORE = "stop the server, keep a copy of the file, and restore the last backup: whetstone restore FILE --replace"


def examine(db: Database) -> list[Finding]:
    """Everything about a database that answers; else that it does not, and why."""
    file = db.engine.url.database if db.engine.dialect.name == "sqlite" else None
    if file is not None and not Path(file).exists():
        return [good(AREA, "reachable", f"{file} is not there yet; the first start makes it")]
    try:
        with db.read() as connection:
            return [_reachable(connection, file), _schema(db), *_whole(connection), _latency(connection)]
    except (Problem, SQLAlchemyError, sqlite3.Error) as error:
        cause = error.__cause__ if isinstance(error, Problem) else error
        said = str(getattr(cause, "orig", None) or error).strip().splitlines()[0]
        return [fault(AREA, "reachable", said, _mend(file))]


def is_usable(db: Database) -> bool:
    """Whether it can be asked what it holds. Makes no file."""
    file = db.engine.url.database if db.engine.dialect.name == "sqlite" else None
    try:
        return (file is None or Path(file).exists()) and db.is_current()
    except (Problem, SQLAlchemyError):
        return False


def _reachable(connection: Connection, file: str | None) -> Finding:
    if file is not None:
        return good(AREA, "reachable", f"SQLite {sqlite3.sqlite_version}, {file}")
    version = connection.exec_driver_sql("SHOW server_version").scalar_one()
    try:
        engines.require_release(connection)
    except Unavailable as error:
        return fault(AREA, "reachable", str(error), "upgrade the server, or name another one")
    return good(AREA, "reachable", f"PostgreSQL {version}, {connection.engine.url.host or 'this machine'}")


def _mend(file: str | None) -> str:
    if file is None:
        return "see that the server runs, and that WHETSTONE_DATABASE_URL names it, the role and the password"
    if not (os.access(file, os.W_OK) and os.access(Path(file).parent, os.W_OK)):
        return "give the server's user the right to write the file and its folder"
    return _RESTORE


def _schema(db: Database) -> Finding:
    found = db.revision()
    if db.is_current():
        return good(AREA, "schema", f"{found}, this release's")
    if found is None:
        return good(AREA, "schema", "empty; the first start makes it")
    if knows(found):
        return notice(AREA, "schema", f"{found}, of an older release", "the next start of the server brings it up")
    return fault(
        AREA, "schema", f"{found}, of a newer release", "start the newer release, or restore a backup from before it"
    )


def _whole(connection: Connection) -> Iterator[Finding]:
    if connection.dialect.name == "postgresql":
        failures = connection.execute(
            text("SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()")
        ).scalar()
        if failures:
            yield fault(
                AREA, "integrity", f"{failures} pages had a wrong checksum", "check the disk, and restore a backup"
            )
        elif failures is None:
            yield notice(
                AREA, "integrity", "the server keeps no checksums", "pg_checksums --enable, while it is stopped"
            )
        else:
            yield good(AREA, "integrity", "no page with a wrong checksum was ever read")
        return
    said = [str(it) for it in connection.exec_driver_sql("PRAGMA quick_check(3)").scalars()]
    if said != ["ok"]:
        yield fault(AREA, "integrity", "; ".join(" ".join(it.split()) for it in said), _RESTORE)
        return
    astray = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if astray is not None:
        yield fault(AREA, "integrity", f"a row of {astray[0]} refers to one that is gone", _RESTORE)
    else:
        yield good(AREA, "integrity", "every page and every reference was looked at")


def _latency(connection: Connection) -> Finding:
    took_ms = []
    for _ in range(7):
        began = time.perf_counter()
        connection.execute(text("SELECT 1")).scalar()
        took_ms.append((time.perf_counter() - began) * 1000)
    middle = statistics.median(took_ms)
    if middle > _SLOW_MS:
        return notice(
            AREA, "latency", f"{middle:.1f} ms a question", "put web server and database near each other, or relieve it"
        )
    return good(AREA, "latency", f"{middle:.2f} ms a question")
