"""The database: migrations match the models, writers take turns, times are UTC."""

from __future__ import annotations

import sqlite3
import threading
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from databases import empty_database
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlmodel import SQLModel

from app.accounts.models import Account
from app.accounts.service import accounts
from app.accounts.signup import site_settings
from app.db import Database, after_commit, is_mapped
from app.errors import Invalid, Unavailable

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(empty_database(tmp_path))
    made.migrate()
    return made


def account(name: str, created_at: datetime = NOW) -> dict[str, object]:
    return Account(name=name, created_at=created_at).model_dump(exclude={"id"})


@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")  # on SQLite
def test_migrations_lead_to_the_models(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_mapped})
        differences = compare_metadata(context, SQLModel.metadata)
    assert differences == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    database.migrate()
    assert database.is_current()


def test_failed_transaction_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.write() as connection:
            connection.execute(insert(accounts).values(account("ada")))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(accounts)).scalar() == 0


def test_what_waits_for_the_commit_happens_after_it_or_never(database: Database) -> None:
    seen: list[int] = []

    def count() -> None:
        with database.write() as connection:  # others may write already
            seen.append(connection.execute(select(func.count()).select_from(accounts)).scalar_one())

    def fail() -> None:
        with database.write() as connection:
            after_commit(connection, count)
            raise RuntimeError

    with database.write() as connection:
        after_commit(connection, count)
        connection.execute(insert(accounts).values(account("ada")))
        assert seen == []
    assert seen == [1]
    with pytest.raises(RuntimeError):
        fail()
    with database.write():
        pass
    assert seen == [1]


def test_writers_take_turns_and_none_is_lost(database: Database) -> None:
    def write(name: str) -> None:
        for number in range(25):
            with database.write() as connection:
                connection.execute(insert(accounts).values(account(f"{name}-{number}")))

    threads = [threading.Thread(target=write, args=(f"w{index}",)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(accounts)).scalar() == 200


def test_reader_goes_on_beside_a_writer(database: Database) -> None:
    with database.write() as writer:
        writer.execute(insert(accounts).values(account("ada")))
        with database.read() as reader:
            assert reader.execute(select(func.count()).select_from(accounts)).scalar() == 0


def test_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="time zone"), database.write() as connection:
        connection.execute(insert(accounts).values(account("ada", datetime(2026, 3, 2, 9, 0))))  # noqa: DTZ001  (the fault)


def test_times_come_back_in_utc(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(accounts).values(account("ada")))
    with database.read() as connection:
        assert connection.execute(select(accounts.c.created_at)).scalar() == NOW


@pytest.mark.sqlite
def test_writer_gives_up_on_a_lock_that_another_process_keeps(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}", patience_s=0.2)
    database.migrate()
    other = sqlite3.connect(tmp_path / "test.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    failed: list[str] = []

    def write() -> None:
        try:
            with database.write():
                pass
        except (OperationalError, Unavailable) as error:
            failed.append(type(error).__name__)

    began = time.monotonic()
    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failed) == 8
    assert time.monotonic() - began < 1.2  # one by one they would wait 8 times as long as one
    other.execute("ROLLBACK")
    with database.write() as connection:
        connection.execute(insert(accounts).values(account("ada")))


def test_text_with_nul_is_refused_before_the_database_sees_it(database: Database) -> None:
    """PostgreSQL can't hold it; SQLite could, and what is written on one must be taken by the other."""
    with pytest.raises(Invalid, match="NUL"), database.write() as connection:
        connection.execute(insert(accounts).values(account("a\0a")))
    with pytest.raises(Invalid, match="NUL"), database.read() as connection:
        connection.execute(select(accounts).where(accounts.c.name == "a\0a"))


def test_nan_is_no_json(database: Database) -> None:
    with pytest.raises((StatementError, ValueError), match="not JSON compliant"), database.write() as connection:
        connection.execute(insert(site_settings).values(name="n", value=float("nan")))


def test_json_comes_back_as_it_went(database: Database) -> None:
    value = {"b": [1, 2.5, None, "\0 \ud83d \u2028 数"], "a": {"z": True, "y": 2**60}}
    with database.write() as connection:
        connection.execute(insert(site_settings).values(name="n", value=value))
    with database.read() as connection:
        back = connection.execute(select(site_settings.c.value)).scalar_one()
    assert back == value
    assert list(back) == ["b", "a"]


def test_schema_of_a_newer_release_is_left_alone(database: Database) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Unavailable, match="newer release"):
        database.migrate()


def test_error_of_the_database_does_not_repeat_what_was_to_be_stored(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(accounts).values(account("ada")))
    with pytest.raises(IntegrityError) as caught, database.write() as connection:
        connection.execute(insert(accounts).values(account("ada") | {"password_hash": "$argon2id$secret"}))
    assert "$argon2id$secret" not in str(caught.value)
    nobody = account("bob") | {"password_hash": "$argon2id$secret", "name": None}
    with pytest.raises(IntegrityError) as caught, database.write() as connection:
        connection.execute(insert(accounts).values(nobody))
    shown = "".join(traceback.format_exception(caught.value))
    assert "name" in shown
    assert "$argon2id$secret" not in shown
