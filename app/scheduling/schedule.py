"""The schedule of one memory: FSRS-6 by study days, pure and repeatable.

Owns what a rating does to a memory and when it comes back. The formulas are the `fsrs` package's; it is handed one
instant a study day (noon UTC), because it counts elapsed days as 24-hour floors and would take a review at 10:00 and
the next at 09:00 two days later for one day. Which memory is shown next is `plan`'s.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Literal

import fsrs

from app.scheduling.days import day_start, study_day

AGAIN_AFTER = timedelta(minutes=10)
NOON = time(12, tzinfo=UTC)
CARD_ID = 0  # the package's card sleeps a millisecond to invent an id when it gets none
UNFUZZED_BELOW_DAYS = 2.5
FUZZ = ((2.5, 7.0, 0.15), (7.0, 20.0, 0.1), (20.0, math.inf, 0.05))  # (from days, to days, share), as FSRS has it
LEECH_AT_LAPSES, LEECH_EVERY = 8, 4


class State(StrEnum):
    """Where a memory stands; `new` has no memory yet."""

    new = "new"
    learning = "learning"
    review = "review"
    relearning = "relearning"


class Rating(IntEnum):
    """The learner's four buttons."""

    again = 1
    hard = 2
    good = 3
    easy = 4


@dataclass(frozen=True)
class Settings:
    """One learner's wishes. `weights`: FSRS-6's 21, None for its defaults. A bad value raises ValueError."""

    desired_retention: float = 0.9
    max_interval_days: int = 365
    weights: tuple[float, ...] | None = None
    fuzz: bool = True

    def __post_init__(self) -> None:
        if not 0.7 <= self.desired_retention <= 0.99:
            raise ValueError(f"the retention aimed at must lie between 0.7 and 0.99, not {self.desired_retention}")
        if not 1 <= self.max_interval_days <= 36_500:
            raise ValueError(f"the longest interval must lie between 1 and 36500 days, not {self.max_interval_days}")
        _scheduler(self)  # checks the weights


@dataclass(frozen=True)
class Memory:
    """What is remembered of one card after at least one review. Days are study days, instants UTC.

    A card in `review` is due from the day `due_day` on (`due_at` is that day's start in the zone it was reviewed in);
    one in `learning` or `relearning` is due from the instant `due_at` on.
    """

    state: State
    stability_days: float
    difficulty: float
    last_day: int
    last_at: datetime
    due_day: int
    due_at: datetime
    reps: int
    lapses: int

    def as_dict(self) -> dict[str, str | float | int]:
        """Plain values for JSON; `Memory.from_dict` reads them back exactly."""
        plain = asdict(self) | {"state": self.state.value}
        return plain | {"last_at": self.last_at.isoformat(), "due_at": self.due_at.isoformat()}

    @classmethod
    def from_dict(cls, plain: Mapping[str, str | float | int]) -> Memory:
        """The memory that `as_dict` wrote; raises KeyError or ValueError for anything else."""
        return cls(
            state=State(str(plain["state"])),
            stability_days=float(plain["stability_days"]),
            difficulty=float(plain["difficulty"]),
            last_day=int(plain["last_day"]),
            last_at=datetime.fromisoformat(str(plain["last_at"])),
            due_day=int(plain["due_day"]),
            due_at=datetime.fromisoformat(str(plain["due_at"])),
            reps=int(plain["reps"]),
            lapses=int(plain["lapses"]),
        )


@dataclass(frozen=True)
class Reviewed:
    """What a rating led to. After Again, `interval_days` is what FSRS says; the card comes back in minutes first."""

    memory: Memory
    interval_days: int


@dataclass(frozen=True)
class Preview:
    """What a button would do, with the words' parts for its label: `amount` of `unit`, months and years in tenths."""

    due_at: datetime
    interval_days: int
    amount: float
    unit: Literal["minutes", "days", "months", "years"]


def review(memory: Memory | None, rating: int, now: datetime, zone: str, settings: Settings, card_key: str) -> Reviewed:
    """The memory (None: not seen yet) after `rating` (1 to 4) at `now` (UTC).

    `card_key` names the card and seeds its fuzz. Raises ValueError for another rating, a time that is not UTC, or an
    unknown zone.
    """
    return _outcomes(memory, now, zone, settings, card_key)[Rating(rating)]


def preview(
    memory: Memory | None, now: datetime, zone: str, settings: Settings, card_key: str
) -> dict[Rating, Preview]:
    """What each button would do; `review` with the same arguments does exactly this."""
    return {rating: _preview(it, now) for rating, it in _outcomes(memory, now, zone, settings, card_key).items()}


def retrievability(memory: Memory, now: datetime, zone: str, settings: Settings | None = None) -> float:
    """The probability (0 to 1) that the memory can be recalled on the study day of `now`."""
    return recall(memory.stability_days, study_day(now, zone) - memory.last_day, settings)


def recall(stability_days: float, elapsed_days: int, settings: Settings | None = None) -> float:
    """The probability (0 to 1) of recall so many study days after a review; a day that lies ahead counts as today.

    The package's formula without its cards, for looks over thousands of memories.
    """
    factor, decay = _forgetting(settings)
    return math.pow(1.0 + factor * max(0, elapsed_days) / stability_days, decay)


