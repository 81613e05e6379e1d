"""What judging one answer yields, and the rating it suggests. Pure values."""

from __future__ import annotations

from dataclasses import dataclass

from app.bank.schema import Text
from app.languages import Message

AGAIN, HARD, GOOD = 1, 2, 3


@dataclass(frozen=True)
class Part:
    """What became of one option (`key` A…), blank (its name), place or left side (1…), or rubric point (0…).

    `given` and `expected` are keys as shown, or what was typed; None where nothing was given or due. `why` is Markdown.
    """

    key: str
    given: str | None
    expected: str | None
    right: bool
    why: Text | None


@dataclass(frozen=True)
class Outcome:
    """`correct` is None where the learner judges: a flashcard, or an open answer whose rubric is not yet scored.

    `score` is the credit from 0 to 1; anything below full credit is not correct, except for open answers (see
    `answers`).
    """

    correct: bool | None
    score: float
    parts: tuple[Part, ...] = ()
    note: Message | None = None


class MalformedAnswer(ValueError):  # noqa: N818 (the name that callers agreed on)
    """The answer can't be read, so it is not counted: `field` and a kind `message` say what to mend."""

    def __init__(self, field: str, message: Message) -> None:
        super().__init__(f"{field}: {message.en}")
        self.field = field
        self.message = message


def suggest_rating(outcome: Outcome, seconds: float, slow_after_s: float, hinted: bool) -> int:
    """Again for anything not correct (partial credit too), Hard for right but slow or hinted, else Good."""
    if outcome.correct is None:
        return GOOD
    if not outcome.correct:
        return AGAIN
    return HARD if hinted or seconds > slow_after_s else GOOD
