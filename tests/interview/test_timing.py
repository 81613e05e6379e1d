"""The clock of a sitting: deadlines by section and whole, reading, extra time, pauses, and what happens by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.interview import timing
from app.interview.timing import READING, Allowance, Clock, NotNow

START = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def allowed(
    sections: tuple[float, ...] = (10, 20), whole: float = 30, reading: float = 0, pauses: int = 0, pause: float = 0
) -> Allowance:
    return Allowance(minutes(reading), tuple(map(minutes, sections)), minutes(whole), pauses, minutes(pause))


def at(count: float) -> datetime:
    return START + minutes(count)


def settled(allowance: Allowance, clock: Clock, count: float) -> Clock:
    return timing.settle(allowance, clock, at(count))


def test_section_ends_at_its_very_deadline_and_the_next_begins_there() -> None:
    plan = allowed()
    clock = timing.begin(plan, START)
    assert settled(plan, clock, 9.99).section == 0
    moved = settled(plan, clock, 10)
    assert (moved.section, moved.section_began_at) == (1, at(10))


def test_sitting_that_nobody_looks_at_ends_at_its_deadline_however_late_it_is_found() -> None:
    plan = allowed()
    assert settled(plan, timing.begin(plan, START), 5000).ended_at == at(30)


def test_whole_deadline_cuts_the_last_section() -> None:
    plan = allowed(sections=(20, 20), whole=30)
    clock = settled(plan, timing.begin(plan, START), 25)
    assert timing.deadline(plan, clock) == at(30)
    assert settled(plan, clock, 30).ended_at == at(30)


def test_section_left_early_gives_its_time_to_nobody() -> None:
    plan = allowed()
    clock = timing.move_on(plan, timing.begin(plan, START), at(4))
    assert timing.deadline(plan, clock) == at(24)


def test_leaving_the_last_section_is_the_end() -> None:
    plan = allowed(sections=(30,))
    assert timing.move_on(plan, timing.begin(plan, START), at(4)).ended_at == at(4)


def test_reading_comes_before_the_work_and_takes_nothing_from_it() -> None:
    plan = allowed(reading=5)
    clock = timing.begin(plan, START)
    assert clock.section == READING
    assert timing.deadline(plan, clock) == at(5)
    working = settled(plan, clock, 6)
    assert (working.section, timing.deadline(plan, working), timing.whole_deadline(plan, working)) == (
        0,
        at(15),
        at(35),
    )


def test_reading_cut_short_is_not_added_to_the_work() -> None:
    plan = allowed(reading=5)
    clock = timing.move_on(plan, timing.begin(plan, START), at(2))
    assert (timing.deadline(plan, clock), timing.whole_deadline(plan, clock)) == (at(12), at(32))


def test_pause_stops_section_and_whole_and_is_not_free() -> None:
    plan = allowed(pauses=1, pause=5)
    paused = timing.pause(plan, timing.begin(plan, START), at(3))
    clock = timing.resume(settled(plan, paused, 5), at(5))
    assert (timing.deadline(plan, clock), timing.whole_deadline(plan, clock)) == (at(12), at(32))
    with pytest.raises(NotNow):
        timing.pause(plan, clock, at(6))


def test_pause_ends_by_itself() -> None:
    plan = allowed(pauses=2, pause=5)
    clock = settled(plan, timing.pause(plan, timing.begin(plan, START), at(3)), 9)
    assert clock.paused_at is None
    assert timing.deadline(plan, clock) == at(15)


def test_sitting_left_paused_still_ends() -> None:
    plan = allowed(pauses=1, pause=5)
    paused = timing.pause(plan, timing.begin(plan, START), at(3))
    assert timing.whole_deadline(plan, paused) == at(35)
    assert settled(plan, paused, 500).ended_at == at(35)


@pytest.mark.parametrize("step", [timing.pause, timing.move_on])
def test_nothing_is_left_to_do_after_the_end(step: object) -> None:
    plan = allowed(pauses=1, pause=5)
    over = settled(plan, timing.begin(plan, START), 60)
    with pytest.raises(NotNow):
        step(plan, over, at(61))  # type: ignore[operator]  # one of the two above
    with pytest.raises(NotNow):
        timing.end(over, at(61))


def test_no_pause_while_reading_and_none_without_the_blueprint() -> None:
    for plan in (allowed(reading=5, pauses=1, pause=5), allowed()):
        with pytest.raises(NotNow):
            timing.pause(plan, timing.begin(plan, START), at(1))


@given(
    looks=st.lists(st.floats(0, 120), max_size=12),
    pauses=st.lists(st.tuples(st.floats(0, 60), st.floats(0, 20)), max_size=4),
    reading=st.floats(0, 5),
)
def test_no_way_of_looking_and_pausing_gains_a_second(
    looks: list[float], pauses: list[tuple[float, float]], reading: float
) -> None:
    """Work is what lies between reading and the end, pauses left out: never more than the whole, however it is cut."""
    plan = allowed(sections=(10, 8, 15), whole=30, reading=reading, pauses=2, pause=6)
    clock = timing.begin(plan, START)
    events = sorted([(when, "look") for when in looks] + [(when, "pause") for when, _ in pauses])
    events += [(when + length, "resume") for when, length in pauses]
    for when, what in sorted(events):
        clock = settled(plan, clock, when)
        try:
            if what == "pause":
                clock = timing.pause(plan, clock, at(when))
            elif what == "resume":
                clock = timing.resume(clock, at(when))
        except NotNow:
            pass
    clock = settled(plan, clock, 10_000)
    assert clock.ended_at is not None
    work = clock.ended_at - clock.work_began_at - clock.paused
    assert timedelta() < work <= plan.whole + timedelta(microseconds=5)
    assert clock.paused <= 2 * plan.pause + timedelta(microseconds=5)
    assert clock.work_began_at <= START + plan.reading
