import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import fsrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scheduling.days import day_start, study_day
from app.scheduling.schedule import (
    Memory,
    Rating,
    Reviewed,
    Settings,
    State,
    preview,
    recall,
    retrievability,
    review,
    turns_leech,
)

EXACT = Settings(fuzz=False)
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
ZONES = ("UTC", "Asia/Shanghai", "Europe/London", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago")

# Computed with py-fsrs 6.3.2, default weights, retention 0.9, at noon UTC: days:rating -> stability -> interval.
GOLDEN = {
    "A": (
        "0:3 2:3 8:3 25:3 75:3",
        "2.306500 10.964332 38.866587 111.579862 292.952209",
        "2 11 39 112 293",
    ),
    "B": (
        "0:1 0:3 1:3 3:1 0:3 1:3 4:3",
        "0.212000 0.246689 2.021477 0.552714 0.603853 1.703680 4.940030",
        "1 1 2 1 1 2 5",
    ),
    "C": (
        "0:4 10:2 12:3 40:4 200:1 0:3 3:3",
        "8.295600 29.826527 61.073041 219.433891 5.197856 5.197856 10.335067",
        "8 30 61 219 5 5 10",
    ),
    "D": (
        "0:2 1:2 3:2 5:3 30:3 2:3",
        "1.293100 3.249412 6.728346 13.463760 38.655941 41.314193",
        "1 3 7 13 39 41",
    ),
    "E": (
        "0:3 0:3 1:4 20:3 180:1 1:1 1:3 3:4",
        "2.306500 2.306500 11.694760 71.591274 4.122687 0.744757 1.773537 6.413846",
        "2 2 12 72 4 1 2 6",
    ),
}

gaps = st.timedeltas(timedelta(0), timedelta(days=120))
histories = st.lists(st.tuples(gaps, st.integers(1, 4)), min_size=1, max_size=12)
settings_ = st.builds(
    Settings,
    desired_retention=st.floats(0.7, 0.99),
    max_interval_days=st.integers(1, 400),
    fuzz=st.booleans(),
)


def play(
    steps: list[tuple[timedelta, int]], zone: str = "UTC", settings: Settings = EXACT, start: datetime = NOON
) -> list[Reviewed]:
    memory, now, played = None, start, []
    for gap, rating in steps:
        now += gap
        played.append(review(memory, rating, now, zone, settings, "card"))
        memory = played[-1].memory
    return played


def steps_of(line: str) -> list[tuple[timedelta, int]]:
    pairs = (step.split(":") for step in line.split())
    return [(timedelta(days=int(days)), int(rating)) for days, rating in pairs]


@pytest.mark.parametrize("name", GOLDEN)
@pytest.mark.parametrize("zone", ZONES)
def test_golden_histories_keep_their_stabilities_and_intervals(name: str, zone: str) -> None:
    steps, stabilities, intervals = GOLDEN[name]
    played = play(steps_of(steps), zone)
    assert " ".join(f"{it.memory.stability_days:.6f}" for it in played) == stabilities
    assert " ".join(str(it.interval_days) for it in played) == intervals


def test_the_golden_table_is_what_the_package_says_at_noon() -> None:
    import fsrs

    scheduler = fsrs.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    for steps, stabilities, intervals in GOLDEN.values():
        card, now = fsrs.Card(1), NOON
        for (gap, rating), stability, interval in zip(
            steps_of(steps), stabilities.split(), intervals.split(), strict=True
        ):
            now += gap
            card, _ = scheduler.review_card(card, fsrs.Rating(rating), now)
            assert f"{card.stability:.6f}" == stability
            assert (card.due - now).days == int(interval)


def test_an_earlier_hour_two_days_later_counts_as_two_days() -> None:
    ten, nine = timedelta(0), timedelta(days=1, hours=23)
    second = play([(ten, 3), (nine, 3)], start=datetime(2026, 1, 5, 10, tzinfo=UTC))[1]
    assert round(second.memory.stability_days, 2) == 10.96


@pytest.mark.parametrize("month", [(2026, 3, 27), (2026, 10, 23)])
def test_clock_changes_do_not_change_the_schedule(month: tuple[int, int, int]) -> None:
    """London's days around 2026-03-29 and 2026-10-25 are 23 and 25 hours long; Shanghai's never are."""
    start = datetime(*month, 4, 30, tzinfo=UTC)
    steps = [(timedelta(0), 3), (timedelta(days=1), 1), (timedelta(hours=1), 3), (timedelta(days=2), 3)]
    london, shanghai = play(steps, "Europe/London", start=start), play(steps, "Asia/Shanghai", start=start)
    assert [it.memory.stability_days for it in london] == [it.memory.stability_days for it in shanghai]
    assert [it.interval_days for it in london] == [it.interval_days for it in shanghai]


@given(histories, settings_, st.sampled_from(ZONES), st.text(max_size=8))
def test_what_is_previewed_is_what_happens(
    history: list[tuple[timedelta, int]], settings: Settings, zone: str, key: str
) -> None:
    memory, now = None, NOON
    for gap, rating in history:
        now += gap
        promised = preview(memory, now, zone, settings, key)
        for button in Rating:
            happened = review(memory, button, now, zone, settings, key)
            assert promised[button].due_at == happened.memory.due_at
            assert promised[button].interval_days == happened.interval_days
        memory = review(memory, rating, now, zone, settings, key).memory


@given(histories, settings_, st.sampled_from(ZONES))
def test_intervals_rise_with_the_rating_and_stay_in_their_limits(
    history: list[tuple[timedelta, int]], settings: Settings, zone: str
) -> None:
    memory, now = None, NOON
    for gap, rating in history:
        now += gap
        buttons = preview(memory, now, zone, settings, "card")
        passed = [buttons[button].interval_days for button in (Rating.hard, Rating.good, Rating.easy)]
        assert passed == sorted(passed)
        assert all(1 <= it.interval_days <= settings.max_interval_days for it in buttons.values())
        memory = review(memory, rating, now, zone, settings, "card").memory


@given(histories, st.sampled_from(ZONES), st.sampled_from(ZONES))
def test_fuzz_moves_an_interval_within_its_range_and_nothing_else(
    history: list[tuple[timedelta, int]], zone: str, key: str
) -> None:
    memory, now = None, NOON
    for gap, rating in history:
        now += gap
        exact = review(memory, rating, now, zone, EXACT, key)
        fuzzed = review(memory, rating, now, zone, Settings(), key)
        assert fuzzed.memory.stability_days == exact.memory.stability_days
        reach = 1 + 0.15 * min(max(exact.interval_days - 2.5, 0), 4.5) + 0.1 * exact.interval_days
        assert abs(fuzzed.interval_days - exact.interval_days) <= reach
        if exact.interval_days < 3:
            assert fuzzed.interval_days <= 3
        memory = exact.memory


def test_fuzz_spreads_cards_learned_together() -> None:
    memory = play(steps_of("0:3 2:3 8:3"))[-1].memory
    later = NOON + timedelta(days=40)
    intervals = {review(memory, 3, later, "UTC", Settings(), f"card-{n}").interval_days for n in range(200)}
    exact = review(memory, 3, later, "UTC", EXACT, "card-0").interval_days
    assert min(intervals) < exact < max(intervals)
    assert len(intervals) > 5


def test_fuzz_is_the_same_on_every_machine() -> None:
    memory = play(steps_of("0:3 2:3 8:3"))[-1].memory
    later = NOON + timedelta(days=40)
    intervals = [review(memory, 3, later, "UTC", Settings(), key).interval_days for key in ("1", "2", "3", "iou")]
    assert intervals == [127, 119, 124, 131]


def test_fuzz_never_passes_the_longest_interval() -> None:
    settings = Settings(max_interval_days=30)
    memory = play(steps_of("0:4 10:4 30:4"), settings=settings)[-1].memory
    later = NOON + timedelta(days=80)
    intervals = {review(memory, 4, later, "UTC", settings, str(n)).interval_days for n in range(100)}
    assert max(intervals) == 30
    assert len(intervals) > 1


def test_again_comes_back_in_ten_minutes_the_same_day() -> None:
    first = review(None, 1, NOON, "Asia/Shanghai", EXACT, "card")
    assert first.memory.state is State.learning
    assert first.memory.due_at == NOON + timedelta(minutes=10)
    assert first.memory.due_day == study_day(NOON, "Asia/Shanghai")
    assert (first.memory.reps, first.memory.lapses, first.interval_days) == (1, 0, 1)


@pytest.mark.parametrize("rating", [2, 3, 4])
def test_any_pass_graduates_to_a_later_day(rating: int) -> None:
    failed = review(None, 1, NOON, "UTC", EXACT, "card").memory
    for memory in (None, failed):
        passed = review(memory, rating, NOON, "America/New_York", EXACT, "card")
        assert passed.memory.state is State.review
        assert passed.memory.due_day == study_day(NOON, "America/New_York") + passed.interval_days
        assert passed.memory.due_at == day_start(passed.memory.due_day, "America/New_York")


def test_lapse_returns_card_to_relearning_and_counts_once() -> None:
    *_, before, lapse, again, back = (it.memory for it in play(steps_of("0:3 2:3 10:1 0:1 0:3")))
    assert [it.state for it in (before, lapse, again, back)] == ["review", "relearning", "relearning", "review"]
    assert [it.lapses for it in (before, lapse, again, back)] == [0, 1, 1, 1]


def test_a_card_left_relearning_is_due_ten_minutes_later() -> None:
    memory = review(None, 1, NOON, "UTC", EXACT, "card").memory
    assert (memory.due_day, memory.due_at) == (study_day(NOON, "UTC"), NOON + timedelta(minutes=10))


def test_a_review_is_due_from_its_days_start_in_the_learners_zone() -> None:
    memory = review(None, 3, NOON, "Asia/Shanghai", EXACT, "card").memory
    assert memory.due_at == datetime(2026, 1, 6, 20, tzinfo=UTC)
    assert memory.due_day == study_day(memory.due_at, "Asia/Shanghai")
    assert memory.due_day > study_day(memory.due_at - timedelta(seconds=1), "Asia/Shanghai")


@given(st.sampled_from(ZONES), st.sampled_from(ZONES), st.timedeltas(timedelta(0), timedelta(hours=30)))
def test_days_of_a_card_never_go_backwards_when_the_learner_travels(home: str, away: str, gap: timedelta) -> None:
    first = review(None, 3, NOON, home, EXACT, "card").memory
    now = NOON + gap
    assert retrievability(first, now, away) <= 1
    second = review(first, 3, now, away, EXACT, "card").memory
    assert second.last_day >= first.last_day
    assert second.due_day > second.last_day
    assert second.stability_days >= first.stability_days


def test_flying_west_over_the_date_line_counts_as_the_same_day() -> None:
    first = review(None, 3, NOON, "Pacific/Kiritimati", EXACT, "card").memory
    second = review(first, 3, NOON + timedelta(hours=1), "Pacific/Pago_Pago", EXACT, "card")
    assert second.memory.last_day == first.last_day
    assert second.memory.stability_days == pytest.approx(first.stability_days)


def test_retrievability_falls_to_the_aim_at_one_stability() -> None:
    memory = play(steps_of("0:3 2:3 8:3"))[-1].memory
    after = [retrievability(memory, memory.last_at + timedelta(days=days), "UTC") for days in range(80)]
    assert after[0] == 1
    assert all(sooner > later for sooner, later in pairwise(after))
    assert after[39] == pytest.approx(0.9, abs=0.001)


@given(st.floats(0.01, 3000), st.integers(0, 4000))
def test_recall_is_what_the_package_says(stability_days: float, elapsed_days: int) -> None:
    card = fsrs.Card(1, stability=stability_days, last_review=NOON)
    theirs = fsrs.Scheduler().get_card_retrievability(card, NOON + timedelta(days=elapsed_days))
    assert recall(stability_days, elapsed_days) == pytest.approx(theirs, rel=1e-12)


def test_recall_follows_the_learners_own_weights() -> None:
    weights = (*fsrs.scheduler.DEFAULT_PARAMETERS[:20], 0.5)
    card = fsrs.Card(1, stability=9.0, last_review=NOON)
    theirs = fsrs.Scheduler(weights).get_card_retrievability(card, NOON + timedelta(days=30))
    assert recall(9.0, 30, Settings(weights=weights)) == pytest.approx(theirs, rel=1e-12)
    assert recall(9.0, 30) != pytest.approx(theirs)


def test_higher_retention_asks_sooner() -> None:
    memory = play(steps_of("0:3 2:3 8:3"))[-1].memory
    later = NOON + timedelta(days=40)
    intervals = [
        review(memory, 3, later, "UTC", Settings(desired_retention=aim, fuzz=False), "card").interval_days
        for aim in (0.8, 0.9, 0.95)
    ]
    assert intervals == sorted(intervals, reverse=True)
    assert len(set(intervals)) == 3


def test_weights_in_the_wrong_order_do_not_make_easy_come_sooner() -> None:
    defaults = (0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796)
    rest = (1.4835, 0.0614, 0.2629, 1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542)
    upside_down = (0.212, 9.0, 5.0, 2.0, *defaults[4:], *rest)
    buttons = preview(None, NOON, "UTC", Settings(weights=upside_down, fuzz=False), "card")
    assert [buttons[rating].interval_days for rating in Rating] == [1, 9, 9, 9]


def test_labels_grow_from_minutes_to_years() -> None:
    new = preview(None, NOON, "UTC", EXACT, "card")
    assert [(it.amount, it.unit) for it in new.values()] == [
        (10, "minutes"),
        (1, "days"),
        (2, "days"),
        (8, "days"),
    ]
    long = Settings(max_interval_days=3650, fuzz=False)
    memory = play(steps_of("0:4 10:4 60:4"), settings=long)[-1].memory
    later = preview(memory, NOON + timedelta(days=300), "UTC", long, "card")
    assert (later[Rating.hard].unit, later[Rating.easy].unit) == ("years", "years")
    middle = play(steps_of("0:3 2:3"))[-1].memory
    soon = preview(middle, NOON + timedelta(days=10), "UTC", long, "card")[Rating.good]
    assert (soon.amount, soon.unit, soon.interval_days) == (1.3, "months", 39)


@given(histories)
def test_a_memory_survives_json(history: list[tuple[timedelta, int]]) -> None:
    memory = play(history, "Europe/London", Settings())[-1].memory
    assert Memory.from_dict(json.loads(json.dumps(memory.as_dict()))) == memory


@pytest.mark.parametrize("rating", [0, 5, -1])
def test_other_ratings_are_refused(rating: int) -> None:
    with pytest.raises(ValueError, match="not a valid Rating"):
        review(None, rating, NOON, "UTC", EXACT, "card")


def test_times_that_are_not_utc_are_refused() -> None:
    for now in (NOON.replace(tzinfo=None), NOON.astimezone(datetime.strptime("+0800", "%z").tzinfo)):
        with pytest.raises(ValueError, match="not UTC"):
            review(None, 3, now, "UTC", EXACT, "card")


@pytest.mark.parametrize(
    "bad",
    [
        {"desired_retention": 0.5},
        {"desired_retention": float("nan")},
        {"max_interval_days": 0},
        {"max_interval_days": 10**6},
        {"weights": (1.0, 2.0)},
        {"weights": (1000.0,) * 21},
    ],
)
def test_bad_settings_are_refused_when_made(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"retention|interval|parameters"):
        Settings(**bad)


def test_a_card_turns_leech_at_its_eighth_lapse_and_every_fourth_after() -> None:
    memory = play(steps_of("0:3"))[-1].memory
    flagged = [
        lapses
        for lapses in range(1, 22)
        if turns_leech(replace(memory, lapses=lapses - 1), replace(memory, lapses=lapses))
    ]
    assert flagged == [8, 12, 16, 20]
    assert not turns_leech(replace(memory, lapses=8), replace(memory, lapses=8))
    assert not turns_leech(None, memory)
