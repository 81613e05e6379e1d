"""The database: migrations match the models, writers take turns, times are UTC."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, insert, select
from sqlmodel import SQLModel

from app.accounts.models import Account
from app.accounts.service import accounts
from app.db import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    made.migrate()
    return made


def account(name: str, created_at: datetime = NOW) -> dict[str, object]:
    return Account(name=name, created_at=created_at).model_dump(exclude={"id"})


def test_migrations_lead_to_the_models(database: Database) -> None:
    with database.read() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
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
