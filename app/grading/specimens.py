"""A right answer and the wrong ones to each question, as a learner would give them: for whoever previews a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from app.bank.expressions import Expression, ExpressionError
from app.bank.present import as_title
from app.bank.schema import (
    LANGS,
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
    Text,
)
from app.bank.variants import draw, fill, letter, shown_items, shown_options, shown_rights
from app.grading.answers import grade_answer
from app.grading.numeric import format_number
from app.languages import Message, same

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


@dataclass(frozen=True)
class WrongAnswer:
    """A wrong answer by what it says. `key` names it while the question keeps its parts; `given` is {} for code."""

    key: str
    says: Message
    given: Answer


def wrong_answers(question: Question, seed: int, lang: Lang) -> list[WrongAnswer]:
    """What a learner may get wrong: each wrong option, each named mistake, each blank, neighbours swapped.

    Of code, the question's own wrong solutions. None where the learner judges alone. What comes out right for this seed
    is left out. Raises `NoDraw`, `ExpressionError`.
    """
    specimens = _specimens(question, seed, lang)
    if isinstance(question, Code):
        return specimens
    return [it for it in specimens if grade_answer(question, seed, it.given).correct is False]


def _specimens(question: Question, seed: int, lang: Lang) -> list[WrongAnswer]:
    match question:
        case SingleChoice() | MultiChoice():
            return _wrong_options(question, seed)
        case Numeric():
            return _slips(question, seed)
        case Cloze():
            right = {name: blank.accept.in_(lang)[0] for name, blank in question.blanks.items()}
            return [WrongAnswer(f"blank-{name}", same(f"{name}: ?"), {"blanks": right | {name: "?"}}) for name in right]
        case Ordering():
            return _misplaced(question, seed)
        case Matching():
            return _mismatched(question, seed)
        case Open():
            nothing = WrongAnswer(
                "nothing", Message("none of the points said", "一点都没说到"), {"text": "…", "points": []}
            )
            return [nothing] + [
                WrongAnswer(
                    f"point-{n + 1}",
                    Message("said only:", "只说到：") + _line(point.point),
                    {"text": "…", "points": [n]},
                )
                for n, point in enumerate(question.rubric)
            ]
        case Code():
            return [WrongAnswer(f"solution-{wrong.name}", _line(wrong.note), {}) for wrong in question.wrong]
        case Flashcard():
            return []
        case never:
            assert_never(never)


def _wrong_options(question: SingleChoice | MultiChoice, seed: int) -> list[WrongAnswer]:
    keys = {index: key for key, index in _keyed(shown_options(question, seed))}
    return [
        WrongAnswer(
            f"option-{index + 1}",
            _line(option.text),
            {"choice": keys[index]} if isinstance(question, SingleChoice) else {"choices": [keys[index]]},
        )
        for index, option in enumerate(question.options)
        if not option.correct
    ]


def _slips(question: Numeric, seed: int) -> list[WrongAnswer]:
    """What the named mistakes lead to, and a value that none of them explains."""
    names = draw(question, seed)
    slips = []
    for number, mistake in enumerate(question.mistakes, 1):
        try:
            value = format_number(Expression.parse(mistake.answer).evaluate(names))
            why = Message(*(as_title(fill(mistake.why.in_(lang), names)) for lang in LANGS))
        except ExpressionError:
            continue  # it has no value for these numbers
        says = Message(f"{value}: {why.en}", f"{value}：{why.zh}")
        slips.append(WrongAnswer(f"mistake-{number}", says, {"value": value}))
    answer = names["answer"]
    off = format_number(answer + 1 + 10 * question.tolerance.abs) if isinstance(answer, int | float) else "0"
    return [
        *slips,
        WrongAnswer("other", Message(f"{off}: no known mistake", f"{off}：不属于已知的错误"), {"value": off}),
    ]


def _misplaced(question: Ordering, seed: int) -> list[WrongAnswer]:
    """Each two neighbours in each other's place, and everything the wrong way round."""
    order = _in_order(question, seed)
    found = []
    for n in range(len(order) - 1):
        swapped = [*order[:n], order[n + 1], order[n], *order[n + 2 :]]
        first, second = (_line(item.text) for item in question.items[n : n + 2])
        says = Message(f"{second.en} before {first.en}", f"“{second.zh}”排在“{first.zh}”之前")
        found.append(WrongAnswer(f"swap-{n + 1}", says, {"order": swapped}))
    return [*found, WrongAnswer("reversed", Message("the wrong way round", "顺序完全颠倒"), {"order": order[::-1]})]


def _mismatched(question: Matching, seed: int) -> list[WrongAnswer]:
    """Each left side with the right side of the one after it, whose own place stays right."""
    rights = shown_rights(question, seed)
    right = {str(n): letter(rights.index(pair.right)) for n, pair in enumerate(question.pairs, 1)}
    found = []
    for n, pair in enumerate(question.pairs, 1):
        other = next((it.right for it in (*question.pairs[n:], *question.pairs) if it.right != pair.right), None)
        if other is None:
            continue
        left, taken = _line(pair.left), _line(other)
        pairs = right | {str(n): letter(rights.index(other))}
        found.append(
            WrongAnswer(f"pair-{n}", Message(f"{left.en} → {taken.en}", f"{left.zh} → {taken.zh}"), {"pairs": pairs})
        )
    return found


def _line(text: Text) -> Message:
    return Message(as_title(text.en), as_title(text.zh))


def _in_order(question: Ordering, seed: int) -> list[str]:
    keys = {index: key for key, index in _keyed(shown_items(question, seed))}
    return [keys[index] for index in range(len(question.items))]


def _keyed(shown: Sequence[int]) -> list[tuple[str, int]]:
    return [(letter(position), index) for position, index in enumerate(shown)]
