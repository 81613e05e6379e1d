"""One time of interviews for all processes: the server's clock, whoever sets it, and however machines sleep."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from databases import new_database
from held_up import at_once
from sqlalchemy import Connection, insert, select

from app.accounts import service
from app.accounts.models import Role
from app.db import Database
from app.interview.common_clock import CommonClock, server_time, shared
from app.interview.store import interviews

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class World:
    """Time goes by for all; the server's clock can be set, and a machine can sleep without counting seconds."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.server = NOON
        self.passed_s = 0.0

    def go(self, seconds: float) -> None:
        self.server += timedelta(seconds=seconds)
        self.passed_s += seconds

    def clock(self, slept_s: Callable[[], float] = lambda: 0.0) -> CommonClock:
        return CommonClock(self.db, lambda _: self.server, lambda: self.passed_s - slept_s())

    @property
    def corrections(self) -> int:
        with self.db.read() as connection:
            return connection.execute(select(shared.c.corrections)).scalar_one()


@pytest.fixture
def world(postgresql: None, tmp_path: Path) -> Iterator[World]:
    db = Database(new_database(tmp_path))
    yield World(db)
    db.close()


def test_processes_go_by_the_servers_clock_and_not_by_their_own(world: World) -> None:
    one = world.clock()
    world.go(7)
    other = world.clock()
    world.go(3)
    assert one() == other() == NOON + timedelta(seconds=10)


def test_the_servers_own_clock_is_asked(world: World) -> None:
    with world.db.read() as connection:
        assert abs(server_time(connection) - datetime.now(UTC)) < HOUR  # it is this machine


@pytest.mark.parametrize("by", [-HOUR, HOUR])
def test_a_server_clock_that_is_set_changes_the_time_for_nobody(world: World, by: timedelta) -> None:
    one, other = world.clock(), world.clock()
    world.go(5)
    one.look()
    other.look()
    world.server += by
    world.go(5)
    one.look()
    other.look()
    assert one() == other() == NOON + timedelta(seconds=10)
    late = world.clock()
    world.go(5)
    for clock in (one, other, late):
        clock.look()
        assert clock() == NOON + timedelta(seconds=15)
    assert world.corrections == 1  # by the first, for all


def test_processes_that_notice_together_correct_it_once(world: World) -> None:
    clocks = [world.clock() for _ in range(6)]
    world.server -= HOUR
    world.go(5)
    told = at_once(world.db, "SELECT id FROM shared_clock FOR UPDATE", [clock.look for clock in clocks])
    assert told == [None] * 6
    assert world.corrections == 1
    assert {clock() for clock in clocks} == {NOON + timedelta(seconds=5)}


def test_a_process_begins_no_earlier_than_any_has_seen_while_a_sitting_is_under_way(world: World) -> None:
    one = world.clock()
    with world.db.write() as connection:
        account_id = service.add(connection, "ada", "correct horse battery", Role.learner, NOON)
        connection.execute(insert(interviews).values(**a_sitting(account_id)))
    world.go(600)
    one.look()
    world.server -= HOUR  # while none runs
    assert world.clock()() == NOON + timedelta(seconds=600)
    assert world.clock()() == NOON + timedelta(seconds=600)
    assert world.corrections == 1


def test_where_nobody_ran_and_no_sitting_is_under_way_the_servers_clock_is_believed_anew(world: World) -> None:
    one = world.clock()
    world.server -= HOUR
    world.go(5)
    one.look()
    world.go(600)
    world.server += HOUR + HOUR  # the database is restored on another server, for instance
    assert world.clock()() == world.server


def test_a_machine_that_slept_follows_those_that_did_not(world: World) -> None:
    slept_s = 0.0
    sleeper, awake = world.clock(lambda: slept_s), world.clock()
    world.go(600)
    slept_s = 600.0
    awake.look()
    sleeper.look()
    assert sleeper() == awake() == NOON + timedelta(seconds=600)
    assert world.corrections == 0


def test_the_time_never_goes_back_while_a_small_difference_is_evened_out(world: World) -> None:
    clock = world.clock()
    world.go(10)
    before = clock()
    world.server -= timedelta(seconds=0.5)
    clock.look()
    assert clock() == before
    assert world.corrections == 0
    world.go(2)
    assert clock() == before + timedelta(seconds=1.5)


def test_the_time_is_noted_once_for_all_processes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = [world.clock() for _ in range(3)]
    noted: list[datetime] = []
    for _ in range(4):
        world.go(5)
        for clock in clocks:
            before = _seen(world)
            clock.look()
            noted += [after for after in [_seen(world)] if after != before]
    assert len(noted) == 4


def test_without_the_database_the_time_goes_on(world: World) -> None:
    clock = world.clock()

    def broken(_: Connection) -> datetime:
        raise ConnectionError

    clock._server = broken  # type: ignore[method-assign]
    world.go(30)
    with pytest.raises(ConnectionError):
        clock.look()
    assert clock() == NOON + timedelta(seconds=30)


def _seen(world: World) -> datetime:
    with world.db.read() as connection:
        moment: datetime = connection.execute(select(shared.c.seen_at)).scalar_one()
    return moment


def a_sitting(account_id: int) -> dict[str, object]:
    moments = ("started_at", "section_began_at", "work_began_at", "known_at")
    return {
        "account_id": account_id, "plan": {}, "seed": 1, "section": 0, "latest_end_at": NOON + HOUR, "multiplier": 1.0,
        "realistic": False, "pauses_used": 0, "paused_s": 0.0, "section_paused_s": 0.0, **dict.fromkeys(moments, NOON),
    }  # fmt: skip
