"""What differs between the two databases: how to connect, how writers queue, what a failure means. For `app.db` alone.

On SQLite a writer starts with BEGIN IMMEDIATE. On PostgreSQL it takes advisory locks, which end with the transaction.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from app.errors import N_, Invalid, Problem, Unavailable

OLDEST = (15,)  # the oldest release that PostgreSQL's makers still keep

# The advisory locks, by PostgreSQL's two-number names: (WHOLE, 0) for the instance, (PERSON, account) for a person.
WHOLE, PERSON = 0x57480, 0x57481
_TAKE_WHOLE = text(f"SELECT pg_advisory_xact_lock({WHOLE}, 0)")
_TAKE_PERSON = text(f"SELECT pg_advisory_xact_lock_shared({WHOLE}, 0), pg_advisory_xact_lock({PERSON}, :person)")

_TELL = N_("What was saved before is safe; this was not saved. Tell whoever keeps the server, then try again.")
_FULL = (N_("The server's disk is full, so nothing more can be stored."), _TELL)
_READ_ONLY = (N_("The database takes no changes at the moment."), _TELL)
_BUSY = (N_("Others keep the database busy."), None)
_CROWDED = (N_("The database has no connection left."), None)
_SILENT = (N_("The database does not answer."), None)
_BY_STATE = {  # SQLSTATE, or the first two characters of it, its class
    "53100": _FULL,
    "53300": _CROWDED,
    "25006": _READ_ONLY,
    "55P03": _BUSY,  # the lock timeout
    "40P01": _BUSY,  # a deadlock, which our locks rule out among ourselves
    "57014": _BUSY,  # a statement timeout that the server's keeper has set
    "25P03": _SILENT,  # this process stood still in a transaction, which the server ended
    "25P04": _SILENT,  # the same, by a limit that the server's keeper has set
    "08": _SILENT,
    "53": _SILENT,
    "57": _SILENT,  # shutting down, starting up, or ended by its keeper
    "58": _SILENT,
}

_BY_SQLITE_NAME = {  # by `_first_words`
    "SQLITE_FULL": _FULL,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_BUSY": _BUSY,  # another process writes: a command, a backup
    "SQLITE_CANTOPEN": _SILENT,
    "SQLITE_IOERR": _SILENT,
}


def connect(url: str, patience_s: float, *, snapshots: bool = False) -> Engine:
    """The engine of that address. Nothing is connected yet.

    `snapshots`, on PostgreSQL: each transaction sees one moment, as all do on SQLite, and changes nothing.
    """
    parsed = make_url(url)
    more = _sqlite(patience_s) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed, patience_s)
    engine = create_engine(
        parsed,
        hide_parameters=True,  # in error messages, and so in the log: they hold what people wrote, and password hashes
        json_serializer=json.JSONEncoder(allow_nan=False).encode,  # PostgreSQL's JSON has no NaN
        **more,
    )
    event.listen(engine, "before_cursor_execute", _refuse_nul)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "handle_error", _open_anew)
    else:
        event.listen(engine, "handle_error", _without_the_row)
        event.listen(engine, "connect", partial(_prepare_postgresql, patience_ms=math.ceil(patience_s * 1000)))
    if snapshots:
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine


def take_turn(connection: Connection, person: int | None, patience_s: float | None = None) -> None:
    """PostgreSQL: wait until nobody else writes, or with a `person`, until nobody writes theirs or everybody's.

    `patience_s`: how long this transaction waits for locks, if not as long as usual.
    """
    if patience_s is not None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{math.ceil(patience_s)}s'")
    if person is None:
        connection.execute(_TAKE_WHOLE)
    else:
        connection.execute(_TAKE_PERSON, {"person": person})


def without_hurry(connection: Connection) -> None:
    """PostgreSQL: let this transaction rest for as long as it takes, while its client is busy elsewhere."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")


