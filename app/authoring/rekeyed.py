"""An answer to one version of a question as the same answer to another: what was picked, under the keys it has now.

Options, items and pairs may have moved, been reworded, come or gone between the two. Where the other version never put
the same before the learner (other numbers, a right option that was not there), there is no such answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from app.bank.schema import (
    ChoiceBase,
    Cloze,
    Matching,
    MultiChoice,
    Numeric,
    Ordering,
    Question,
    SingleChoice,
    Text,
)
from app.bank.variants import draw, letter, shown_items, shown_options, shown_rights

Answer = Mapping[str, Any]


def rekeyed(old: Question, new: Question, seed: int, answer: Answer) -> dict[str, Any] | None:
    """The answer to `old` as one to `new`, both drawn by `seed`; None if there is none, or the kind is not objective.

    An answer that does not fit `old` raises LookupError, TypeError or AttributeError.
    """
    match old, new:
        case SingleChoice(), SingleChoice():
            return _choice(old, new, seed, answer)
        case MultiChoice(), MultiChoice():
            return _choice(old, new, seed, answer)
        case Numeric(), Numeric():
            return dict(answer) if old.unit == new.unit and _draw_alike(old, new, seed) else None
        case Cloze(), Cloze():
            return dict(answer) if set(old.blanks) == set(new.blanks) else None
        case Ordering(), Ordering():
            return _ordering(old, new, seed, answer)
        case Matching(), Matching():
            return _matching(old, new, seed, answer)
        case _:
            return None


@lru_cache(maxsize=512)  # the same for thousands of answers
def counterparts(old: tuple[Text, ...], new: tuple[Text, ...]) -> Mapping[int, int]:
    """Which text of `new` each of `old` has become: the one that reads the same, else, of as many, in its place."""
    found: dict[int, int] = {}
    for same in (_reads_alike, _shares_a_language):
        for index, text in enumerate(old):
            free = (it for it in range(len(new)) if it not in found.values() and same(text, new[it]))
            if index not in found and (match := next(free, None)) is not None:
                found[index] = match
    if len(old) == len(new):
        free_places = set(range(len(new))) - set(found.values())
        found |= {index: index for index in range(len(old)) if index not in found and index in free_places}
    return found


def _reads_alike(one: Text, other: Text) -> bool:
    return one.en.split() == other.en.split() and one.zh.split() == other.zh.split()


def _shares_a_language(one: Text, other: Text) -> bool:
    return one.en.split() == other.en.split() or one.zh.split() == other.zh.split()


def _choice(old: ChoiceBase, new: ChoiceBase, seed: int, answer: Answer) -> dict[str, Any] | None:
    became = counterparts(tuple(it.text for it in old.options), tuple(it.text for it in new.options))
    if any(option.correct and index not in became.values() for index, option in enumerate(new.options)):
        return None
    before, after = shown_options(old, seed), shown_options(new, seed)
    indices = {letter(place): index for place, index in enumerate(before)}

    def key(given: str) -> str | None:
        index = became.get(indices[given])
        return None if index is None else letter(after.index(index))

    if "choice" in answer:
        picked = key(answer["choice"]) if answer["choice"] else ""
        return None if picked is None else {**answer, "choice": picked}
    keys = [key(given) for given in answer["choices"]]
    return None if None in keys else {**answer, "choices": keys}


def _ordering(old: Ordering, new: Ordering, seed: int, answer: Answer) -> dict[str, Any] | None:
    became = counterparts(tuple(it.text for it in old.items), tuple(it.text for it in new.items))
    if not len(became) == len(old.items) == len(new.items):
        return None
    indices = {letter(place): index for place, index in enumerate(shown_items(old, seed))}
    after = shown_items(new, seed)
    return {**answer, "order": [letter(after.index(became[indices[key]])) for key in answer["order"]]}


def _matching(old: Matching, new: Matching, seed: int, answer: Answer) -> dict[str, Any] | None:
    left = counterparts(tuple(it.left for it in old.pairs), tuple(it.left for it in new.pairs))
    before, after = shown_rights(old, seed), shown_rights(new, seed)
    right = {before[index]: after[match] for index, match in counterparts(before, after).items()}
    if not len(left) == len(old.pairs) == len(new.pairs) or any(it.right not in right.values() for it in new.pairs):
        return None
    texts = {letter(place): text for place, text in enumerate(before)}
    given = {number: key for number, key in answer["pairs"].items() if key}
    if any(texts[key] not in right for key in given.values()):
        return None
    return {
        **answer,
        "pairs": {
            str(left[int(number) - 1] + 1): letter(after.index(right[texts[key]])) for number, key in given.items()
        },
    }


def _draw_alike(old: Numeric, new: Numeric, seed: int) -> bool:
    """Whether the learner was given the same numbers to work with."""
    if (old.params, old.where) == (new.params, new.where):
        return True  # there may be thousands of answers, and a draw costs most of marking one
    before, after = draw(old, seed), draw(new, seed)
    return {name: before[name] for name in old.params} == {name: after[name] for name in new.params}
