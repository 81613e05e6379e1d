"""The line before the workers, as the database keeps it: in one transaction with the submissions, and fair."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path

import procrastinate.schema
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.exceptions import ConnectorException
from psycopg.errors import DiskFull
from sqlalchemy import Connection
from workers_yard import NOW, Yard, on_postgresql_only, yard_in

from app.bank.schema import Lib
from app.errors import Unavailable
from app.grading import jobs
from app.grading.jobs import Crew
from app.grading.queue import REGRADES, Load, Progress, Queued, Running
from app.news import PATIENT, conninfo
from app.practice.coding import keep_report
from app.worker import _let_go_soon_too

TWO = Crew({frozenset({"numpy"}): 2}, 3.0)  # places, and seconds that a grading takes
BOTH = frozenset({"numpy", "torch"})
SCHEMA = "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    with yard_in(tmp_path) as made:
        yield made


def progress(yard: Yard, number: int, crew: Crew = TWO) -> Progress | None:
    with yard.db.read() as connection:
        return jobs.progress(connection, str(number), crew)


def take(yard: Yard, *libs: Lib) -> int | None:
    """Begin the next job as a worker does, and end it at once; its submission's number."""
    with yard.db.engine.begin() as connection:
        job = _fetch(connection, libs or ("numpy",), _register(connection))
        if job is None:
            return None
        assert jobs.begin(connection, job[1])
    with yard.db.write() as connection:
        keep_report(connection, job[1], None, NOW)
        jobs.end(connection, job[0])
    return int(job[1])


def _register(connection: Connection) -> int:
    """A worker's number, as procrastinate gives it."""
    made = connection.exec_driver_sql("SELECT worker_id FROM procrastinate_register_worker_v1()")
    return int(made.scalar_one())


def _fetch(connection: Connection, libs: tuple[str, ...], worker: int) -> tuple[int, str] | None:
    query = "SELECT id, args->>'submission_id' FROM procrastinate_fetch_job_v2(%s, %s)"
    row = connection.exec_driver_sql(query, (list(libs), worker)).one()
    return None if row[0] is None else (row[0], row[1])


def test_schema_of_the_jobs_is_the_one_that_the_migration_took() -> None:
    """When procrastinate is raised: a new revision has to run those of its migrations that are new."""
    schema = procrastinate.schema.SchemaManager.get_schema()
    assert hashlib.sha256(schema.encode()).hexdigest() == SCHEMA


