"""A database of one's own for each test, on the engine that the run is for: a file, or one copied from a template.

`pytest --engine postgresql` runs a server for the whole run. Without it, everything is SQLite.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Pool, event
from sqlalchemy.engine import make_url

from app.db import Database

FILE = "whetstone.sqlite3"
_numbers = count()
_of_folder: dict[Path, str] = {}  # the names of those that are there
_opened: list[Any] = []  # psycopg's connections to them, which it wants closed before they are forgotten
_server: str | None = None


def use(server: str | None) -> None:
    """From now on: that PostgreSQL, or SQLite."""
    global _server
    _server = server
    if server is not None and not event.contains(Pool, "connect", _note):
        event.listen(Pool, "connect", _note)


def _note(connection: Any, _record: object) -> None:
    if isinstance(connection, psycopg.Connection):
        _opened.append(connection)


def on_postgresql() -> bool:
    return _server is not None


def new_database(folder: Path) -> str:
    """The address of that folder's database, made with the first question for it: migrated, with nothing in it."""
    return _file(folder) if _server is None else _copied(folder, "migrated")


def environment(folder: Path) -> dict[str, str]:
    """What a command needs in its environment to use that folder's database, beside its data folder."""
    if _server is None:
        return {}
    return {"WHETSTONE_DATABASE_URL": new_database(folder), "WHETSTONE_GRADERS": "here"}


def empty_database(folder: Path) -> str:
    """The same without any table."""
    return _file(folder) if _server is None else _copied(folder, "template0")


def copied_database(folder: Path, template: str) -> str:
    """The same as a copy of another, of that address, which nobody uses meanwhile."""
    if _server is not None:
        return _copied(folder, name_of(template))
    shutil.copy(name_of(template), folder / FILE)
    return _file(folder)


def template_database() -> str:
    """PostgreSQL: the address of a new one, migrated, that stays for the run."""
    return _url(_create(_migrated()))


def name_of(url: str) -> str:
    return make_url(url).database or ""


def administer(sql: str) -> None:
    """PostgreSQL: as the owner of the databases, from outside."""
    _admin().execute(sql)


@contextmanager
def ending_with_it() -> Iterator[None]:
    """What is made in the block is dropped at its end."""
    before = set(_of_folder)
    yield
    gone = {_of_folder.pop(folder) for folder in set(_of_folder) - before}
    if not gone:
        return
    for connection in [it for it in _opened if it.closed or it.info.dbname in gone]:
        connection.close()
        _opened.remove(connection)
    for name in gone:
        _admin().execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def close() -> None:
    """At the end of the run."""
    for connection in _opened:
        connection.close()
    if _admin.cache_info().currsize:
        _admin().close()


def _file(folder: Path) -> str:
    return f"sqlite:///{folder / FILE}"


def _copied(folder: Path, template: str) -> str:
    folder = folder.resolve()
    if folder not in _of_folder:
        if template == "migrated":
            template = _migrated()
        _of_folder[folder] = _create(template)
    return _url(_of_folder[folder])


def _create(template: str) -> str:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    _admin().execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


@cache
def _migrated() -> str:
    name = _create("template0")
    database = Database(_url(name))
    database.migrate()
    database.close()
    return name


@cache
def _admin() -> psycopg.Connection[Any]:
    where = make_url(_server or "")
    return psycopg.connect(
        host=where.host, port=where.port, user=where.username, dbname=where.database, autocommit=True
    )


def _url(name: str) -> str:
    return make_url(_server or "").set(database=name).render_as_string(hide_password=False)
