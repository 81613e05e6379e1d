"""The worked example of a coding question as a picture: its first visible case with a value due, and that value."""

from __future__ import annotations

from dataclasses import dataclass

from app.bank.schema import Code, Text
from app.grading import pictures
from app.grading.cases import VISIBLE_SEED, Runs, prepare
from app.grading.closeup import whole_args
from app.grading.pairs import Rule
from app.languages import Message


@dataclass(frozen=True)
class Example:
    """A case by its title, its arguments as text, and its result drawn (SVG)."""

    title: Text | None
    args: str
    picture: Message


def example_of(question: Code, sandbox: Runs) -> Example | None:
    """None where nothing can be drawn. Raises as `prepare` does."""
    if question.picture == "none":
        return None
    for case in prepare(question, sandbox, VISIBLE_SEED).visible:
        if case.error is None:
            due = case.expected
            if question.contract.answers == "any_of" and isinstance(due, list):
                due = due[0]
            rule = Rule(question.contract, case.args)
            subject = pictures.Subject(question.picture_args, due, due, rule, is_example=True)
            picture = pictures.draw(question.picture, subject)
            return Example(case.title, whole_args(case.args), picture) if picture else None
    return None
