"""Rows as lines of text that mean the same on every engine, out of a database and into one.

A line is a JSON array of a row's values in the order of its table's columns: moments in UTC as ISO 8601, bytes as
base64, JSON as itself with the order of its keys. A table's fingerprint is the sum of its lines' SHA-256, so that it
does not depend on the order of rows, which engines sort differently. The columns' kinds travel with the rows, so that
what an older release wrote can be read without its models.
"""

from __future__ import annotations

import binascii
import hashlib
import itertools
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    String,
    TableClause,
    Text,
    TypeDecorator,
    column,
    func,
    insert,
    select,
    table,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

from app.accounts import models as accounts_models
from app.authoring import models as authoring_models
from app.db import Json, UtcDateTime
from app.errors import Problem
from app.grading import models as grading_models
from app.interview import models as interview_models
from app.practice import models as practice_models
from app.scheduling import models as scheduling_models

# Imported for the tables they add to the metadata; a test compares these with what the migrations make.
MODELS = (accounts_models, authoring_models, grading_models, interview_models, practice_models, scheduling_models)
BATCH = 500  # rows that are read, and written, at a time
_KINDS: Mapping[str, TypeEngine[Any]] = {
    "integer": BigInteger(),
    "float": Float(53),
    "boolean": Boolean(),
    "text": Text(),
    "moment": UtcDateTime(),
    "json": Json(),
    "bytes": LargeBinary(),
}
_BY_TYPE = (
    (Boolean, "boolean"),
    (Integer, "integer"),
    (Float, "float"),
    (DateTime, "moment"),
    (JSON, "json"),
    (LargeBinary, "bytes"),
    (String, "text"),
)
_WRITE: Mapping[str, Callable[[Any], Any]] = {
    "float": lambda number: float(number) + 0.0,  # SQLite keeps no sign of zero
    "moment": lambda moment: moment.astimezone(UTC).isoformat(),
    "bytes": lambda data: b64encode(data).decode(),
}
_READ: Mapping[str, Callable[[Any], Any]] = {
    "float": float,
    "moment": datetime.fromisoformat,
    "bytes": lambda text: b64decode(text, validate=True),
}
_WRITTEN_AS: Mapping[str, type] = {"integer": int, "float": float, "boolean": bool} | dict.fromkeys(
    ("text", "moment", "bytes"), str
)

_REFUSALS = (SQLAlchemyError, Problem, ValueError, OverflowError)

Row = list[Any]


class MoveError(Exception):
    """It can't be done; the message says why, and what is unchanged."""


@dataclass(frozen=True)
class Sheet:
    """A table as rows are moved by: its columns with their kinds, and which of them are its key."""

    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]

    @property
    def clause(self) -> TableClause:
        return table(self.name, *(column(name, _KINDS[kind]) for name, kind in self.columns))

    def line(self, row: Sequence[Any]) -> bytes:
        """The row as text, with its end of line."""
        values = [
            value if value is None or kind not in _WRITE else _WRITE[kind](value)
            for (_, kind), value in zip(self.columns, row, strict=True)
        ]
        # JSON may hold half a character that no text can (a lone surrogate); json.loads takes it back.
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"

    def row(self, line: bytes) -> Row:
        """What `line` made. Raises MoveError for what it never makes."""
        try:
            values = json.loads(line)
            return [_read(kind, value) for (_, kind), value in zip(self.columns, values, strict=True)]
        except (ValueError, TypeError, RecursionError, binascii.Error) as error:
            raise MoveError(f"{self.name}: a row can't be read ({error})") from None


@dataclass(frozen=True)
class Fingerprint:
    """How many rows a table has, and the sum of their lines' SHA-256."""

    rows: int
    digest: str


class Tally:
    """A fingerprint in the making."""

    def __init__(self) -> None:
        self._rows = 0
        self._sum = 0

    def add(self, line: bytes) -> None:
        self._rows += 1
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(line).digest(), "big")) % (1 << 256)

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint(self._rows, f"{self._sum:064x}")


def sheets() -> list[Sheet]:
    """Every table of this release, those that others refer to first."""
    return [
        Sheet(
            made.name,
            tuple((it.name, _kind(made.name, it)) for it in made.columns),
            tuple(it.name for it in made.primary_key.columns),
        )
        for made in SQLModel.metadata.sorted_tables
    ]


def lines(connection: Connection, sheet: Sheet) -> Iterator[bytes]:
    """The table's rows, a batch of them in memory at a time."""
    clause = sheet.clause
    query = select(clause).order_by(*(clause.c[name] for name in sheet.key))
    for row in connection.execute(query, execution_options={"yield_per": BATCH}):
        yield sheet.line(row)


def fingerprint(connection: Connection, sheet: Sheet) -> Fingerprint:
    """Of the table as it is there."""
    tally = Tally()
    for line in lines(connection, sheet):
        tally.add(line)
    return tally.fingerprint


def fill(connection: Connection, sheet: Sheet, written: Iterable[bytes]) -> None:
    """Put lines into the table. Raises MoveError that names the row which the database does not take."""
    rows = iter(written)
    names = [name for name, _ in sheet.columns]
    while batch := [dict(zip(names, sheet.row(line), strict=True)) for line in itertools.islice(rows, BATCH)]:
        try:
            with connection.begin_nested():
                connection.execute(insert(sheet.clause), batch)
        except _REFUSALS:
            _blame(connection, sheet, batch)
            raise


def follow_on(connection: Connection, sheet: Sheet) -> None:
    """Let the next id come after the highest. SQLite does that by itself."""
    if connection.dialect.name != "postgresql" or (sheet.key[0], "integer") not in sheet.columns:
        return
    clause = sheet.clause
    owned = connection.scalar(select(func.pg_get_serial_sequence(f'"{sheet.name}"', sheet.key[0])))
    highest = connection.scalar(select(func.max(clause.c[sheet.key[0]])))
    if owned is not None:
        connection.execute(select(func.setval(owned, highest or 1, highest is not None)))


def _kind(name: str, made: Column[Any]) -> str:
    stored = made.type.impl_instance if isinstance(made.type, TypeDecorator) else made.type
    for type_, kind in _BY_TYPE:
        if isinstance(stored, type_):
            return kind
    raise TypeError(f"{name}.{made.name}: rows can't be moved with a {made.type!r}; add it to {__name__}")


def _read(kind: str, value: Any) -> Any:
    if value is None or kind == "json":
        return value
    if type(value) is not _WRITTEN_AS[kind]:
        raise TypeError(f"{type(value).__name__} is no {kind}")
    return _READ[kind](value) if kind in _READ else value


def _blame(connection: Connection, sheet: Sheet, batch: list[dict[str, Any]]) -> None:
    """Find the row of the batch that is refused."""
    for row in batch:
        try:
            with connection.begin_nested():
                connection.execute(insert(sheet.clause), [row])
        except _REFUSALS as error:
            key = ", ".join(f"{name} {row[name]}" for name in sheet.key)
            said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise MoveError(f"{sheet.name}, {key}: the database does not take this row: {said}") from error
