"""The row format of backups and moves: every table in it, every kind of value the same after the way out and in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from databases import new_database
from every_table import fill_every_table
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, TextClause, inspect, text
from sqlmodel import SQLModel

from app.db import Database
from app.moving.tables import Fingerprint, MoveError, Sheet, Tally, fill, fingerprint, lines, sheets

SHEET = Sheet(
    "thing",
    (
        ("id", "integer"),
        ("share", "float"),
        ("done", "boolean"),
        ("name", "text"),
        ("at", "moment"),
        ("more", "json"),
        ("data", "bytes"),
    ),
    ("id",),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
rows = st.tuples(
    st.integers(-(2**63), 2**63 - 1),
    st.none() | st.floats(allow_nan=False),
    st.none() | st.booleans(),
    st.none() | st.text(st.characters(codec="utf-8")),
    st.none() | st.datetimes(timezones=st.timezones()).filter(lambda at: 1 < at.year < 9999),
    json_values,
    st.none() | st.binary(),
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    for name in "ab":
        (tmp_path / name).mkdir()
    made = Database(new_database(tmp_path / "a"))
    made.migrate()
    yield made
    made.close()


@given(rows)
def test_row_comes_back_from_its_line_as_it_was(row: tuple[Any, ...]) -> None:
    line = SHEET.line(row)
    back = SHEET.row(line)
    assert back == [it.astimezone(UTC) if isinstance(it, datetime) else it for it in row]
    assert list(map(type, back)) == list(map(type, row))
    assert SHEET.line(back) == line, "also to the last bit, and in the order of keys"
    assert line.count(b"\n") == 1


def test_zero_has_no_sign() -> None:
    row = (1, None, None, None, None, None, None)
    assert SHEET.line((1, -0.0, *row[2:])) == SHEET.line((1, 0.0, *row[2:])), "SQLite would not keep it"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[1]",
        b'["1",null,null,null,null,null,null]',
        b"[true,null,null,null,null,null,null]",
        b"[1,2,null,null,null,null,null]",
        b"[1,null,1,null,null,null,null]",
        b"[1,null,null,7,null,null,null]",
        b'[1,null,null,null,"yesterday",null,null]',
        b'[1,null,null,null,null,null,"?"]',
        b'[1,null,null,null,null,null,null,"more"]',
        b"[" * 100_000,
        b'[1,null,null,"\xff",null,null,null]',
    ],
)
def test_line_that_no_row_makes_is_refused(line: bytes) -> None:
    with pytest.raises(MoveError, match="thing: a row can't be read"):
        SHEET.row(line)


def test_every_table_that_the_migrations_make_is_moved(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'own.sqlite3'}")  # PostgreSQL has more: jobs, what servers agree on
    database.migrate()
    with database.read() as connection:
        made = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
        columns = {name: {it["name"] for it in inspect(connection).get_columns(name)} for name in made}
    database.close()
    assert {sheet.name: {name for name, _ in sheet.columns} for sheet in sheets()} == columns


def test_tables_come_after_those_they_refer_to() -> None:
    order = [sheet.name for sheet in sheets()]
    for table in SQLModel.metadata.sorted_tables:
        for link in table.foreign_keys:
            assert order.index(link.column.table.name) <= order.index(table.name)


def test_rows_of_every_table_are_the_same_in_another_database(database: Database, tmp_path: Path) -> None:
    other = Database(new_database(tmp_path / "b"))
    other.migrate()
    with database.write() as connection:
        fill_every_table(connection)
    with database.read() as there, other.write() as here:
        for sheet in sheets():
            written = list(lines(there, sheet))
            assert len(written) == 20, sheet.name
            fill(here, sheet, written)
            assert list(lines(here, sheet)) == written
            assert fingerprint(here, sheet) == fingerprint(there, sheet)
    dumps = []
    for each in (database, other):
        with each.read() as connection:
            dumps.append({it.name: Counter(map(repr, connection.execute(_stored(connection, it)))) for it in sheets()})
    other.close()
    assert dumps[0] == dumps[1], "as the database has them, not only as we read them"


def _stored(connection: Connection, sheet: Sheet) -> TextClause:
    whole = "*" if connection.dialect.name == "sqlite" else f"row_to_json({sheet.name})::text"
    return text(f"SELECT {whole} FROM {sheet.name}")  # noqa: S608  (ours)


def test_fingerprint_does_not_depend_on_order_but_on_every_row() -> None:
    def of(*written: bytes) -> Fingerprint:
        tally = Tally()
        for line in written:
            tally.add(line)
        return tally.fingerprint

    assert of(b"a\n", b"b\n") == of(b"b\n", b"a\n")
    assert len({of(), of(b"a\n"), of(b"b\n"), of(b"a\n", b"b\n"), of(b"a\n", b"a\n")}) == 5


def test_row_that_the_database_refuses_is_named(database: Database) -> None:
    sheet = next(sheet for sheet in sheets() if sheet.name == "login")
    at = datetime(2026, 3, 2, tzinfo=UTC)
    nobody = [{"token_hash": "t1", "account_id": 7, "created_at": at, "expires_at": at, "agent": "", "address": ""}]
    line = sheet.line([nobody[0].get(name) for name, _ in sheet.columns])
    with pytest.raises(MoveError, match=r"login, token_hash t1: .* (?i:foreign key)"), database.write() as connection:
        fill(connection, sheet, [line])
    with database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM login")) == 0
