"""Rows for every table there is, new ones too, of every kind a column takes, with what is hard to carry over."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Float, Integer, LargeBinary, Table, TypeDecorator, insert
from sqlmodel import SQLModel

from app.db import UtcDateTime
from app.moving import tables  # has every model's tables in the metadata too

_TEXTS = (
    "ada",
    "艾达 磨刀石",
    "naïve — ﬁne",
    "tab\tand\nnew\r\nline",
    'it\'s "quoted" \\ 50% :name',
    "👩‍🔬 ملف",
    "",
    "\x01\x7f",
)
_FLOATS = (0.1, 0.0, 1e-300, 1.7976931348623157e308, 3.0, 2**53 + 1.0, 0.1 + 0.2)
_JSON: tuple[Any, ...] = (
    {"z": 1, "a": [None, True, 1.5, "\u2028 磨 \0 \ud800"], "m": {"deep": {"er": []}}},
    [],
    {},
    "text",
    0,
    False,
    [1e-7, 12345678901234567890, -1],
)


def fill_every_table(connection: Connection, rows: int = 20, seed: int = 0) -> None:
    """Put `rows` rows into each table, each referring to rows that are there."""
    rng = random.Random(seed)
    keys: dict[str, list[Any]] = {}
    for table in SQLModel.metadata.sorted_tables:
        batch = [{it.name: _value(table, it, number, keys, rng) for it in table.columns} for number in range(rows)]
        connection.execute(insert(table), batch)
        for it in table.columns:
            keys[f"{table.name}.{it.name}"] = [row[it.name] for row in batch]
    for sheet in tables.sheets():
        tables.follow_on(connection, sheet)


def row_of(table: Table) -> dict[str, Any]:
    """One row, which refers to rows with the key 1."""
    keys = {link.target_fullname: [1] for it in table.columns for link in it.foreign_keys}
    return {it.name: _value(table, it, 1, keys, random.Random(0)) for it in table.columns}


def _value(table: Table, it: Column[Any], number: int, keys: dict[str, list[Any]], rng: random.Random) -> Any:
    for link in it.foreign_keys:
        there = keys[link.target_fullname]
        return None if it.nullable and number % 3 == 0 else there[number % len(there)]
    stored = it.type.impl_instance if isinstance(it.type, TypeDecorator) else it.type
    if it.primary_key and isinstance(stored, Integer):
        return number * 3 + 1
    if it.nullable and number % 4 == 0:
        return None
    if isinstance(it.type, UtcDateTime):
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number, microseconds=rng.randrange(10**12))
    if isinstance(stored, Boolean):
        return number % 2 == 0
    if isinstance(stored, Integer):
        return rng.choice((number, -number, 2**31 - 1 - number))
    if isinstance(stored, Float):
        return _FLOATS[number % len(_FLOATS)]
    if isinstance(stored, JSON):
        return _JSON[number % len(_JSON)]
    if isinstance(stored, LargeBinary):
        return bytes(range(number, number + 9))
    return _text(table, it, number)


def _text(table: Table, it: Column[Any], number: int) -> str:
    """Unlike every other row's: some are unique. As long as the column takes at most."""
    length = getattr(it.type, "length", None)
    if length is None:
        return f"{number} {_TEXTS[number % len(_TEXTS)]}" * 3
    if length < 8:
        return str(number)[:length]
    return f"{number} {_TEXTS[number % len(_TEXTS)]}"[:length] if it.name != "hash" else f"{number:064}"
