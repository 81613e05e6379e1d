"""Item statistics: what answers tell of one question, and which figures look suspicious. Pure; no database.

A first try is the first answer of a learner. The discrimination is the correlation of being right at the first try with
the learner's share of right first tries over all other questions.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Literal

from app.bank.schema import ChoiceBase, MultiChoice
from app.bank.variants import letter, shown_options

# Below these numbers a figure says more about chance than about the question.
DISCRIMINATION_LEARNERS = 10  # the error of a correlation of ten pairs is about a third already
EASY_LEARNERS = 30  # with 30 learners, one who slipped leaves 97 %
EASY_SHARE = 0.97  # such a question hardly ever tells who knows and who does not
KEY_LEARNERS = 10  # a wrong key should be found early, before many learn it
KEY_SHARE = 0.25  # blind guessing among four options does as well
BEST_SHARE = 1 / 3  # of the learners, by their other answers: those who would know
BEST_AGREE = 0.5  # more than half of them on one wrong option is hardly chance
UNUSED_ANSWERS = 30  # an option that draws one in ten would be missed by 30 answers one time in twenty-four
UNUSED_SHARE = 0.02  # an option that nobody believes only makes the guess easier
LANGUAGE_LEARNERS = 15  # of each language; the normal approximation needs about as many
LANGUAGE_Z = 3.0  # chance alone goes beyond it for one question in four hundred

FlagName = Literal["too-easy", "key", "unused-option", "translation"]
FLAGS: tuple[FlagName, ...] = ("key", "translation", "unused-option", "too-easy")  # the worst first


@dataclass(frozen=True)
class Answer:
    """One answer. `options` are indices in the question's own order, None where they can't be told.

    `recalled` tells of a review after a day or more whether it was remembered; None for every other answer.
    """

    account_id: int
    language: str | None
    at: datetime
    right: bool
    score: float
    seconds: float
    options: tuple[int, ...] | None = None
    recalled: bool | None = None


@dataclass(frozen=True)
class Share:
    """`right` of `total`."""

    right: int
    total: int

    @property
    def value(self) -> float | None:
        return self.right / self.total if self.total else None


NOTHING = Share(0, 0)


@dataclass(frozen=True)
class Figures:
    """What answers tell of a question. None is what can't be told from these answers.

    `options` counts answers by option, of `option_answers` that can be told; `by_language` are first tries by the
    language of the learner's account, None standing for those who have chosen none. `best` is the wrong option that
    most of the best learners chose first: (option, share of them).
    """

    answers: int = 0
    first: Share = NOTHING
    mean_score: float | None = None
    discrimination: float | None = None
    median_s: float | None = None
    p80_s: float | None = None
    options: tuple[int, ...] | None = None
    option_answers: int = 0
    retention: Share = NOTHING
    by_language: Mapping[str | None, Share] = field(default_factory=dict)
    best: tuple[int, float] | None = None


@dataclass(frozen=True)
class Flag:
    """A suspicion. `option` is the index of the one it is about; `z` the difference of the languages."""

    name: FlagName
    option: int | None = None
    z: float | None = None
    negative: bool = False  # of a key: the better a learner, the more often wrong


def figures(answers: Sequence[Answer], others: Mapping[int, Share], question: ChoiceBase | None = None) -> Figures:
    """All figures of one question. `others`: the learners' first tries at the other questions, by account."""
    if not answers:
        return Figures()
    in_order = sorted(answers, key=lambda it: it.at)
    first = {it.account_id: it for it in reversed(in_order)}
    told = [it.options for it in answers if it.options is not None]
    chosen = Counter(option for options in told for option in options)
    recalled = [it.recalled for it in answers if it.recalled is not None]
    seconds = sorted(it.seconds for it in answers)
    by_language = {
        language: _share([it.right for it in first.values() if it.language == language])
        for language in dict.fromkeys(it.language for it in first.values())
    }
    return Figures(
        answers=len(answers),
        first=_share([it.right for it in first.values()]),
        mean_score=sum(it.score for it in answers) / len(answers),
        discrimination=_discrimination(list(first.values()), others),
        median_s=median(seconds),
        p80_s=seconds[math.ceil(0.8 * len(seconds)) - 1],
        options=tuple(chosen[index] for index in range(len(question.options))) if question else None,
        option_answers=len(told),
        retention=_share(recalled),
        by_language=by_language,
        best=best_choice(list(first.values()), others, question) if question else None,
    )


