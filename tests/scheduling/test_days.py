from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scheduling.days import UnknownZoneError, day_start, study_day, zone_info, zone_names

ZONES = (
    "UTC",
    "Asia/Shanghai",
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "Antarctica/Casey",
    "America/St_Johns",
)
instants = st.integers(2 * 365 * 86_400, 67 * 365 * 86_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        ("2026-03-10 19:59:59", "Asia/Shanghai", "2026-03-10"),
        ("2026-03-10 20:00", "Asia/Shanghai", "2026-03-11"),
        ("2026-07-01 02:59:59", "Europe/London", "2026-06-30"),
        ("2026-07-01 03:00", "Europe/London", "2026-07-01"),
        ("2026-01-01 03:59:59", "Europe/London", "2025-12-31"),
        ("2026-01-01 04:00", "Europe/London", "2026-01-01"),
    ],
)
def test_day_rolls_at_four_on_the_wall_clock(at: str, zone: str, expected: str) -> None:
    assert study_day(utc(at), zone) == day(expected)


@pytest.mark.parametrize(
    ("zone", "date_", "hours"),
    [
        ("Europe/London", "2026-03-28", 23),
        ("Europe/London", "2026-10-24", 25),
        ("America/New_York", "2026-03-07", 23),
        ("America/New_York", "2026-10-31", 25),
        ("Australia/Lord_Howe", "2026-10-03", 23.5),
        ("Australia/Lord_Howe", "2026-04-04", 24.5),
        ("Asia/Shanghai", "2026-03-28", 24),
        ("Pacific/Apia", "2011-12-29", 20),
        ("Pacific/Apia", "2011-12-30", 4),
        ("Pacific/Apia", "2011-12-31", 24),
    ],
)
def test_days_are_as_long_as_the_clocks_make_them(zone: str, date_: str, hours: float) -> None:
    assert day_start(day(date_) + 1, zone) - day_start(day(date_), zone) == timedelta(hours=hours)


def test_apia_keeps_counting_through_the_date_it_skipped() -> None:
    assert study_day(utc("2011-12-30 09:59:59"), "Pacific/Apia") == day("2011-12-29")  # 23:59:59 on the 29th
    assert study_day(utc("2011-12-30 10:00"), "Pacific/Apia") == day("2011-12-30")  # midnight on the 31st
    assert study_day(utc("2011-12-30 14:00"), "Pacific/Apia") == day("2011-12-31")


def test_an_hour_lived_twice_across_the_start_belongs_to_the_new_day() -> None:
    # Casey went from UTC+11 to UTC+8 on 2010-03-05 at 02:00 local: 01:59 was followed by 23:00 the day before.
    start = day_start(day("2010-03-05"), "Antarctica/Casey", start_hour=1)
    assert start == utc("2010-03-04 14:00")
    assert study_day(utc("2010-03-04 15:30"), "Antarctica/Casey", start_hour=1) == day("2010-03-05")


def test_a_start_that_no_clock_shows_is_the_moment_the_clocks_jump() -> None:
    # London jumps from 01:00 to 02:00 on 2026-03-29; a day that starts at 01:00 does not exist on the clock.
    assert day_start(day("2026-03-29"), "Europe/London", start_hour=1) == utc("2026-03-29 01:00")
    assert day_start(day("2011-12-30"), "Pacific/Apia") == utc("2011-12-30 10:00")


@given(instants, st.sampled_from(ZONES), st.integers(0, 23))
def test_an_instant_lies_between_its_days_start_and_the_next(at: datetime, zone: str, start_hour: int) -> None:
    today = study_day(at, zone, start_hour)
    assert day_start(today, zone, start_hour) <= at < day_start(today + 1, zone, start_hour)


@given(instants, st.timedeltas(timedelta(0), timedelta(days=2)), st.sampled_from(ZONES), st.integers(0, 23))
def test_days_never_run_backwards_within_a_zone(at: datetime, later: timedelta, zone: str, start_hour: int) -> None:
    assert study_day(at, zone, start_hour) <= study_day(at + later, zone, start_hour)


@given(instants, st.sampled_from(ZONES))
def test_a_day_starts_at_four_or_right_after_a_jump(at: datetime, zone: str) -> None:
    start = day_start(study_day(at, zone), zone)
    info = zone_info(zone)
    wall, before = start.astimezone(info), (start - timedelta(seconds=1)).astimezone(info)
    jumped = wall.utcoffset() != before.utcoffset()
    assert (wall.hour, wall.minute) == (4, 0) or jumped


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "America", "../../etc/passwd", "/etc/passwd", "a\0b", "x" * 5000])
def test_a_zone_that_is_none_is_refused_by_name(name: str) -> None:
    with pytest.raises(UnknownZoneError, match="not a time zone") as caught:
        study_day(utc("2026-01-01 00:00"), name)
    assert caught.value.name == name


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        study_day(datetime(2026, 1, 1), "UTC")  # noqa: DTZ001  (the naive time is the test)


def test_every_zone_offered_can_be_chosen() -> None:
    assert {"Asia/Shanghai", "Europe/London"} <= set(zone_names())
    assert all(zone_info(name).key == name for name in zone_names())