def turns_leech(before: Memory | None, after: Memory) -> bool:
    """Whether this review made the card a leech: at its 8th lapse and every 4th after that."""
    lapsed = before is not None and after.lapses > before.lapses
    return lapsed and after.lapses >= LEECH_AT_LAPSES and (after.lapses - LEECH_AT_LAPSES) % LEECH_EVERY == 0


def _outcomes(
    memory: Memory | None, now: datetime, zone: str, settings: Settings, card_key: str
) -> dict[Rating, Reviewed]:
    if now.utcoffset() != timedelta(0):
        raise ValueError(f"{now} is not UTC")
    today = study_day(now, zone)
    if memory is not None:
        today = max(today, memory.last_day)  # after a move westward the calendar may lie behind the last review
    elapsed_days = today - memory.last_day if memory else 0
    share = _share(card_key, memory.reps if memory else 0) if settings.fuzz else None
    outcomes: dict[Rating, Reviewed] = {}
    shortest = 1
    for rating in Rating:
        card = _reviewed_card(memory, rating, today, settings)
        interval_days = (card.due - _noon(today)).days
        if rating is not Rating.again:
            if share is not None:
                interval_days = _fuzzed(interval_days, elapsed_days, settings.max_interval_days, share)
            interval_days = shortest = max(interval_days, shortest)  # an easier answer never comes back sooner
        outcomes[rating] = Reviewed(_memory(memory, card, rating, today, now, zone, interval_days), interval_days)
    return outcomes


def _reviewed_card(memory: Memory | None, rating: Rating, today: int, settings: Settings) -> fsrs.Card:
    """The package's card after the review. Without steps, all states but a first review are `Review` to it."""
    noon = _noon(today)
    if memory is None:
        card = fsrs.Card(CARD_ID, due=noon)
    else:
        card = fsrs.Card(
            CARD_ID,
            state=fsrs.State.Review,
            stability=memory.stability_days,
            difficulty=memory.difficulty,
            due=noon,
            last_review=_noon(memory.last_day),
        )
    return _scheduler(settings).review_card(card, fsrs.Rating(rating), noon)[0]


def _memory(
    before: Memory | None, card: fsrs.Card, rating: Rating, today: int, now: datetime, zone: str, interval_days: int
) -> Memory:
    if card.stability is None or card.difficulty is None:
        raise RuntimeError("fsrs returned a reviewed card without stability or difficulty")
    again = rating is Rating.again
    known = before is not None and before.state in (State.review, State.relearning)
    lapse = again and before is not None and before.state is State.review
    due_day = today if again else today + interval_days
    return Memory(
        state=(State.relearning if known else State.learning) if again else State.review,
        stability_days=card.stability,
        difficulty=card.difficulty,
        last_day=today,
        last_at=now,
        due_day=due_day,
        due_at=now + AGAIN_AFTER if again else day_start(due_day, zone),
        reps=(before.reps if before else 0) + 1,
        lapses=(before.lapses if before else 0) + lapse,
    )


def _preview(reviewed: Reviewed, now: datetime) -> Preview:
    memory, days = reviewed.memory, reviewed.interval_days
    if memory.state is not State.review:
        return Preview(memory.due_at, days, (memory.due_at - now) / timedelta(minutes=1), "minutes")
    if days < 30:
        return Preview(memory.due_at, days, days, "days")
    if days < 365:
        return Preview(memory.due_at, days, round(days * 12 / 365, 1), "months")
    return Preview(memory.due_at, days, round(days / 365, 1), "years")


def _fuzzed(interval_days: int, elapsed_days: int, max_interval_days: int, share: float) -> int:
    """The interval moved within FSRS's range around it, at `share` (0 to 1) of that range, never beyond the maximum.

    An interval longer than the one just passed stays longer than it.
    """
    if interval_days < UNFUZZED_BELOW_DAYS:
        return interval_days
    reach = 1.0 + sum(part * max(min(interval_days, end) - start, 0.0) for start, end, part in FUZZ)
    longest = min(round(interval_days + reach), max_interval_days)
    shortest = max(2, round(interval_days - reach))
    if interval_days > elapsed_days:
        shortest = max(shortest, elapsed_days + 1)
    shortest = min(shortest, longest)
    return shortest + int(share * (longest - shortest + 1))


def _share(card_key: str, reps: int) -> float:
    """A number in [0, 1) that depends on the card and its count of reviews alone, the same on every machine."""
    digest = hashlib.blake2b(f"{card_key}:{reps}".encode(), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48


@lru_cache(maxsize=2048)
def _noon(day: int) -> datetime:
    return datetime.combine(date.fromordinal(day), NOON)


@lru_cache(maxsize=256)
def _forgetting(settings: Settings | None) -> tuple[float, float]:
    """Factor and exponent of FSRS-6's power curve, which is 0.9 when the stability has passed."""
    decay = -((settings and settings.weights) or fsrs.scheduler.DEFAULT_PARAMETERS)[20]
    return 0.9 ** (1.0 / decay) - 1.0, decay


@lru_cache(maxsize=256)
def _scheduler(settings: Settings) -> fsrs.Scheduler:
    return fsrs.Scheduler(
        parameters=settings.weights or fsrs.scheduler.DEFAULT_PARAMETERS,
        desired_retention=settings.desired_retention,
        learning_steps=(),
        relearning_steps=(),
        maximum_interval=settings.max_interval_days,
        enable_fuzzing=False,
    )
