"""Who else has a database open, before something is done that nobody may write beside."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url

from app.db import Database
from app.moving.tables import MoveError

_LEAVE_S = 2.0  # for the server to notice that a session has been closed
_OTHERS = text(
    "SELECT coalesce(nullif(application_name, ''), 'a program'), coalesce(host(client_addr), 'this machine') "
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND (backend_type = 'client backend' OR backend_type IS NULL AND usesysid IS NOT NULL) "  # of another role: hidden
    "ORDER BY backend_start LIMIT 1"
)


def sqlite_file(url: str | URL) -> Path | None:
    """The file that the address names; None where it is of another engine."""
    parsed = make_url(url)
    return Path(str(parsed.database)) if parsed.get_backend_name() == "sqlite" else None


def require_idle(db: Database) -> None:
    """Raises MoveError while another process has the database open, such as a server."""
    db.close()  # our own idle connections would count
    file = sqlite_file(db.engine.url)
    if file is None:
        _require_no_sessions(db)
    elif file.exists():
        close_up(file)


def close_up(file: Path) -> None:
    """Put everything of an SQLite database into the one file. Raises MoveError while another process has it open.

    Leaving write-ahead mode needs the database for oneself, so that SQLite itself says whether anybody else has it.
    """
    with closing(sqlite3.connect(file, timeout=0)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname not in ("SQLITE_BUSY", "SQLITE_LOCKED"):
                raise MoveError(f"{file}: {error}") from None
            raise MoveError(
                f"{file}: another process has it open; stop the server first. Nothing was changed."
            ) from None


def _require_no_sessions(db: Database) -> None:
    deadline = time.monotonic() + _LEAVE_S
    while True:
        with db.read() as connection:
            other = connection.execute(_OTHERS).first()
        if other is None or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    if other is not None:
        raise MoveError(
            f"{db.engine.url.database}: {other[0]} on {other[1]} is connected to it; stop every server and worker "
            "first. Nothing was changed."
        )
