"""Jobs enter in the order they came, as far as their number and memory allow."""

from __future__ import annotations

import threading
from contextlib import ExitStack

from app.sandbox.room import Room


def held(room: Room, memory_mib: int, cancelled=None) -> ExitStack | None:
    """A place that is held until the stack is closed; None if it was not given."""
    stack = ExitStack()
    return stack if stack.enter_context(room.entered(memory_mib, cancelled)) else None


def refused(room: Room, memory_mib: int) -> bool:
    return held(room, memory_mib, lambda: True) is None


def test_number_of_jobs_is_bounded():
    room = Room(jobs=2, memory_mib=1000)
    first, _second = held(room, 1), held(room, 1)
    assert refused(room, 1)
    first.close()
    assert not refused(room, 1)


def test_memory_of_jobs_is_bounded():
    room = Room(jobs=9, memory_mib=1000)
    first = held(room, 600)
    assert refused(room, 500)
    assert not refused(room, 400)
    first.close()
    assert not refused(room, 500)


def test_job_larger_than_the_room_runs_alone():
    room = Room(jobs=2, memory_mib=100)
    large = held(room, 500)
    assert refused(room, 1)
    large.close()
    assert not refused(room, 1)


def test_large_job_is_not_overtaken_by_small_ones_for_ever():
    room = Room(jobs=4, memory_mib=1000)
    first = held(room, 600)
    entered: list[str] = []

    def enter(name: str, memory_mib: int) -> None:
        with room.entered(memory_mib, None):
            entered.append(name)

    large = threading.Thread(target=enter, args=("large", 900))
    large.start()
    while not room._queue:
        pass
    small = threading.Thread(target=enter, args=("small", 10))
    small.start()
    while len(room._queue) < 2:
        pass
    assert entered == []
    first.close()
    large.join(timeout=10)
    small.join(timeout=10)
    assert entered == ["large", "small"]


def test_cancelled_job_gives_up_its_turn():
    room = Room(jobs=1, memory_mib=100)
    only = held(room, 1)
    assert refused(room, 1)
    only.close()
    assert not refused(room, 1)
