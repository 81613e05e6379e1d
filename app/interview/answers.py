"""The shape of an answer while it is being written: of the right types, but unfinished as it may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from app.bank.schema import (
    Cloze,
    Code,
    Flashcard,
    Matching,
    MultiChoice,
    Numeric,
    Open,
    Ordering,
    Question,
    SingleChoice,
)
from app.errors import N_, Invalid

MOST = 50  # of anything that is listed


def shaped(question: Question, answer: Mapping[str, object]) -> dict[str, Any]:
    """The parts of `answer` that the question's kind has, all there; Invalid if one is of another type.

    What the learner scores an open answer with is no part of it: that comes after the end.
    """
    match question:
        case SingleChoice():
            return {"choice": _text(answer, "choice")}
        case MultiChoice():
            return {"choices": _texts(answer, "choices")}
        case Numeric():
            return {"value": _text(answer, "value")}
        case Cloze():
            return {"blanks": _named(answer, "blanks")}
        case Ordering():
            return {"order": _texts(answer, "order")}
        case Matching():
            return {"pairs": _named(answer, "pairs")}
        case Open():
            return {
                "text": _text(answer, "text"),
                "on_paper": answer.get("on_paper") is True,
                "follow_ups": _texts(answer, "follow_ups"),
            }
        case Code():
            return {"code": _text(answer, "code")}
        case Flashcard():
            return {}
        case _:
            assert_never(question)


def _text(answer: Mapping[str, object], name: str) -> str:
    value = answer.get(name, "")
    if not isinstance(value, str):
        raise _unreadable(name)
    return value


def _texts(answer: Mapping[str, object], name: str) -> list[str]:
    value = answer.get(name, [])
    if not isinstance(value, list) or len(value) > MOST or not all(isinstance(it, str) for it in value):
        raise _unreadable(name)
    return value


def _named(answer: Mapping[str, object], name: str) -> dict[str, str]:
    value = answer.get(name, {})
    if not isinstance(value, Mapping) or len(value) > MOST or not all(isinstance(it, str) for it in value.values()):
        raise _unreadable(name)
    return dict(value)


def _unreadable(name: str) -> Invalid:
    return Invalid(N_("The part %(name)s of the answer is not what this kind of question takes."), name=name)
