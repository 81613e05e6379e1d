"""What comes next today: pure decisions over light rows.

Owns the order of a day's queue, its limits, and which cards are put off until tomorrow. Rows come from the store, the
memory's arithmetic is `schedule`'s, the order among new questions `syllabus`'s. Asking again after every answer, with
the counts of what has been done, continues the same queue: nothing about it needs to be kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from app.scheduling.schedule import State
from app.scheduling.syllabus import NewQuestion, Syllabus, introduce

LEARN_AHEAD = timedelta(minutes=20)


@dataclass(frozen=True)
class DueCard:
    """A card with a memory, as the plan needs it. Days are study days; `sibling_key` None means no kin."""

    card_id: int
    state: State
    stability_days: float
    last_day: int
    due_day: int
    due_at: datetime
    sibling_key: str | None = None


@dataclass(frozen=True)
class Limits:
    """What one study day may bring. An allowance not used is not carried over."""

    new_per_day: int
    reviews_per_day: int


@dataclass(frozen=True)
class Done:
    """What this study day has brought so far.

    `new`: questions met for the first time; `reviews`: answers to cards that were in `review`; `sibling_keys`: of all
    cards answered; `recent_new`: (topic, kind) of the last new questions, oldest first (the last four are enough).
    """

    new: int = 0
    reviews: int = 0
    sibling_keys: frozenset[str] = frozenset()
    recent_new: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Plan:
    """The rest of the day. `queue[0]` is next; `waiting` are relearning cards not due yet, the soonest first.

    `buried` are due reviews put off because a sibling is asked today, in the order they would have had, so that a
    session may offer them when nothing else is left. `held_back` counts the due reviews beyond the day's limit.
    """

    queue: tuple[DueCard | NewQuestion, ...]
    waiting: tuple[DueCard, ...]
    buried: tuple[DueCard, ...]
    held_back: int


def plan(
    due: Iterable[DueCard],
    fresh: Iterable[NewQuestion],
    done: Done,
    limits: Limits,
    syllabus: Syllabus,
    now: datetime,
    today: int,
) -> Plan:
    """The queue at `now` (UTC): relearning cards due, then reviews by ascending retrievability with new ones mixed in.

    A relearning card that would be due within 20 minutes is asked ahead of its time only when nothing else is left.
    """
    relearning, reviews = _split(due, today)
    ready = [card for card in relearning if card.due_at <= now]
    waiting = relearning[len(ready) :]
    kin = set(done.sibling_keys) | {card.sibling_key for card in relearning if card.sibling_key is not None}
    asked, buried = _bury(_by_retrievability(reviews, today), kin)
    allowed = max(0, limits.reviews_per_day - done.reviews)
    asked, beyond = asked[:allowed], asked[allowed:]
    kin |= {card.sibling_key for card in asked if card.sibling_key is not None}
    met = list(islice(introduce(fresh, syllabus, done.recent_new, kin), max(0, limits.new_per_day - done.new)))
    queue: list[DueCard | NewQuestion] = [*ready, *_mix(asked, met, done)]
    if not queue:
        queue = [card for card in waiting if card.due_at <= now + LEARN_AHEAD]
        waiting = waiting[len(queue) :]
    return Plan(tuple(queue), tuple(waiting), tuple(buried), len(beyond))


def _split(due: Iterable[DueCard], today: int) -> tuple[list[DueCard], list[DueCard]]:
    """Cards in (re)learning, the soonest first, and the reviews that are due today."""
    relearning: list[DueCard] = []
    reviews: list[DueCard] = []
    for card in due:
        if card.state is not State.review:
            relearning.append(card)
        elif card.due_day <= today:
            reviews.append(card)
    return sorted(relearning, key=lambda card: (card.due_at, card.card_id)), reviews


def _by_retrievability(reviews: list[DueCard], today: int) -> list[DueCard]:
    """The most endangered first: FSRS's retrievability falls with elapsed days over stability, whatever the weights."""
    return sorted(reviews, key=lambda card: ((card.last_day - today) / card.stability_days, card.due_day, card.card_id))


def _bury(cards: list[DueCard], kin: set[str]) -> tuple[list[DueCard], list[DueCard]]:
    """The cards to ask, the first of each family, and those to put off because a sibling is in `kin` or before them."""
    seen = set(kin)
    asked: list[DueCard] = []
    buried: list[DueCard] = []
    for card in cards:
        if card.sibling_key in seen:
            buried.append(card)
            continue
        asked.append(card)
        if card.sibling_key is not None:
            seen.add(card.sibling_key)
    return asked, buried


def _mix(reviews: Sequence[DueCard], fresh: Sequence[NewQuestion], done: Done) -> list[DueCard | NewQuestion]:
    """New questions spread evenly over the whole day's reviews, those already done included."""
    day_reviews = done.reviews + len(reviews)
    parts = done.new + len(fresh) + 1  # n new questions cut the reviews into n + 1 stretches
    mixed: list[DueCard | NewQuestion] = []
    for index, question in enumerate(fresh):
        place = -(-(done.new + index + 1) * day_reviews // parts) - done.reviews  # rounded up
        mixed += reviews[len(mixed) - index : max(place, 0)]
        mixed.append(question)
    return mixed + list(reviews[len(mixed) - len(fresh) :])
