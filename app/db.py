"""The database: one engine, readers beside writers that take turns, every state change one transaction.

On SQLite, writers queue at a lock of this process and start with BEGIN IMMEDIATE, so that they never meet a half-taken
lock; WAL lets readers go on meanwhile. `synchronous=FULL` keeps the promise that an acknowledged answer is on disk.
On PostgreSQL, many processes on many machines write, so they queue at locks of the server: one for the whole instance,
one for each person. A writer reads after it has its lock, and so sees all that those before it have committed.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Connection, DateTime, Dialect, TypeDecorator
from sqlalchemy.exc import DBAPIError

from app import engines
from app.errors import N_, Unavailable
from app.settings import ROOT

_MIGRATION_S = 600.0  # how long a process waits until another has migrated
_AFTER_COMMIT = "after_commit"


MAX_INTEGER = 2**31 - 1  # what PostgreSQL's INTEGER holds; SQLite's holds more


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
    """Hands out connections: `read()` beside others, `write()` in turn, committed when the block ends well."""

    def __init__(self, url: str, patience_s: float = 10.0) -> None:
        """`patience_s`: how long a writer waits for those before it, and for another process, before it gives up."""
        self.engine = engines.connect(url, patience_s)
        self.is_postgresql = self.engine.dialect.name == "postgresql"
        # Readers have connections of their own, however many writers wait for their turns.
        self.reading = engines.connect(url, patience_s, snapshots=True) if self.is_postgresql else self.engine
        self._immediate = self.engine.execution_options(immediate=True)  # SQLite's writers, who say so with BEGIN
        self._turns = Turns(patience_s)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One moment of the database, however many statements ask for it. Nothing that is changed is kept."""
        with _Told(), self.reading.connect() as connection:
            yield connection

    @contextmanager
    def write(self, person: int | None = None) -> Iterator[Connection]:
        """One transaction, committed at the end. Unavailable when others keep the writer busy or the disk is full.

        With a `person` (an account's id) it touches nothing but theirs: on PostgreSQL people then write beside each
        other, each of them one at a time. Without, nobody else writes meanwhile. On SQLite there is one writer anyway.
        """
        with self._write_postgresql(person) if self.is_postgresql else self._write_sqlite() as connection:
            actions: list[Callable[[], object]] = []
            connection.info[_AFTER_COMMIT] = actions
            yield connection
        for action in actions:
            action()

    @contextmanager
    def _write_sqlite(self) -> Iterator[Connection]:
        with self._turns.of(None), _Told(), self._immediate.begin() as connection:
            yield connection

    @contextmanager
    def _write_postgresql(self, person: int | None, patience_s: float | None = None) -> Iterator[Connection]:
        with self._turns.of(person), _Told(), self.engine.begin() as connection:
            engines.take_turn(connection, person, patience_s)
            yield connection

    @contextmanager
    def beside(self) -> Iterator[Connection]:
        """PostgreSQL alone: a short transaction that takes no turn, for rows that no other writer reads or writes."""
        with _Told(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def outside(self) -> Iterator[Connection]:
        """PostgreSQL alone: a connection in no transaction, each statement of which stands alone, as `beside`."""
        with _Told(), self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the schema to the newest revision; all of it or nothing. Quick when there is nothing to do.

        Several processes that start at once wait for each other. Unavailable if the schema is of a newer release.
        """
        if self.is_postgresql:
            self._require_release()
        if self.is_current():
            return
        with self._write_postgresql(None, _MIGRATION_S) if self.is_postgresql else self._write_sqlite() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
            if revision != _head():
                _require_known(revision)
                upgrade(connection)

    def revision(self) -> str | None:
        """The schema's revision as the database has it; None before the first migration."""
        with self.read() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def _require_release(self) -> None:
        with self.read() as connection:
            engines.require_release(connection)

    def is_current(self) -> bool:
        """Whether the schema is the one this code knows."""
        return self.revision() == _head()

    def close(self) -> None:
        self.engine.dispose()
        self.reading.dispose()


class Turns:
    """In this process, writers of one person (or of everybody's) wait here for each other, without a connection."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._guard = threading.Lock()
        self._locks: dict[int | None, threading.Lock] = {}
        self._here: Counter[int | None] = Counter()  # who has the turn or waits for it

    @contextmanager
    def of(self, person: int | None) -> Iterator[None]:
        with self._guard:
            self._here[person] += 1
            lock = self._locks.setdefault(person, threading.Lock())
        try:
            if not lock.acquire(timeout=self._patience_s):  # or each would wait for all before it, one by one
                raise Unavailable(N_("The database does not answer."))
            try:
                yield
            finally:
                lock.release()
        finally:
            with self._guard:
                self._here[person] -= 1
                if not self._here[person]:
                    del self._here[person], self._locks[person]


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema up to `revision`, in the connection's transaction. Unavailable on a server that is too old."""
    if connection.dialect.name == "postgresql":
        engines.require_release(connection)
    config = _alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def knows(revision: str) -> bool:
    """Whether this release has that revision of the schema, as its newest or an older one."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_alembic_config()).walk_revisions()}


def is_mapped(name: str | None, kind: str, _parents: object) -> bool:
    """Whether Alembic compares this with the models; the queue before the workers has tables of its own."""
    return kind != "table" or not (name or "").startswith(("procrastinate_", "grading_"))


def after_commit(connection: Connection, action: Callable[[], object]) -> None:
    """Do this once the transaction of `Database.write` is committed and others may write; never if it fails."""
    connection.info[_AFTER_COMMIT].append(action)


class _Told:
    """Turns a failure that is nobody's fault into what a person is told."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, DBAPIError) and (problem := engines.meaning(error)) is not None:
            raise problem from error


def _require_known(revision: str | None) -> None:
    if revision is not None and not knows(revision):
        raise Unavailable(
            N_("The database's schema (%(revision)s) is of a newer release than this one."),
            N_("Nothing was changed. Start the newer release, or restore a backup made before the upgrade."),
            revision=revision,
        )


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "app" / "migrations"))
    return config


@cache
def _head() -> str | None:
    return ScriptDirectory.from_config(_alembic_config()).get_current_head()
