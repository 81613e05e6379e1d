"""SQLite to PostgreSQL and back, by a move and by a backup: no row is lost or changed, a failure changes nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import databases
import psycopg
import pytest
from every_table import fill_every_table
from postgres_server import PostgresServer
from sqlalchemy import event, insert, inspect, text
from sqlalchemy.engine import make_url
from test_backup_and_restore import NOW, Place

from app.accounts.models import Account
from app.accounts.service import accounts
from app.db import Database
from app.moving import transfer as transfer_module
from app.moving.tables import Fingerprint, MoveError, fingerprint, sheets
from app.moving.transfer import transfer


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL, whichever engine the run is for."""
    if databases.on_postgresql():
        yield databases.empty_database(Path("any")).rsplit("/", 1)[0]
        return
    own = PostgresServer()
    url = own.start()
    yield url.rsplit("/", 1)[0]
    own.end()


@pytest.fixture
def postgresql(server: str) -> Iterator[Database]:
    """An empty database there."""
    name = f"moving_{os.getpid()}"
    where = make_url(f"{server}/whetstone")
    admin = psycopg.connect(host=where.host, port=where.port, user=where.username, dbname="whetstone", autocommit=True)
    admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    made = Database(f"{server}/{name}")
    yield made
    made.close()
    admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    admin.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """With rows in every table."""
    made = Database(f"sqlite:///{tmp_path / 'one.sqlite3'}")
    made.migrate()
    with made.write() as connection:
        fill_every_table(connection, rows=30)
    yield made
    made.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'two.sqlite3'}")
    yield made
    made.close()


def rows(database: Database) -> dict[str, Fingerprint]:
    with database.read() as connection:
        return {sheet.name: fingerprint(connection, sheet) for sheet in sheets()}


def test_every_row_is_the_same_there_and_back(sqlite: Database, postgresql: Database, fresh: Database) -> None:
    before = rows(sqlite)
    there = transfer(sqlite, postgresql)
    assert there == before == rows(postgresql)
    assert {found.rows for found in there.values()} == {30}
    back = transfer(postgresql, fresh)
    assert back == before == rows(fresh) == rows(sqlite)


def test_locks_rest_as_long_as_the_move_takes(
    sqlite: Database, postgresql: Database, fresh: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transaction that keeps others from writing the source does nothing itself meanwhile."""
    transfer(sqlite, postgresql)
    postgresql.close()
    copy = transfer_module._copy

    def slowly(*args: Any) -> Fingerprint:
        time.sleep(0.05)  # thirty tables: longer than the server lets a transaction rest, below
        return copy(*args)

    def hurry(connection: Any, _record: object) -> None:
        autocommit, connection.autocommit = connection.autocommit, True
        connection.execute("SET idle_in_transaction_session_timeout = '200ms'")
        connection.autocommit = autocommit

    monkeypatch.setattr(transfer_module, "_copy", slowly)
    for engine in (postgresql.engine, postgresql.reading):
        event.listen(engine, "connect", hurry)
    assert transfer(postgresql, fresh) == rows(sqlite)


def test_new_rows_come_after_those_moved(sqlite: Database, postgresql: Database) -> None:
    transfer(sqlite, postgresql)
    with postgresql.write() as connection:
        highest = connection.scalar(text("SELECT max(id) FROM account"))
        row = Account(name="new", created_at=NOW).model_dump(exclude={"id"})
        made = connection.execute(insert(accounts).values(row)).inserted_primary_key
        first = connection.scalar(
            text("INSERT INTO notice (account_id, kind, params, created_at) VALUES (1, 'x', '{}', now()) RETURNING id")
        )
    assert made is not None
    assert made[0] == highest + 1
    assert first == 30 * 3 - 2 + 1


def test_audit_log_only_grows_there_too(sqlite: Database, postgresql: Database) -> None:
    transfer(sqlite, postgresql)
    with pytest.raises(Exception, match="only grows"), postgresql.write() as connection:
        connection.execute(text("DELETE FROM audit_event"))


def test_database_with_rows_is_no_target(sqlite: Database, postgresql: Database) -> None:
    transfer(sqlite, postgresql)
    before = rows(postgresql)
    with pytest.raises(MoveError, match=r"target is not empty: it has rows \(account 30, "):
        transfer(sqlite, postgresql)
    assert rows(postgresql) == before


def test_migrated_database_without_rows_is_a_target(sqlite: Database, postgresql: Database) -> None:
    postgresql.migrate()
    assert transfer(sqlite, postgresql) == rows(sqlite)


def test_row_that_does_not_fit_is_named_and_the_target_is_as_it_was(sqlite: Database, postgresql: Database) -> None:
    with sqlite.write() as connection:  # SQLite takes a longer one than the column says
        connection.execute(
            text("UPDATE submission SET verdict = :long WHERE id = (SELECT min(id) FROM submission)"),
            {"long": "x" * 500},
        )
        first = connection.scalar(text("SELECT min(id) FROM submission"))
    with pytest.raises(
        MoveError, match=rf"submission, id {first}: the database does not take this row: value too long"
    ):
        transfer(sqlite, postgresql)
    with postgresql.read() as connection:
        assert inspect(connection).get_table_names() == []


@pytest.mark.parametrize("lost", ["a row", "a change"])
def test_difference_is_found_and_the_target_is_as_it_was(
    lost: str, sqlite: Database, postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill = transfer_module.fill

    def faulty(connection, sheet, lines):  # type: ignore[no-untyped-def]
        fill(connection, sheet, lines)
        if sheet.name == "workspace":
            faults = {
                "a row": "DELETE FROM workspace WHERE question_id = (SELECT min(question_id) FROM workspace)",
                "a change": "UPDATE workspace SET hints_shown = 1 - hints_shown",
            }
            connection.execute(text(faults[lost]))

    monkeypatch.setattr(transfer_module, "fill", faulty)
    with pytest.raises(MoveError, match=r"workspace: 30 rows came out and (29|30) went in"):
        transfer(sqlite, postgresql)
    with postgresql.read() as connection:
        assert inspect(connection).get_table_names() == []


def test_source_on_postgresql_in_use_is_refused(sqlite: Database, postgresql: Database, fresh: Database) -> None:
    transfer(sqlite, postgresql)
    other = Database(postgresql.engine.url.render_as_string(hide_password=False))
    with other.read() as connection:
        connection.execute(text("SELECT 1"))
    with pytest.raises(MoveError, match="is connected to it; stop every server and worker first"):
        transfer(postgresql, fresh)
    other.close()
    assert transfer(postgresql, fresh) == rows(sqlite)


@pytest.mark.parametrize("way", ["to PostgreSQL", "to SQLite"])
def test_backup_of_one_engine_is_restored_into_the_other(
    way: str, sqlite: Database, postgresql: Database, fresh: Database, tmp_path: Path
) -> None:
    before = rows(sqlite)
    source, target = sqlite, postgresql
    if way == "to SQLite":
        transfer(sqlite, postgresql)
        source, target = postgresql, fresh
    places = []
    for name, database in (("source", source), ("target", target)):
        (tmp_path / name / "data").mkdir(parents=True)
        (tmp_path / name / "questions").mkdir()
        places.append(Place(tmp_path / name, database.engine.url.render_as_string(hide_password=False)))
        database.close()
    (places[0].instance.questions_dir / "topics.yaml").write_text("areas: []\n")
    places[0].back_up(tmp_path / "b.tar.gz")
    places[1].restore(tmp_path / "b.tar.gz")
    assert places[1].rows() == before
    assert places[1].everything() == places[0].everything()
