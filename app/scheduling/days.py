"""Study days: which day of learning an instant belongs to, and when that day begins.

A study day runs from 04:00 to 04:00 on the learner's wall clock and is named by the date on which it begins, as a
proleptic ordinal (`date.toordinal`), so that days subtract. Owns clock changes and time zones; knows nothing of cards.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

DAY_START_HOUR = 4
SECOND = timedelta(seconds=1)


class UnknownZoneError(ValueError):
    """A time zone that is no IANA name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"'{name[:60]}' is not a time zone; use an IANA name such as 'Europe/London' or 'Asia/Shanghai'"
        )
        self.name = name


@lru_cache(maxsize=1024)
def zone_info(name: str) -> ZoneInfo:
    """The zone of that IANA name; raises `UnknownZoneError`."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # a folder such as "America" is an OSError, "../x" a ValueError
        raise UnknownZoneError(name) from error


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """Every IANA name this machine knows, sorted, for a learner to choose from."""
    return tuple(sorted(available_timezones()))


def study_day(at_utc: datetime, zone: str, start_hour: int = DAY_START_HOUR) -> int:
    """The study day that `at_utc` belongs to: the last day that has begun by then.

    Where clocks go back across the day's start, the hour that is lived twice belongs to the new day both times, so days
    never run backwards within a zone.
    """
    if at_utc.tzinfo is None:
        raise ValueError(f"{at_utc} has no time zone; hand over UTC")
    local = at_utc.astimezone(zone_info(zone)).replace(tzinfo=None)
    day = (local - timedelta(hours=start_hour)).toordinal()
    return day + 1 if day_start(day + 1, zone, start_hour) <= at_utc else day


@lru_cache(maxsize=4096)
def day_start(day: int, zone: str, start_hour: int = DAY_START_HOUR) -> datetime:
    """The first instant (UTC) at which the wall clock of `zone` shows `start_hour` or later on the date `day`."""
    info = zone_info(zone)
    wall = datetime.combine(date.fromordinal(day), time(start_hour))
    start = wall.replace(tzinfo=info).astimezone(UTC)  # fold 0: of two such times the earlier
    if start.astimezone(info).replace(tzinfo=None) == wall:
        return start
    return _end_of_gap(wall, info)


def _end_of_gap(wall: datetime, info: ZoneInfo) -> datetime:
    """The instant at which clocks jump over `wall`, a time that no clock showed (to the second, by bisection)."""
    before = wall.replace(tzinfo=info, fold=1).astimezone(UTC)  # in a gap, fold 1 lies before the jump and fold 0 after
    after = wall.replace(tzinfo=info, fold=0).astimezone(UTC)
    while after - before > SECOND:
        middle = before + timedelta(seconds=(after - before) // SECOND // 2)
        if middle.astimezone(info).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return after
