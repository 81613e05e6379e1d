"""What `whetstone doctor` finds about database, queue, disk and clock, well and unwell, and what it says to do."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import sqlite3
from collections import namedtuple
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest
from databases import empty_database, new_database, on_postgresql
from every_table import row_of
from sqlalchemy import insert, text

from app import cli, engines
from app import clock as app_clock
from app.accounts.models import Account
from app.accounts.service import accounts
from app.checkup import clock, database, disk, queue
from app.checkup.finding import Finding
from app.db import Database
from app.grading import jobs
from app.grading.models import Submission
from app.interview.models import Interview

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    made = Database(new_database(tmp_path))
    made.migrate()
    yield made
    made.close()


def named(findings: list[Finding], name: str) -> Finding:
    assert all(it.why for it in findings)
    assert all(it.mend for it in findings if not it.standing), "whatever is not well says what to do"
    return next(it for it in findings if it.name == name)


def with_ada(db: Database) -> None:
    with db.write() as connection:
        connection.execute(insert(accounts).values(Account(id=1, name="ada", created_at=NOW).model_dump()))


def test_database_in_order(db: Database) -> None:
    found = database.examine(db)
    assert [it.name for it in found] == ["reachable", "schema", "integrity", "latency"]
    assert all(it.standing for it in found if it.required)
    assert named(found, "reachable").why.startswith("PostgreSQL " if on_postgresql() else "SQLite ")
    assert database.is_usable(db)


def test_sqlite_file_that_is_not_there_is_no_fault_and_is_not_made(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'none.sqlite3'}")
    [found] = database.examine(db)
    assert found.standing
    assert not database.is_usable(db)
    assert list(tmp_path.iterdir()) == []


def test_postgresql_that_does_not_answer_is_a_fault() -> None:
    db = Database("postgresql+psycopg://nobody:hidden@127.0.0.1:9/none", patience_s=1)
    [found] = database.examine(db)
    assert (found.name, found.standing, found.required) == ("reachable", False, True)
    assert "hidden" not in str(found)
    assert "WHETSTONE_DATABASE_URL" in found.mend
    assert not database.is_usable(db)


def test_old_postgresql_is_a_fault(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    if not on_postgresql():
        return
    monkeypatch.setattr(engines, "OLDEST", (99,))
    found = named(database.examine(db), "reachable")
    assert (found.standing, found.required) == (False, True)
    assert "PostgreSQL 99 or newer is needed" in found.why


@pytest.mark.parametrize(("revision", "standing", "required"), [("0002", False, False), ("9999", False, True)])
def test_schema_of_another_release(revision: str, standing: bool, required: bool, db: Database) -> None:
    with db.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    found = named(database.examine(db), "schema")
    assert (found.standing, found.required) == (standing, required)
    assert revision in found.why
    assert not database.is_usable(db)


def test_database_before_its_first_start_is_no_fault(tmp_path: Path) -> None:
    db = Database(empty_database(tmp_path))
    if not on_postgresql():
        (tmp_path / "whetstone.sqlite3").touch()
    assert named(database.examine(db), "schema").standing
    assert not database.is_usable(db)
    db.close()


def _sqlite(tmp_path: Path) -> tuple[Database, Path]:
    db = Database(f"sqlite:///{tmp_path / 'own.sqlite3'}")
    db.migrate()
    with_ada(db)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return db, tmp_path / "own.sqlite3"


def test_damaged_page_is_a_fault(tmp_path: Path) -> None:
    db, file = _sqlite(tmp_path)
    connection = sqlite3.connect(file)
    page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'account'").fetchone()[0]
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with file.open("r+b") as raw:
        raw.seek((page - 1) * size)
        raw.write(os.urandom(64))
    found = next(it for it in database.examine(db) if not it.standing)  # as soon as it is read
    assert found.required
    assert "malformed" in found.why
    assert "whetstone restore FILE --replace" in found.mend


def test_file_that_is_no_database_is_a_fault(tmp_path: Path) -> None:
    db, file = _sqlite(tmp_path)
    file.write_bytes(b"x" * 5000)
    [found] = database.examine(db)
    assert "not a database" in found.why
    assert "restore" in found.mend


def test_reference_to_a_row_that_is_gone_is_a_fault(tmp_path: Path) -> None:
    db, file = _sqlite(tmp_path)
    raw = sqlite3.connect(file)
    raw.execute("INSERT INTO notice (account_id, kind, params, created_at) VALUES (77, 'x', '{}', '2026-01-01')")
    raw.commit()
    raw.close()
    assert "a row of notice refers to one that is gone" in named(database.examine(db), "integrity").why


def test_slow_database_is_told_of(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_SLOW_MS", -1.0)
    found = named(database.examine(db), "latency")
    assert (found.standing, found.required) == (False, False)


def submission(number: int, created_at: datetime, **values: Any) -> dict[str, Any]:
    made = Submission(
        id=str(number), account_id=1, question_id="iou", question_hash="0", code="", mode="submit", seed=0,
        created_at=created_at, **values,
    )  # fmt: skip
    return made.model_dump()


def test_queue_says_how_many_wait_and_since_when(db: Database) -> None:
    with_ada(db)
    assert named(queue.examine(db, "here", NOW), "submissions").why == "none waits to be graded"
    with db.write() as connection:
        for number, age_s in ((1, 20), (2, 60), (3, 9000)):
            finished = NOW if number == 3 else None
            row = submission(number, NOW - timedelta(seconds=age_s), finished_at=finished)
            connection.execute(insert(Submission.__table__).values(row))  # type: ignore[attr-defined]
    found = named(queue.examine(db, "here", NOW), "submissions")
    assert found.standing
    assert found.why == "2 not graded yet, the oldest sent 60 seconds ago"
    later = named(queue.examine(db, "here", NOW + timedelta(hours=3)), "submissions")
    assert not later.standing
    assert later.why == "2 not graded yet, the oldest sent 3 hours ago"


def test_workers_are_told_with_what_they_can_run(db: Database) -> None:
    if not on_postgresql():
        return  # the server grades by itself
    with_ada(db)
    found = named(queue.examine(db, "workers", NOW), "workers")
    assert (found.standing, found.required) == (False, True)
    assert "whetstone worker" in found.mend
    with db.write() as connection:
        jobs.sign_on(connection, "w1", "one", ["numpy"], 2)
        for number, lib in enumerate(("numpy", "torch", "torch")):
            connection.execute(insert(Submission.__table__).values(submission(number, NOW)))  # type: ignore[attr-defined]
            jobs.enqueue(connection, str(number), "1", 1, lib)  # type: ignore[arg-type]
    found = queue.examine(db, "workers", NOW)
    assert named(found, "workers").why == "2 at a time with numpy"
    assert named(found, "torch").why == "2 wait that need torch, and no worker has it"
    assert "numpy" not in [it.name for it in found]
    assert named(found, "stalled").standing
    with db.write() as connection:
        connection.execute(text("UPDATE procrastinate_jobs SET status = 'doing' WHERE queue_name = 'torch'"))
    assert named(queue.examine(db, "workers", NOW), "stalled").why == "2 were begun by workers that are gone"


def test_disk_in_order(tmp_path: Path) -> None:
    found = disk.examine(tmp_path, tmp_path)
    assert [it.name for it in found] == ["data folder", "temporary files", "questions"]
    assert named(found, "data folder").standing
    assert list(tmp_path.iterdir()) == [], "nothing is left of the trial"


def test_data_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    found = named(disk.examine(tmp_path / "a" / "b", tmp_path), "data folder")
    assert found.standing
    assert "is not there yet" in found.why
    assert list(tmp_path.iterdir()) == []


def test_little_room_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(1 << 40, 0, 100 << 20))
    found = disk.examine(tmp_path, tmp_path)
    assert "0.1 GiB free" in named(found, "data folder").why
    assert not named(found, "data folder").standing
    assert named(found, "temporary files").standing, "they need less"


def test_folder_that_can_not_be_written_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> NoReturn:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    found = named(disk.examine(tmp_path, tmp_path), "data folder")
    assert (found.standing, found.required) == (False, True)
    assert "can't be written: Read-only file system" in found.why


def test_questions_that_can_not_be_written_are_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    found = named(disk.examine(tmp_path, tmp_path), "questions")
    assert (found.standing, found.required) == (False, False)


def test_clock_that_was_moved_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([1000.0, 1090.0])
    monkeypatch.setattr(clock.time, "time", lambda: next(times))
    assert re.match(r"it was moved by (89|90)\.", named(clock.examine(None), "pace").why)


@pytest.mark.parametrize("kernel", [True, False])
def test_clock_says_whether_it_follows_a_time_server(kernel: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_SYNCHRONISED", Path("/nowhere"))
    monkeypatch.setattr(clock, "_kernel_says_synchronised", lambda: kernel)
    found = named(clock.examine(None), "time server")
    assert (found.standing, found.required) == (kernel, kernel)


def test_clock_apart_from_the_database_servers_is_a_fault(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    if not on_postgresql():
        assert "agreement" not in [it.name for it in clock.examine(db)], "it is the same machine"
        return
    assert named(clock.examine(db), "agreement").standing
    monkeypatch.setattr(app_clock, "now", lambda: datetime.now(UTC) - timedelta(seconds=30))
    found = named(clock.examine(db), "agreement")
    assert (found.standing, found.required) == (False, True)
    assert " s ahead" in found.why


def test_clock_set_back_behind_a_mock_interview_is_a_fault(db: Database) -> None:
    with_ada(db)
    assert named(clock.examine(db), "direction").standing
    row = _sitting(datetime.now(UTC) + timedelta(hours=1))
    with db.write() as connection:
        connection.execute(insert(Interview.__table__).values(row))  # type: ignore[attr-defined]
    found = named(clock.examine(db), "direction")
    assert (found.standing, found.required) == (False, True)


def _sitting(known_at: datetime) -> dict[str, Any]:
    return row_of(Interview.__table__) | {"account_id": 1, "known_at": known_at, "ended_at": None}  # type: ignore[attr-defined]


def status_of(*command: str) -> object:
    with pytest.raises(SystemExit) as ended:
        cli.main(command)
    return ended.value.code


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The command without the sandbox, which has tests of its own; its data folder is not there yet."""
    monkeypatch.setattr("app.commands.doctoring.examine_walls", list)
    monkeypatch.setenv("WHETSTONE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("WHETSTONE_DATABASE_URL", raising=False)
    return tmp_path / "data"


def test_doctor_before_the_first_start_finds_no_fault_and_makes_nothing(quick: Path, capsys: Any) -> None:
    assert status_of("doctor") == 0
    said = capsys.readouterr().out
    assert "Database\n  reachable: good - " in said
    assert not quick.exists()


def test_doctor_tells_programs_and_fails_for_a_fault(quick: Path, capsys: Any) -> None:
    quick.mkdir()
    (quick / "whetstone.sqlite3").write_bytes(b"x" * 5000)
    assert status_of("doctor", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert {"database", "disk", "clock"} <= {it["area"] for it in found}
    assert set(found[0]) == {"area", "name", "standing", "required", "why", "mend"}
    assert [it["area"] for it in found if it["required"] and not it["standing"]] == ["database"]


def test_doctor_looks_at_the_queue_of_a_database_that_is_there(quick: Path, capsys: Any) -> None:
    quick.mkdir()
    _, file = _sqlite(quick)
    file.rename(quick / "whetstone.sqlite3")
    assert status_of("doctor") == 0
    assert "Queue\n  submissions: good - none waits to be graded" in capsys.readouterr().out


def test_doctor_names_a_variable_that_is_wrong(quick: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")
    assert status_of("doctor") == 1
    assert "environment: FAULT - PORT='many'" in capsys.readouterr().out
