"""Tries are counted by all processes together: none gets an allowance of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from databases import new_database
from fastapi import Request
from held_up import at_once
from limits import parse
from sqlalchemy import func, select, text, update

from app.db import Database
from app.errors import TooManyRequests, Unauthorised, Unavailable
from app.web import guesses
from app.web.allowances import InDatabase, tries

FIVE = parse("5/minute")


@pytest.fixture
def processes(postgresql: None, tmp_path: Path) -> Iterator[list[Database]]:
    made = [Database(new_database(tmp_path), patience_s=5) for _ in range(2)]
    yield made
    for db in made:
        db.close()


def request(address: str = "192.0.2.1") -> Request:
    return Request({"type": "http", "client": (address, 1), "headers": []})


def wrong() -> None:
    raise Unauthorised("wrong")


def together(calls: list[Callable[[], object]]) -> list[object]:
    """What they return or raise, begun at one moment."""
    begin = threading.Barrier(len(calls))
    ended: list[object] = []

    def run(call: Callable[[], object]) -> None:
        begin.wait()
        try:
            ended.append(call())
        except Exception as error:
            ended.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def stored(db: Database) -> int:
    with db.read() as connection:
        return connection.execute(select(func.count()).select_from(tries)).scalar_one()


def test_two_processes_share_one_allowance(processes: list[Database]) -> None:
    one, other = map(InDatabase, processes)
    assert [one.take(FIVE, "ada"), other.take(FIVE, "ada"), one.take(FIVE, "ada")] == [True] * 3
    assert other.is_left(FIVE, "ada")
    assert [other.take(FIVE, "ada"), other.take(FIVE, "ada")] == [True] * 2
    assert not one.is_left(FIVE, "ada")
    assert not one.take(FIVE, "ada")
    assert stored(processes[0]) == 5  # what is refused is not counted
    assert one.take(FIVE, "bob")


def test_tries_taken_together_are_counted_one_by_one(processes: list[Database]) -> None:
    limiters = [InDatabase(db) for db in processes] * 6
    nobody_adds = "LOCK TABLE counted_try IN SHARE ROW EXCLUSIVE MODE"
    taken = at_once(processes[0], nobody_adds, [lambda it=it: it.take(FIVE, "ada") for it in limiters])
    assert sorted(taken, key=str) == [False] * 7 + [True] * 5


def test_a_try_lapses_after_its_window_and_is_removed(processes: list[Database]) -> None:
    one = InDatabase(processes[0])
    for _ in range(5):
        assert one.take(FIVE, "ada")
    with processes[0].beside() as connection:  # as if a minute had gone by for two of them
        first = select(tries.c.id).order_by(tries.c.id).limit(2)
        connection.execute(update(tries).where(tries.c.id.in_(first)).values(lapses_at=func.clock_timestamp()))
    assert [one.take(FIVE, "ada") for _ in range(3)] == [True, True, False]
    assert stored(processes[0]) == 5


def test_neither_names_nor_addresses_are_stored(processes: list[Database]) -> None:
    with pytest.raises(Unauthorised):
        guesses.check_password(InDatabase(processes[0]), request(), "ada", wrong)
    with processes[0].read() as connection:
        rows = str(connection.execute(select(tries)).all())
    assert "ada" not in rows
    assert "192.0.2" not in rows


def test_guesses_sent_together_to_two_processes_get_one_allowance(
    processes: list[Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guesses, "_one_at_a_time", _Nothing())  # each process has one of its own
    checked: list[int] = []

    def check() -> None:
        checked.append(1)
        wrong()

    limiters = [InDatabase(db) for db in processes] * 6
    ended = together(
        [
            lambda it=it, number=number: guesses.check_password(it, request(f"192.0.2.{number}"), "ada", check)
            for number, it in enumerate(limiters)
        ]
    )
    assert len(checked) == 5
    assert sum(isinstance(it, Unauthorised) for it in ended) == 5
    assert sum(isinstance(it, TooManyRequests) for it in ended) == 7


def test_guesses_at_many_names_from_one_address_get_one_allowance(
    processes: list[Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guesses, "_one_at_a_time", _Nothing())
    limiters = [InDatabase(db) for db in processes]
    tried = [_outcome(limiters[number % 2], f"name{number}") for number in range(22)]
    assert tried == [Unauthorised] * 20 + [TooManyRequests] * 2


def test_who_cannot_be_counted_is_not_let_in(processes: list[Database]) -> None:
    db = processes[0]
    with db.beside() as connection:
        connection.execute(text("ALTER TABLE counted_try RENAME TO lost"))
    with pytest.raises(Exception, match="counted_try"):
        guesses.check_password(InDatabase(db), request(), "ada", lambda: 1)
    with db.beside() as connection:
        connection.execute(text("ALTER TABLE lost RENAME TO counted_try"))
    with db.beside() as connection:
        connection.execute(text("LOCK TABLE counted_try"))
        with pytest.raises(Unavailable):
            guesses.check_password(InDatabase(processes[1]), request(), "ada", lambda: 1)


def test_a_process_that_dies_while_it_checks_holds_nobody_up(processes: list[Database]) -> None:
    dying = processes[0]
    with dying.outside() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    held = InDatabase(dying).one_at_a_time("name/ada")
    held.__enter__()
    with processes[1].outside() as connection:
        assert connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid}).scalar()
    with InDatabase(processes[1]).one_at_a_time("name/ada"):
        pass
    held.__exit__(None, None, None)
    assert InDatabase(dying).is_left(FIVE, "ada")  # its connection is replaced


def _outcome(allowances: Any, name: str) -> type[Exception]:
    try:
        guesses.check_password(allowances, request(), name, wrong)
    except (TooManyRequests, Unauthorised) as error:
        return type(error)
    raise AssertionError


@dataclass
class _Nothing:
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...
