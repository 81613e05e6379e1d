"""A right answer and the wrong ones to each question, as a learner would give them: for whoever previews a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from app.bank.expressions import Expression, ExpressionError
from app.bank.schema import (
    Cloze,
    Code,
    Flashcard,
    Lang,
    Matching,
    MultiChoice,
    Numeric,
    Open,
    Ordering,
    Question,
    SingleChoice,
)
from app.bank.variants import draw, letter, shown_items, shown_options, shown_rights
from app.grading.numeric import format_number

Answer = dict[str, object]


def right_answer(question: Question, seed: int, lang: Lang) -> Answer:
    """An answer that earns full credit for this seed's variant; {} where the learner judges or code is written.

    Raises `NoDraw`, `ExpressionError`.
    """
    match question:
        case SingleChoice() | MultiChoice():
            keys = [key for key, index in _keyed(shown_options(question, seed)) if question.options[index].correct]
            return {"choice": keys[0] if keys else ""} if isinstance(question, SingleChoice) else {"choices": keys}
        case Numeric():
            return {"value": format_number(draw(question, seed)["answer"])}
        case Cloze():
            return {"blanks": {name: blank.accept.in_(lang)[0] for name, blank in question.blanks.items()}}
        case Ordering():
            return {"order": _in_order(question, seed)}
        case Matching():
            rights = shown_rights(question, seed)
            return {"pairs": {str(n): letter(rights.index(pair.right)) for n, pair in enumerate(question.pairs, 1)}}
        case Open():
            return {"text": "…", "points": list(range(len(question.rubric)))}
        case Flashcard() | Code():
            return {}
        case never:
            assert_never(never)


def wrong_answer(question: Question, seed: int, lang: Lang, pick: int) -> Answer:
    """The `pick`-th wrong answer, going round: each wrong option, each named mistake, each blank left wrong, and so on.

    Raises `NoDraw`, `ExpressionError`.
    """
    match question:
        case SingleChoice() | MultiChoice():
            wrong = [index for index, option in enumerate(question.options) if not option.correct]
            chosen = wrong[pick % len(wrong)] if wrong else 0
            key = next(key for key, index in _keyed(shown_options(question, seed)) if index == chosen)
            return {"choice": key} if isinstance(question, SingleChoice) else {"choices": [key]}
        case Numeric():
            return {"value": _slip(question, seed, pick)}
        case Cloze():
            names = list(question.blanks)
            right = {name: blank.accept.in_(lang)[0] for name, blank in question.blanks.items()}
            return {"blanks": right | {names[pick % len(names)]: "?"}}
        case Ordering():
            order = _in_order(question, seed)
            turn = 1 + pick % max(1, len(order) - 1)
            return {"order": order[turn:] + order[:turn]}
        case Matching():
            rights = shown_rights(question, seed)
            turn = 1 + pick % max(1, len(rights) - 1)
            return {
                "pairs": {
                    str(n): letter((rights.index(pair.right) + turn) % len(rights))
                    for n, pair in enumerate(question.pairs, 1)
                }
            }
        case Open():
            return {"text": "…", "points": []}
        case Flashcard() | Code():
            return {}
        case never:
            assert_never(never)


def _slip(question: Numeric, seed: int, pick: int) -> str:
    """What one of the named mistakes leads to; one more than the right value where none is named."""
    names = draw(question, seed)
    slips = []
    for mistake in question.mistakes:
        try:
            slips.append(format_number(Expression.parse(mistake.answer).evaluate(names)))
        except ExpressionError:
            continue  # it has no value for these numbers
    if slips:
        return slips[pick % len(slips)]
    answer = names["answer"]
    return format_number(answer + 1 + 10 * question.tolerance.abs) if isinstance(answer, int | float) else "0"


def _in_order(question: Ordering, seed: int) -> list[str]:
    keys = {index: key for key, index in _keyed(shown_items(question, seed))}
    return [keys[index] for index in range(len(question.items))]


def _keyed(shown: Sequence[int]) -> list[tuple[str, int]]:
    return [(letter(position), index) for position, index in enumerate(shown)]