def require_release(connection: Connection) -> None:
    """PostgreSQL: Unavailable if the server is older than what this was tested with."""
    release = connection.dialect.server_version_info or (0,)
    if release < OLDEST:
        raise Unavailable(
            N_("PostgreSQL %(oldest)s or newer is needed; the server is %(release)s."),
            N_("Nothing was changed. Upgrade the server, or name another one."),
            oldest=".".join(map(str, OLDEST)),
            release=".".join(map(str, release)),
        )


def meaning(error: DBAPIError) -> Problem | None:
    """What a person is told about a failure that is not a fault of ours; None for all others."""
    if not hasattr(error.orig, "sqlstate"):  # SQLite's
        known = _BY_SQLITE_NAME.get(_first_words(error.orig))
        return None if known is None else Unavailable(*known)
    state = getattr(error.orig, "sqlstate", None)
    if state is None and isinstance(error, OperationalError):
        state = "08000"  # the connection failed, so that the server could say nothing
    if state == "22003":  # an INTEGER that PostgreSQL can't hold, where SQLite could
        return Invalid(N_("A number is too large."))
    told = _BY_STATE.get(state or "") or _BY_STATE.get((state or "")[:2])
    if told is None:
        return None
    return Unavailable(*told)


def _sqlite(patience_s: float) -> dict[str, Any]:
    return {
        "connect_args": {"timeout": patience_s, "check_same_thread": False},  # the timeout is SQLite's busy_timeout
        "pool_size": 20,
    }


def _postgresql(url: URL, patience_s: float) -> dict[str, Any]:
    """A server that is gone is noticed by the ping before each use, or by the system, and not waited for forever."""
    patience = {
        "connect_timeout": max(2, math.ceil(patience_s)),
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }
    return {
        "connect_args": {name: value for name, value in patience.items() if name not in url.query},
        "pool_size": 8,
        "max_overflow": 0,  # the server has a fixed number of connections for all the processes
        "pool_timeout": patience_s,
        "pool_pre_ping": True,
    }


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    connection.create_function("fold_case", 1, str.casefold, deterministic=True)  # SQLite's lower() knows ASCII alone
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _open_anew(context: ExceptionContext) -> None:
    """A file that was opened while it took no changes takes none ever after: open it again, all connections to it."""
    if _first_words(context.original_exception) in ("SQLITE_READONLY", "SQLITE_IOERR"):
        context.is_disconnect = True


def _first_words(error: object) -> str:
    """Of SQLite's name for an error: the kind, without which of its kind."""
    return "_".join(str(getattr(error, "sqlite_errorname", "")).split("_")[:2])


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _prepare_postgresql(connection: Any, _record: object, *, patience_ms: int) -> None:
    autocommit, connection.autocommit = connection.autocommit, True
    connection.execute(
        "SELECT set_config('lock_timeout', %s, false), set_config('TimeZone', 'UTC', false), "
        "set_config('idle_in_transaction_session_timeout', '60s', false)",
        [f"{patience_ms}ms"],
    )
    connection.autocommit = autocommit


def _without_the_row(context: ExceptionContext) -> None:
    """PostgreSQL's DETAIL repeats the row that it refused, which `hide_parameters` does not know of."""
    said = getattr(getattr(context.original_exception, "diag", None), "message_primary", None)
    if said is not None:
        context.original_exception.args = (said,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (f"{type(context.original_exception).__name__}: {said}",)


def _refuse_nul(
    _connection: Connection, _cursor: object, _statement: str, parameters: Any, _context: object, _many: bool
) -> None:
    """PostgreSQL's text can't hold NUL, so neither database gets one: what works on one must work on the other.

    Many rows are a list; many that SQLAlchemy has put into one INSERT, to have their ids back, are flat as one row is.
    """
    rows: Sequence[Any] = parameters if isinstance(parameters, list) else (parameters,)
    for row in rows:
        for value in row.values() if isinstance(row, Mapping) else row:
            if value.__class__ is str and "\0" in value:
                raise Invalid(N_("It has a NUL character, which can't be stored."))
