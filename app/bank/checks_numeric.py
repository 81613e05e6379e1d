"""Checks of a numeric question: every expression reads, knows its names, and has a value for every variant tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from app.bank.bounds import is_finite
from app.bank.expressions import Expression, ExpressionError, Work
from app.bank.findings import Complaint, near
from app.bank.markup import math_errors
from app.bank.schema import LANGS, Numeric, texts
from app.bank.variants import NoDraw, draw, fill, placeholders
from app.bank.yaml_source import PathKey
from app.languages import NOTHING, Phrase, phrase

SEEDS = range(20)
MAX_STEPS = 2_000_000  # of all placeholders and mistakes for all of them together: about a second


def numeric_complaints(question: Numeric) -> Iterator[Complaint]:
    """Names first; only expressions whose names are sound are tried on `SEEDS`."""
    found = list(_name_complaints(question))
    yield from found or _variant_complaints(question)


def _name_complaints(question: Numeric) -> Iterator[Complaint]:
    known = set(question.params)
    if question.where is not None:
        yield from _expression_complaints(("where",), question.where, known, phrase("'where' knows the params only"))
    for name, expression in question.derived.items():
        if name in known or name == "answer":
            yield Complaint(
                ("derived", name), phrase("the name '%(name)s' is taken", name=name), phrase("give it another name")
            )
        yield from _expression_complaints(("derived", name), expression, known)
        known.add(name)
    yield from _expression_complaints(("answer",), question.answer, known)
    for index, mistake in enumerate(question.mistakes):
        yield from _expression_complaints(("mistakes", index, "answer"), mistake.answer, known | {"answer"})
    for path, text in texts(question):
        for lang in LANGS:
            in_prompt = path[:1] == ("prompt",)
            yield from _text_complaints((*path, lang), text.in_(lang), known if in_prompt else known | {"answer"})


def _expression_complaints(
    path: PathKey, source: str, known: Set[str], why: Phrase = NOTHING, offset: int = 0
) -> Iterator[Complaint]:
    try:
        parsed = Expression.parse(source)
    except ExpressionError as error:
        yield Complaint(
            path,
            phrase("'%(source)s': %(error)s", source=source, error=error),
            phrase("mend the expression"),
            offset + error.column - 1,
        )
        return
    for name in sorted(parsed.names - known):
        mend = (
            why
            or near(name, known)
            or phrase("known here: %(names)s", names=", ".join(sorted(known)) or phrase("none"))
        )
        yield Complaint(
            path,
            phrase("unknown name '%(name)s' in '%(source)s'", name=name, source=source),
            mend,
            offset + parsed.column_of(name) - 1,
        )


def _text_complaints(path: PathKey, text: str, known: Set[str]) -> Iterator[Complaint]:
    try:
        for start, expression, _ in placeholders(text):
            yield from _expression_complaints(path, expression, known, offset=start)
    except ExpressionError as error:
        yield Complaint(
            path,
            phrase("placeholder: %(error)s", error=error),
            phrase("write @{name} or @{expression:.2f}"),
            error.column - 1,
        )


def _variant_complaints(question: Numeric) -> Iterator[Complaint]:
    drawn: list[dict[str, object]] = []
    for seed in SEEDS:
        try:
            drawn.append(draw(question, seed))
        except NoDraw as error:
            yield Complaint(("where",), error.told, phrase("loosen it or widen the params"))
            return
        except ExpressionError as error:
            yield Complaint(
                ("answer",),
                phrase("seed %(seed)s has no value: %(error)s", seed=seed, error=error),
                phrase("exclude such params by 'where'"),
            )
            return
    for seed, names in zip(SEEDS, drawn, strict=True):
        if not is_finite(names["answer"]):
            message = phrase(
                "the answer for seed %(seed)s is %(answer)s, not a number", seed=seed, answer=repr(names["answer"])
            )
            yield Complaint(("answer",), message, phrase("make the expression a number"))
            return
    work = Work(MAX_STEPS)
    yield from _filling_complaints(question, drawn, work)
    yield from _mistake_complaints(question, drawn, work)


def _filling_complaints(question: Numeric, drawn: Sequence[dict[str, object]], work: Work) -> Iterator[Complaint]:
    for path, text in texts(question):
        for lang in LANGS:
            for names in drawn if "@{" in text.in_(lang) else ():
                try:
                    filled = fill(text.in_(lang), names, work)
                except ExpressionError as error:
                    yield Complaint(
                        (*path, lang),
                        phrase("placeholder: %(error)s", error=error),
                        phrase("mend the expression"),
                        error.column - 1,
                    )
                    break
                if "$" in filled and (errors := math_errors(filled)):
                    message = phrase("bad LaTeX once filled: %(why)s", why=errors[0][1])
                    yield Complaint((*path, lang), message, phrase("mend the formula or the format of its number"))
                    break


def _mistake_complaints(question: Numeric, drawn: Sequence[dict[str, object]], work: Work) -> Iterator[Complaint]:
    """A slip may lead nowhere, or by luck to the right value, for some variants but not for all of them."""
    for index, mistake in enumerate(question.mistakes):
        expression = Expression.parse(mistake.answer)
        if all(_is_no_slip(expression, names, work) for names in drawn):
            message = phrase("'%(answer)s' is the right value, or none, for every variant tried", answer=mistake.answer)
            yield Complaint(("mistakes", index, "answer"), message, phrase("mend or remove it"))


def _is_no_slip(expression: Expression, names: dict[str, object], work: Work) -> bool:
    try:
        value = expression.evaluate(names, work)
    except ExpressionError:
        return True
    return not is_finite(value) or value == names["answer"]