def flags(found: Figures) -> list[Flag]:
    """What looks suspicious, the worst first."""
    raised = []
    learners, share = found.first.total, found.first.value or 0.0
    negative = found.discrimination is not None and found.discrimination < 0
    misled = share < KEY_SHARE and found.best is not None
    if learners >= KEY_LEARNERS and (negative or misled):
        raised.append(Flag("key", option=found.best[0] if misled and found.best else None, negative=negative))
    z = language_z(found.by_language)
    if z is not None and abs(z) > LANGUAGE_Z:
        raised.append(Flag("translation", z=z))
    if found.options and found.option_answers >= UNUSED_ANSWERS:
        raised += [
            Flag("unused-option", option=index)
            for index, count in enumerate(found.options)
            if count / found.option_answers < UNUSED_SHARE
        ]
    if learners >= EASY_LEARNERS and share >= EASY_SHARE:
        raised.append(Flag("too-easy"))
    return raised


def chosen_options(question: ChoiceBase, seed: int, answer: Mapping[str, object] | None) -> tuple[int, ...] | None:
    """The options of an answer in the question's own order: it was given by the letters that the seed showed."""
    given = answer or {}
    picked = given.get("choices") if isinstance(question, MultiChoice) else [given.get("choice")]
    index_of = {letter(position): index for position, index in enumerate(shown_options(question, seed))}
    if not isinstance(picked, list) or not all(isinstance(key, str) and key in index_of for key in picked):
        return None
    return tuple(sorted({index_of[key] for key in picked})) or None


def correlation(n: int, sum_x: float, sum_y: float, sum_xx: float, sum_yy: float, sum_xy: float) -> float | None:
    """Pearson's r from sums over `n` pairs; None for too few pairs, or where one side never changes."""
    if n < DISCRIMINATION_LEARNERS:
        return None
    spread_x, spread_y = n * sum_xx - sum_x**2, n * sum_yy - sum_y**2
    if spread_x <= 1e-9 or spread_y <= 1e-9:
        return None
    return max(-1.0, min(1.0, (n * sum_xy - sum_x * sum_y) / math.sqrt(spread_x * spread_y)))


def language_z(by_language: Mapping[str | None, Share]) -> float | None:
    """The two-proportion z of English over Chinese; None unless both have enough learners and differ in anything."""
    en, zh = by_language.get("en", NOTHING), by_language.get("zh", NOTHING)
    if min(en.total, zh.total) < LANGUAGE_LEARNERS:
        return None
    pooled = (en.right + zh.right) / (en.total + zh.total)
    error = math.sqrt(pooled * (1 - pooled) * (1 / en.total + 1 / zh.total))
    return (en.right / en.total - zh.right / zh.total) / error if error else None


def best_choice(first: Sequence[Answer], others: Mapping[int, Share], question: ChoiceBase) -> tuple[int, float] | None:
    """The one wrong option that more than half of the best learners chose first, with their share."""
    known = [it for it in first if it.options and others.get(it.account_id, NOTHING).total]
    if len(known) < KEY_LEARNERS:
        return None
    known.sort(key=lambda it: others[it.account_id].value or 0.0, reverse=True)
    best = known[: math.ceil(BEST_SHARE * len(known))]
    wrong = Counter(option for it in best for option in it.options or () if not question.options[option].correct)
    if not wrong:
        return None
    option, count = wrong.most_common(1)[0]
    return (option, count / len(best)) if count / len(best) > BEST_AGREE else None


def _discrimination(first: Sequence[Answer], others: Mapping[int, Share]) -> float | None:
    pairs = [
        (float(it.right), other.right / other.total)
        for it in first
        if (other := others.get(it.account_id, NOTHING)).total
    ]
    xs, ys = [x for x, _ in pairs], [y for _, y in pairs]
    sums = (sum(xs), sum(ys), sum(x * x for x in xs), sum(y * y for y in ys), sum(x * y for x, y in pairs))
    return correlation(len(pairs), *sums)


def _share(results: Sequence[bool]) -> Share:
    return Share(sum(results), len(results))
