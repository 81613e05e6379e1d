"""`whetstone serve` on a PostgreSQL that it can't use: one clear line, exit 2, and nothing half-made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from databases import administer, empty_database, name_of, new_database
from postgres_server import PASSWORD, WITH_PASSWORD
from sqlalchemy import inspect
from sqlalchemy.engine import make_url
from test_command import run

from app.db import Database

pytestmark = pytest.mark.postgresql


def refused(folder: Path, url: str) -> str:
    done = run(folder, "serve", "--port", "1", WHETSTONE_DATABASE_URL=url)  # a port that it would not get either
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line.startswith("whetstone: ")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def changed(url: str, **parts: Any) -> str:
    return make_url(url).set(**parts).render_as_string(hide_password=False)


def tables(url: str) -> list[str]:
    database = Database(url)
    with database.read() as connection:
        found = inspect(connection).get_table_names()
    database.close()
    return found


def test_server_that_is_not_there(tmp_path: Path) -> None:
    said = refused(tmp_path, "postgresql://ada:secret@127.0.0.1:1/whetstone")
    assert "The database does not answer." in said
    assert "port 1" in said
    assert "secret" not in said


def test_wrong_password(tmp_path: Path) -> None:
    url = changed(new_database(tmp_path), username=WITH_PASSWORD, password="a wrong one")
    said = refused(tmp_path, url)
    assert "password authentication failed" in said
    assert "a wrong one" not in said


def test_database_that_does_not_exist(tmp_path: Path) -> None:
    assert '"nowhere" does not exist' in refused(tmp_path, changed(new_database(tmp_path), database="nowhere"))


def test_option_that_it_does_not_know(tmp_path: Path) -> None:
    assert "frobnicate" in refused(tmp_path, new_database(tmp_path) + "?frobnicate=1")


def test_account_that_may_make_no_tables(tmp_path: Path) -> None:
    url = empty_database(tmp_path)
    said = refused(tmp_path, changed(url, username=WITH_PASSWORD, password=PASSWORD))
    assert "permission denied" in said
    assert PASSWORD not in said
    assert tables(url) == []


def test_account_that_may_read_no_tables(tmp_path: Path) -> None:
    url = new_database(tmp_path)
    assert "permission denied" in refused(tmp_path, changed(url, username=WITH_PASSWORD, password=PASSWORD))


def test_schema_of_a_newer_release(tmp_path: Path) -> None:
    url = new_database(tmp_path)
    database = Database(url)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert "(9999) is of a newer release" in refused(tmp_path, url)


def test_database_that_takes_no_changes(tmp_path: Path) -> None:
    url = empty_database(tmp_path)
    administer(f"ALTER DATABASE {name_of(url)} SET default_transaction_read_only = on")
    assert "takes no changes" in refused(tmp_path, url)
    assert tables(url) == []
