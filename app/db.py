"""The database: one engine, readers beside one writer at a time, every state change one transaction.

On SQLite, writers queue at a lock of this process and start with BEGIN IMMEDIATE, so that they never meet a half-taken
lock; WAL lets readers go on meanwhile. `synchronous=FULL` keeps the promise that an acknowledged answer is on disk.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Connection, DateTime, Dialect, Engine, TypeDecorator, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from app.errors import N_, Unavailable
from app.settings import ROOT

_FULL = N_("What was saved before is safe; this was not saved. Tell whoever keeps the server, then try again.")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; naive datetimes are refused on the way in and never come out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (interface)
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (interface)
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """JSON whose None is the database's NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True


class Database:
    """Hands out connections: `read()` beside others, `write()` one at a time, committed when the block ends well."""

    def __init__(self, url: str, patience_s: float = 10.0) -> None:
        """`patience_s`: how long a writer waits for those before it, and for another process, before it gives up."""
        self.engine = _engine(url, patience_s)
        self._writer = threading.Lock()
        self._patience_s = patience_s

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, committed at the end. Unavailable when others keep the writer busy or the disk is full."""
        if not self._writer.acquire(timeout=self._patience_s):  # or each would wait for all before it, one by one
            raise Unavailable(N_("The database does not answer."))
        try:
            with self.engine.connect().execution_options(immediate=True) as connection, connection.begin():
                yield connection
        except OperationalError as error:
            if getattr(error.orig, "sqlite_errorname", "") == "SQLITE_FULL":
                raise Unavailable(N_("The server's disk is full, so nothing more can be stored."), _FULL) from error
            raise
        finally:
            self._writer.release()

    def migrate(self) -> None:
        """Bring the schema to the newest revision; all of it or nothing. Quick when there is nothing to do."""
        config = _alembic_config()
        with self.write() as connection:
            if MigrationContext.configure(connection).get_current_revision() == _head(config):
                return
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def revision(self) -> str | None:
        """The schema's revision as the database has it; None before the first migration."""
        with self.read() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def is_current(self) -> bool:
        """Whether the schema is the one this code knows."""
        with self.read() as connection:
            return MigrationContext.configure(connection).get_current_revision() == _head(_alembic_config())

    def close(self) -> None:
        self.engine.dispose()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema up to `revision`, in the connection's transaction."""
    config = _alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def knows(revision: str) -> bool:
    """Whether this release has that revision of the schema, as its newest or an older one."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_alembic_config()).walk_revisions()}


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "app" / "migrations"))
    return config


def _head(config: Config) -> str | None:
    return ScriptDirectory.from_config(config).get_current_head()


def _engine(url: str, patience_s: float) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": patience_s, "check_same_thread": False},  # the timeout is SQLite's busy_timeout
        pool_size=20,
        hide_parameters=True,  # in error messages, and so in the log: they hold what people wrote, and password hashes
    )
    if make_url(url).get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    connection.create_function("casefold", 1, str.casefold, deterministic=True)  # SQLite's lower() knows ASCII alone
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
