"""PostgreSQL: who waits for whom, what a reader sees, and what its failures are called."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import databases
import pytest
from databases import empty_database, new_database
from sqlalchemy import Connection, func, insert, inspect, select, update

from app import engines
from app.accounts.models import Account
from app.accounts.service import accounts
from app.db import Database
from app.errors import Unavailable
from app.settings import ROOT

pytestmark = pytest.mark.postgresql
WITHIN_S = 30.0
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return new_database(tmp_path)


@pytest.fixture
def here(url: str) -> Iterator[Database]:
    made = Database(url)
    yield made
    made.close()


@pytest.fixture
def there(url: str) -> Iterator[Database]:
    """The same database as another process has it, one that does not wait long."""
    made = Database(url, patience_s=0.2)
    yield made
    made.close()


def add(connection: Connection, name: str) -> int:
    row = Account(name=name, created_at=NOW).model_dump(exclude={"id"})
    account_id: int = connection.execute(insert(accounts).values(row).returning(accounts.c.id)).scalar_one()
    return account_id


def names(connection: Connection) -> list[str]:
    return list(connection.execute(select(accounts.c.name).order_by(accounts.c.id)).scalars())


def test_two_people_write_beside_each_other(here: Database, there: Database) -> None:
    with here.write() as connection:
        ada, bob = add(connection, "ada"), add(connection, "bob")
    with here.write(ada), there.write(bob) as connection, here.write(bob + 1):
        connection.execute(update(accounts).where(accounts.c.id == bob).values(theme="dark"))


def test_one_person_writes_one_at_a_time(here: Database, there: Database) -> None:
    with here.write(1), pytest.raises(Unavailable, match="busy"), there.write(1):
        pass
    with there.write(1):
        pass


def test_writer_of_everybody_excludes_every_person_and_is_excluded_by_each(here: Database, there: Database) -> None:
    with here.write(), pytest.raises(Unavailable, match="busy"), there.write(1):
        pass
    with here.write(1), pytest.raises(Unavailable, match="busy"), there.write():
        pass
    with here.write(), pytest.raises(Unavailable, match="busy"), there.write():
        pass


@pytest.mark.parametrize("everybody", [False, True])
def test_no_update_is_lost_between_processes(url: str, everybody: bool) -> None:
    """Each reads a number and writes the next, as two Databases do that know of each other by the server alone."""
    pair = [Database(url), Database(url)]
    with pair[0].write() as connection:
        ada = add(connection, "ada")
        connection.execute(update(accounts).values(new_per_day=0))

    def count(database: Database) -> None:
        for _ in range(20):
            with database.write(None if everybody else ada) as connection:
                last = connection.execute(select(accounts.c.new_per_day)).scalar_one()
                connection.execute(update(accounts).values(new_per_day=last + 1))

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(count, pair * 3))
    with pair[0].read() as connection:
        assert connection.execute(select(accounts.c.new_per_day)).scalar_one() == 120
    for database in pair:
        database.close()


def test_writers_who_wait_leave_readers_their_connections(here: Database) -> None:
    begun = threading.Semaphore(0)

    def write(person: int) -> None:
        begun.release()
        with here.write(person):
            pass

    with ThreadPoolExecutor(30) as threads:
        with here.write():
            waiting = [threads.submit(write, person) for person in range(30)]
            for _ in waiting:
                assert begun.acquire(timeout=WITHIN_S)
            with here.read() as connection:
                assert names(connection) == []
        for it in waiting:
            it.result(WITHIN_S)


def test_reader_sees_one_moment_and_changes_nothing(here: Database) -> None:
    with here.read() as reader:
        assert names(reader) == []
        with here.write() as writer:
            add(writer, "ada")
        assert names(reader) == []
    with pytest.raises(Unavailable, match="takes no changes"), here.read() as reader:
        add(reader, "bob")
    with here.read() as reader:
        assert names(reader) == ["ada"]


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("53100", "The server's disk is full"),
        ("53300", "no connection left"),
        ("25006", "takes no changes"),
        ("55P03", "Others keep the database busy"),
        ("57P01", "does not answer"),
        ("58030", "does not answer"),
    ],
)
def test_what_the_server_is_short_of_is_said_and_nothing_is_kept(here: Database, state: str, says: str) -> None:
    """The states are raised by the server itself, which says them when its disk is really full and so on."""

    def write() -> None:
        with here.write() as connection:
            add(connection, "ada")
            connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'so be it' USING ERRCODE = '{state}'; END $$")

    with pytest.raises(Unavailable, match=says):
        write()
    with here.read() as connection:
        assert names(connection) == []


def test_transaction_that_the_server_ended_for_its_rest_is_no_fault_of_ours(here: Database) -> None:
    def rest(*, hurry: bool) -> None:
        with here.write() as connection:
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = '100ms'")
            if not hurry:
                engines.without_hurry(connection)
            time.sleep(0.5)  # it is rest itself that is tried
            add(connection, "ada")

    with pytest.raises(Unavailable, match="does not answer"):
        rest(hurry=True)
    rest(hurry=False)


def test_fault_of_ours_is_none_of_the_servers(here: Database) -> None:
    with pytest.raises(Exception, match="no_such_table") as caught, here.write() as connection:
        connection.exec_driver_sql("SELECT * FROM no_such_table")
    assert not isinstance(caught.value, Unavailable)


def test_connections_that_the_server_ended_are_replaced(here: Database, there: Database) -> None:
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
    name = (here.engine.url.database,)

    def write_while_it_ends() -> None:
        with here.write() as connection:
            add(connection, "ada")
            with there.read() as other:
                other.exec_driver_sql(others, name)
            add(connection, "bob")

    with here.read() as connection:
        assert names(connection) == []
    with there.write() as connection:
        connection.exec_driver_sql(others, name)
    with here.read() as connection:
        assert names(connection) == []
    with pytest.raises(Unavailable, match="does not answer"):
        write_while_it_ends()
    with here.write() as connection:
        assert names(connection) == []
        add(connection, "cleo")
    with here.read() as connection:
        assert names(connection) == ["cleo"]


def test_server_that_takes_no_more_connections_is_unavailable(here: Database, url: str) -> None:
    databases.administer(f"ALTER DATABASE {databases.name_of(url)} CONNECTION LIMIT 0")
    with pytest.raises(Unavailable), here.read():
        pass
    databases.administer(f"ALTER DATABASE {databases.name_of(url)} CONNECTION LIMIT -1")
    with here.read() as connection:
        assert names(connection) == []


def test_several_processes_that_start_on_an_empty_database_migrate_it_once(tmp_path: Path) -> None:
    url = empty_database(tmp_path)
    program = f"from app.db import Database; Database({url!r}).migrate()"
    running = [
        subprocess.Popen([sys.executable, "-W", "ignore", "-c", program], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [process.communicate(timeout=120)[1] for process in running] == [""] * 3
    made = Database(url)
    assert made.is_current()
    made.close()


def test_migration_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(empty_database(tmp_path))
    with database.write() as connection:  # what the last migration is to make is in its way
        connection.exec_driver_sql(
            "CREATE FUNCTION fold_case(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1'"
        )
    with pytest.raises(Exception, match="fold_case"):
        database.migrate()
    with database.read() as connection:
        assert inspect(connection).get_table_names() == []
    database.close()


def test_server_that_is_too_old_is_told_so(here: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "OLDEST", (99,))
    with pytest.raises(Unavailable, match="PostgreSQL 99 or newer is needed"):
        here.migrate()


def test_letters_fold_as_in_python(here: Database) -> None:
    letters = [chr(code) for code in range(1, 0x110000) if not 0xD800 <= code < 0xE000]
    folded = [letter for letter in letters if letter.casefold() != letter]
    assert len(folded) > 1000
    texts = ["".join(folded), "".join(random.Random(7).sample(letters, 3000)), "ADA Lovelace @[`{", "", "STRASSE ß İ ŉ"]
    with here.read() as connection:
        for text in texts:
            assert connection.execute(select(func.fold_case(text))).scalar_one() == text.casefold()
