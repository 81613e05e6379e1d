"""Who deletes their account leaves nothing behind, in whatever tables there are, or come later."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from databases import new_database
from sqlalchemy import JSON, Boolean, Column, Connection, Float, Integer, String, Table, func, insert, select
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import app
from app.accounts import audit, service, signup
from app.accounts.models import Role
from app.db import Database, Json, UtcDateTime

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

for found in pkgutil.walk_packages(app.__path__, "app."):
    if found.name.endswith(".models"):
        importlib.import_module(found.name)
TABLES = {table.name: table for table in SQLModel.metadata.sorted_tables}  # those that are pointed at come first

# What stays, without saying whose it was: reports help the next learner, and the bank keeps its history.
KEPT_WITHOUT_A_NAME = {"question_report": "account_id", "gate_run": "account_id", "revision": "author_id"}


def of_somebody(name: str) -> bool:
    """Whether rows of this table hang on an account, straight or through others."""
    targets = {key.column.table.name for key in TABLES[name].foreign_keys} - {name}
    return "account" in targets or any(of_somebody(target) for target in targets)


HANGING = [name for name in TABLES if of_somebody(name)]
BESIDE = {key.column.table.name for name in HANGING for key in TABLES[name].foreign_keys} - {"account", *HANGING}


def value(column: Column[Any], made: dict[str, dict[str, Any]], number: int) -> Any:
    for key in column.foreign_keys:
        target = key.column
        if target.table is not column.table:
            return made[target.table.name][target.name]
    kind = column.type
    if isinstance(kind, UtcDateTime):
        return NOW
    if isinstance(kind, Json | JSON):
        return {}
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer | Float):
        return number
    assert isinstance(kind, String | AutoString), f"{column}: give this test a value of {kind!r}"
    return f"{number}-{column.name}"[:2]


def fill(connection: Connection, account_id: int, number: int) -> None:
    """A row in every table that hangs on an account, of this one."""
    made: dict[str, dict[str, Any]] = {"account": {"id": account_id}}
    for name in (it for it in TABLES if it in HANGING or it in BESIDE):
        table: Table = TABLES[name]
        row = {it.name: value(it, made, number) for it in table.columns if not (it.primary_key and it.name == "id")}
        if "id" in table.columns and not isinstance(table.c.id.type, Integer):
            row["id"] = f"{name}-{number}"
        made[name] = dict(connection.execute(insert(table).values(row).returning(table)).mappings().one())


def rows(connection: Connection) -> dict[str, int]:
    return {name: connection.execute(select(func.count()).select_from(TABLES[name])).scalar_one() for name in HANGING}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(new_database(tmp_path))
    made.migrate()
    return made


def test_every_table_of_somebody_is_looked_at() -> None:
    named = {name for name, table in TABLES.items() if {"account_id", "author_id"} & set(table.columns.keys())}
    assert named <= set(HANGING), "a column that names an account needs its foreign key"
    assert {"card", "review", "practice_item", "interview_draft", "login", "api_token"} <= set(HANGING)


def test_nothing_of_who_leaves_stays_and_everything_of_others(database: Database) -> None:
    with database.write() as connection:
        ada, bob = (service.add_hashed(connection, name, "hash", Role.learner, NOW) for name in ("ada", "bob"))
        fill(connection, ada, 1)
        fill(connection, bob, 2)
        assert set(rows(connection).values()) == {2}
        signup.leave(connection, service.learner(connection, ada), NOW)
        assert rows(connection) == {name: 2 if name in KEPT_WITHOUT_A_NAME else 1 for name in HANGING}
        for name, column in KEPT_WITHOUT_A_NAME.items():
            left = connection.execute(select(TABLES[name].c[column])).scalars().all()
            assert sorted(left, key=str) == sorted([None, bob], key=str)
        assert connection.execute(select(service.accounts.c.name)).scalars().all() == ["bob"]
        left_a_line = audit.page(connection, actor="ada", before=None, most=9)
    assert [(event.action, event.actor_id) for event in left_a_line] == [("account.delete", ada)]
    database.close()
