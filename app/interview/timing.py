"""The clock of a sitting, pure: what phase it is in, until when, and what has happened by itself.

Everything is worked out from the times at which something happened and the time that is handed in. So a sitting goes on
while nobody looks: sections follow each other at their deadlines, a pause ends by itself, the end is the end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.bank.schema.blueprint import Blueprint

READING = -1  # the section before the first
ZERO = timedelta()


@dataclass(frozen=True)
class Allowance:
    """How long everything may take: the blueprint's minutes, times the learner's extra time."""

    reading: timedelta
    sections: tuple[timedelta, ...]
    whole: timedelta  # without reading
    pauses: int
    pause: timedelta


@dataclass(frozen=True)
class Clock:
    """Where a sitting stands. `section` counts from 0; `READING` is the reading time before the first.

    `work_began_at` is when reading ended; until then nothing of the work's time is used.
    """

    section: int
    section_began_at: datetime
    work_began_at: datetime
    paused_at: datetime | None = None
    pauses_used: int = 0
    paused: timedelta = ZERO  # over the whole sitting, pauses that have ended
    section_paused: timedelta = ZERO
    ended_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    @property
    def is_reading(self) -> bool:
        return self.section == READING


class NotNow(ValueError):  # noqa: N818 (an outcome that callers name)
    """The clock does not allow that: over, paused already, no pause left."""


def allowance(blueprint: Blueprint, multiplier: float) -> Allowance:
    """The blueprint's times for a learner whose time is multiplied. Pauses are not: they are no time to work."""

    def minutes(count: float) -> timedelta:
        return timedelta(minutes=count * multiplier)

    return Allowance(
        reading=minutes(blueprint.reading_minutes),
        sections=tuple(minutes(section.minutes) for section in blueprint.sections),
        whole=minutes(blueprint.minutes),
        pauses=blueprint.pause.times if blueprint.pause else 0,
        pause=timedelta(minutes=blueprint.pause.minutes) if blueprint.pause else ZERO,
    )


def begin(allowed: Allowance, now: datetime) -> Clock:
    """A sitting that starts now."""
    return Clock(READING if allowed.reading else 0, section_began_at=now, work_began_at=now + allowed.reading)


def whole_deadline(allowed: Allowance, clock: Clock) -> datetime:
    """When the sitting ends at the latest; a running pause counts as if it took all the time it may."""
    running = allowed.pause if clock.paused_at else ZERO
    return clock.work_began_at + allowed.whole + clock.paused + running


def deadline(allowed: Allowance, clock: Clock) -> datetime:
    """When the phase ends: reading, or the section, or before it the whole. A running pause counts as above."""
    if clock.is_reading:
        return clock.work_began_at
    running = allowed.pause if clock.paused_at else ZERO
    section = clock.section_began_at + allowed.sections[clock.section] + clock.section_paused + running
    return min(section, whole_deadline(allowed, clock))


def settle(allowed: Allowance, clock: Clock, now: datetime) -> Clock:
    """The clock with all that has happened by itself until `now`. A deadline is past from its very moment on."""
    while not clock.is_over:
        if clock.paused_at is not None:
            if now < clock.paused_at + allowed.pause:
                return clock
            clock = _resumed(clock, clock.paused_at + allowed.pause)
        at = deadline(allowed, clock)
        if now < at:
            return clock
        clock = _moved_on(allowed, clock, at)
    return clock


def move_on(allowed: Allowance, clock: Clock, now: datetime) -> Clock:
    """Leave the section (or the reading) for good. NotNow while paused or when all is over."""
    _require_running(clock)
    return _moved_on(allowed, clock, now)


def pause(allowed: Allowance, clock: Clock, now: datetime) -> Clock:
    """Stop the clock. NotNow while reading, or without a pause left."""
    _require_running(clock)
    if clock.is_reading or clock.pauses_used >= allowed.pauses:
        raise NotNow
    return replace(clock, paused_at=now, pauses_used=clock.pauses_used + 1)


def resume(clock: Clock, now: datetime) -> Clock:
    """Let the clock go on. NotNow unless it is paused."""
    if clock.is_over or clock.paused_at is None:
        raise NotNow
    return _resumed(clock, now)


def end(clock: Clock, now: datetime) -> Clock:
    """Hand in before the time is over, from a pause too. NotNow when all is over."""
    if clock.is_over:
        raise NotNow
    return replace(clock, paused_at=None, ended_at=now)


def _require_running(clock: Clock) -> None:
    if clock.is_over or clock.paused_at is not None:
        raise NotNow


def _resumed(clock: Clock, at: datetime) -> Clock:
    length = max(at - (clock.paused_at or at), ZERO)
    paused, here = clock.paused + length, clock.section_paused + length
    return replace(clock, paused_at=None, paused=paused, section_paused=here)


def _moved_on(allowed: Allowance, clock: Clock, at: datetime) -> Clock:
    """Into the next section at `at`, or to the end after the last one or when the whole time is over."""
    following = clock.section + 1
    work_began_at = at if clock.is_reading else clock.work_began_at
    moved = replace(clock, section=following, section_began_at=at, section_paused=ZERO, work_began_at=work_began_at)
    if following == len(allowed.sections) or at >= whole_deadline(allowed, moved):
        return replace(clock, ended_at=at)
    return moved