@on_postgresql_only
def test_job_is_there_with_its_submission_or_not_at_all(yard: Yard) -> None:
    with pytest.raises(ZeroDivisionError):
        yard.send(1, and_then=lambda: 1 // 0)
    assert yard.line() == []
    assert yard.ends() == {}
    yard.send(1)
    assert yard.line() == ["1"]


@on_postgresql_only
def test_submission_that_is_in_the_line_is_not_put_there_again(yard: Yard) -> None:
    yard.send(1)
    account_id = yard.person("ada")
    with yard.db.write() as connection:
        jobs.enqueue(connection, "1", str(account_id), account_id, "numpy")
    assert yard.line() == ["1"]


@on_postgresql_only
def test_line_is_another_whenever_it_has_moved_and_else_the_same(yard: Yard) -> None:
    """Those who wait are woken when it has: an open page that asks for nothing new costs nothing."""
    seen = []

    def look() -> None:
        with yard.db.read() as connection:
            seen.append(jobs.line(connection))

    look()
    yard.send(1)
    look()
    yard.send(2, person="bo")
    look()
    with yard.db.engine.begin() as connection:
        assert jobs.begin(connection, "1")
    look()
    with yard.db.write() as connection:
        jobs.drop(connection, "2")
    look()
    assert len(set(seen)) == len(seen)
    look()
    assert seen[-1] == seen[-2]


@on_postgresql_only
def test_those_that_died_together_twice_are_tried_one_after_the_other(yard: Yard) -> None:
    """One of them kills its workers; the others only ran beside it."""
    for number in (1, 2, 3):
        yard.send(number, person=f"p{number}")
    for begun in (1, 2):
        with yard.db.engine.begin() as connection:
            for _ in range(3):
                job = _fetch(connection, ("numpy",), _register(connection))
                assert job is not None
                assert jobs.begin(connection, job[1])
            connection.exec_driver_sql("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
            assert jobs.tend(connection) == []
            waits = connection.exec_driver_sql(
                "SELECT round(extract(epoch FROM scheduled_at - now())) FROM procrastinate_jobs ORDER BY 1"
            )
            assert [int(it) for it in waits.scalars()] == ([0, 0, 0] if begun == 1 else [0, 20, 40])


@on_postgresql_only
@pytest.mark.parametrize("verb", ["enqueue", "drop"])
def test_what_the_database_refuses_the_queue_is_told_like_all_else(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    yard.send(1)
    account_id = yard.person("ada")

    def refuse(*_args: object, **_more: object) -> None:
        raise ConnectorException from DiskFull("no space left")

    monkeypatch.setattr("procrastinate.jobs.JobDeferrer.defer", refuse)
    monkeypatch.setattr("procrastinate.manager.JobManager.cancel_job_by_id", refuse)

    def ask() -> None:
        with yard.db.write() as connection:
            if verb == "drop":
                jobs.drop(connection, "1")
            else:
                jobs.enqueue(connection, "another", str(account_id), account_id, "numpy")

    with pytest.raises(Unavailable, match="disk is full"):
        ask()
    assert yard.line() == ["1"]


@on_postgresql_only
def test_server_ends_a_queue_s_transaction_that_does_not_go_on(yard: Yard) -> None:
    async def limit() -> str:
        address = conninfo(yard.url)
        async with await psycopg.AsyncConnection.connect(address, **PATIENT) as connection:
            await _let_go_soon_too(connection)
            assert not connection.autocommit
            row = await (await connection.execute("SHOW idle_in_transaction_session_timeout")).fetchone()
            assert row is not None
            return str(row[0])

    assert asyncio.run(limit()) == f"{jobs.DEAD_AFTER_S:.0f}s"


@on_postgresql_only
def test_people_take_turns(yard: Yard) -> None:
    yard.send(1)
    assert take(yard) == 1
    for number, person in ((2, "ada"), (3, "ada"), (4, "bo"), (5, "bo"), (6, "cy")):
        yard.send(number, person=person)
    assert [take(yard) for _ in range(5)] == [2, 4, 6, 3, 5]


@on_postgresql_only
def test_a_hundred_of_one_person_do_not_hold_up_another(yard: Yard) -> None:
    for number in range(100):
        yard.send(number)
    assert [take(yard) for _ in range(10)] == list(range(10))
    yard.send(500, person="bo")
    assert progress(yard, 500) == Queued(ahead=1, wait_s=3.0)
    assert [take(yard) for _ in range(3)] == [10, 500, 11]


@on_postgresql_only
def test_who_always_sends_again_starves_nobody(yard: Yard) -> None:
    for number in range(5):
        yard.send(number)
    taken = []
    for number in range(100, 120):
        yard.send(number, person=f"person-{number % 2}")
        taken.append(take(yard))
    assert [number for number in taken if number is not None and number < 5] == list(range(5))
    assert taken.index(4) < 18


@on_postgresql_only
def test_what_is_said_to_be_ahead_is_what_is_begun_before(yard: Yard) -> None:
    @given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=8))
    def check(owners: list[str]) -> None:
        numbers = range(check.count, check.count + len(owners))  # type: ignore[attr-defined]  # below
        check.count += len(owners)  # type: ignore[attr-defined]
        for number, owner in zip(numbers, owners, strict=True):
            yard.send(number, person=owner)
        said = {number: it.ahead for number in numbers if isinstance(it := progress(yard, number), Queued)}
        begun = [take(yard) for _ in numbers]
        assert said == {number: begun.index(number) for number in numbers}

    check.count = 0  # type: ignore[attr-defined]
    check()


@on_postgresql_only
def test_code_that_is_graded_again_comes_after_everybody(yard: Yard) -> None:
    yard.send(1)
    with yard.db.write() as connection:
        jobs.drop(connection, "1")
        jobs.enqueue(connection, "1", REGRADES, yard.person("ada"), "numpy")
    yard.send(2)
    yard.send(3)
    with yard.db.read() as connection:
        assert jobs.load(connection) == (Load(3, 0), True)
    assert [take(yard) for _ in range(2)] == [2, 3]
    with yard.db.read() as connection:
        assert jobs.load(connection) == (Load(1, 0), False)
    assert take(yard) == 1
    yard.send(4)
    assert progress(yard, 4) == Queued(0, 1.5), "and is no round of its own"


@on_postgresql_only
def test_line_counts_those_who_wait_for_the_same_workers(yard: Yard) -> None:
    yard.send(1, lib="torch")
    yard.send(2, person="bo")
    apart = Crew({frozenset({"numpy"}): 1, frozenset({"torch"}): 1}, 3.0)
    together = Crew({BOTH: 1, frozenset({"numpy"}): 1}, 3.0)
    assert progress(yard, 2, apart) == Queued(0, 3.0)
    assert progress(yard, 2, together) == Queued(1, 3.0)
    assert progress(yard, 1, Crew({frozenset({"numpy"}): 4}, 3.0)) == Queued(0, None, is_served=False)


@on_postgresql_only
def test_progress_of_what_is_begun(yard: Yard) -> None:
    yard.send(1)
    with yard.db.engine.begin() as connection:
        assert jobs.begin(connection, "1")
    assert progress(yard, 1) == Running(0, 0)
    with yard.db.engine.begin() as connection:
        jobs.note_progress(connection, "1", 2, 6)
    assert progress(yard, 1) == Running(2, 6)
    assert progress(yard, 2) is None


@on_postgresql_only
def test_what_a_worker_gives_back_waits_as_if_it_had_never_been_begun(yard: Yard) -> None:
    yard.send(1)
    with yard.db.engine.begin() as connection:
        holder = _register(connection)
        job = _fetch(connection, ("numpy",), holder)
        assert job is not None
        assert jobs.begin(connection, "1")
        jobs.give_back(connection, job[0], holder + 1, 0.0)  # another has it no more
    assert progress(yard, 1) == Running(0, 0)
    with yard.db.engine.begin() as connection:
        jobs.give_back(connection, job[0], holder, 0.0)
        assert connection.exec_driver_sql("SELECT times_begun FROM grading_job").scalar_one() == 0
        jobs.give_back(connection, job[0], holder, 0.0)  # nobody has it any more
    assert progress(yard, 1) == Queued(0, 1.5)
    assert take(yard) == 1


@on_postgresql_only
def test_what_is_cancelled_while_it_waits_is_gone(yard: Yard) -> None:
    yard.send(1)
    yard.cancel(1)
    assert yard.line() == []
    assert progress(yard, 1) is None


@on_postgresql_only
def test_job_of_a_deleted_submission_leads_to_nothing(yard: Yard) -> None:
    yard.send(1)
    with yard.db.write() as connection:
        connection.exec_driver_sql("DELETE FROM submission")
        assert not jobs.begin(connection, "1")


@on_postgresql_only
def test_missing_are_those_without_an_end_that_are_in_no_line(yard: Yard) -> None:
    for number in range(3):
        yard.send(number)
    assert take(yard) == 0
    with yard.db.write() as connection:
        connection.exec_driver_sql("DELETE FROM procrastinate_jobs WHERE args->>'submission_id' = '1'")
    with yard.db.read() as connection:
        assert [row["id"] for row in jobs.missing(connection, ("queued", "running"), 10)] == ["1"]
