"""The questions as values: one strict model a kind, and the topic map they hang on.

Owns what a well-formed question *is*. Where it came from (file, line) is the loader's, how it is drawn and shown is
`variants`' and `present`'s, and whether its claims are true is `authoring.check`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, StringConstraints, ValidationInfo, field_validator, model_validator

from app.bank.schema.base import (
    ErratumId,
    FollowUp,
    Identifier,
    Line,
    Misfit,
    Prose,
    QuestionBase,
    Slug,
    Source,
    Status,
    Text,
    Value,
)
from app.bank.schema.code import (
    AcceptedSolution,
    Code,
    Contract,
    FailVerdict,
    Lib,
    Limits,
    Picture,
    Ties,
    WrongSolution,
    may_import,
)
from app.bank.schema.figures import Figure
from app.languages import LANGS, Lang, phrase

__all__ = [
    "LANGS", "AcceptedSolution", "Code", "Contract", "FailVerdict", "Figure", "FollowUp", "Lang", "Lib", "Limits",
    "Line", "Picture", "Slug", "Status", "Text", "Ties", "Value", "WrongSolution", "may_import",
]  # fmt: skip  # beside what is defined here: what other packages take from this one

BLANK = re.compile(r"\[\[([a-z][a-z0-9_]*)\]\]")


class TheoryBase(QuestionBase):
    """Every kind but code may be drawn: `figure` stands with the question, `answer_figure` with its answer."""

    figure: Figure | None = None
    answer_figure: Figure | None = None


class Flashcard(TheoryBase):
    kind: Literal["flashcard"]
    answer: Text


class Option(Value):
    text: Text
    correct: bool = False
    why: Text
    erratum: ErratumId | None = None


class ChoiceBase(TheoryBase):
    """Options are shuffled by the variant's seed unless `shuffle` is false (for instance "all of the above" orders)."""

    options: tuple[Option, ...] = Field(min_length=2, max_length=8)
    shuffle: bool = True
    explanation: Text

    @field_validator("options")
    @classmethod
    def _options_differ(cls, options: tuple[Option, ...]) -> tuple[Option, ...]:
        for lang in LANGS:
            seen: dict[str, int] = {}
            for number, option in enumerate(options, start=1):
                first = seen.setdefault(option.text.in_(lang).strip(), number)
                if first != number:
                    raise Misfit(
                        phrase(
                            "options %(first)s and %(number)s read the same in '%(lang)s'",
                            first=first,
                            number=number,
                            lang=lang,
                        ),
                        phrase("reword or remove one"),
                    )
        return options


class SingleChoice(ChoiceBase):
    kind: Literal["single-choice"]

    @field_validator("options")
    @classmethod
    def _exactly_one(cls, options: tuple[Option, ...]) -> tuple[Option, ...]:
        if (n := sum(option.correct for option in options)) != 1:
            raise Misfit(
                phrase("a single-choice question has exactly one correct option, not %(n)s", n=n),
                phrase("write 'correct: true' at that one only, or make it multi-choice"),
            )
        return options


class MultiChoice(ChoiceBase):
    """Score: (right picks - wrong picks) / correct options, never below 0; correct only if the picks match exactly."""

    kind: Literal["multi-choice"]

    @field_validator("options")
    @classmethod
    def _at_least_one(cls, options: tuple[Option, ...]) -> tuple[Option, ...]:
        if not any(option.correct for option in options):
            raise Misfit(
                phrase("a multi-choice question needs at least one correct option"),
                phrase("write 'correct: true' at each right one"),
            )
        return options


MAX_DRAWN = 1e15  # up to which floats tell whole numbers apart
Scalar = int | float
Drawable = Scalar | str | tuple[Scalar | str | tuple[Scalar, ...], ...]


class Param(Value):
    """One drawn parameter: `choices: [...]`, or `range: [low, high]` (inclusive) with a `step` (default 1)."""

    choices: tuple[Drawable, ...] | None = Field(default=None, min_length=1)
    range: tuple[Scalar, Scalar] | None = None
    step: Scalar = 1

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.choices is None) == (self.range is None):
            raise Misfit(phrase("a parameter has either 'choices' or 'range'"))
        if self.range is not None and self.range[0] > self.range[1]:
            raise Misfit(phrase("the range is empty: %(low)s > %(high)s", low=self.range[0], high=self.range[1]))
        if self.step <= 0:
            raise Misfit(phrase("'step' must be positive"))
        if self.range is not None and max(map(abs, self.range)) > MAX_DRAWN:
            raise Misfit(
                phrase("a number of the range is too large"),
                phrase("at most %(max_drawn)s, either way", max_drawn=f"{MAX_DRAWN:.0e}"),
            )
        return self


class Tolerance(Value):
    """Accepted if |given - expected| <= abs + rel * |expected|. Both zero means exact."""

    abs: Annotated[float, Field(ge=0)] = 0.0
    rel: Annotated[float, Field(ge=0, lt=1)] = 0.0


class Oracle(Value):
    """Python that defines `oracle(**params) -> number`, run sandboxed by `whetstone check`, never for a learner."""

    lib: Literal["numpy", "torch"] = "numpy"
    code: Source


class Mistake(Value):
    """A wrong answer that people reach, as an expression, and the slip that leads to it."""

    answer: Line
    why: Text


class Numeric(TheoryBase):
    """A number with fresh parameters. Texts may hold `@{expression}` or `@{expression:.3f}`.

    `params` are drawn by seed until `where` holds; `derived` names intermediate values, in order; `answer` is an
    expression over both. All variants are one memory.
    """

    kind: Literal["numeric"]
    params: dict[Identifier, Param] = Field(default_factory=dict, max_length=50)
    where: Line | None = None
    derived: dict[Identifier, Line] = Field(default_factory=dict, max_length=50)
    answer: Line
    tolerance: Tolerance
    unit: Text | None = None
    solution: Text
    mistakes: tuple[Mistake, ...] = Field(default=(), max_length=50)
    oracle: Oracle | None = None


class Accepted(Value):
    en: tuple[Line, ...] = Field(min_length=1)
    zh: tuple[Line, ...] = Field(min_length=1)

    def in_(self, lang: Lang) -> tuple[str, ...]:
        return self.en if lang == "en" else self.zh


class Blank(Value):
    """`accept` lists the right fillings per language, the one to show first; a filling from either list is accepted."""

    accept: Accepted
    why: Text


class Cloze(TheoryBase):
    """The prompt holds blanks as `[[name]]`, the same names in both languages (their order may differ)."""

    kind: Literal["cloze"]
    blanks: dict[Identifier, Blank] = Field(min_length=1)
    explanation: Text

    @field_validator("blanks")
    @classmethod
    def _blanks_match(cls, blanks: dict[str, Blank], info: ValidationInfo) -> dict[str, Blank]:
        prompt: Text | None = info.data.get("prompt")  # none where it is unsound itself
        for lang, text in [(lang, prompt.in_(lang)) for lang in LANGS] if prompt else ():
            if sorted(found := BLANK.findall(text)) != sorted(blanks):
                raise Misfit(
                    phrase(
                        "prompt.%(lang)s has blanks %(found)s, 'blanks' defines %(blanks)s",
                        lang=lang,
                        found=sorted(found),
                        blanks=sorted(blanks),
                    ),
                    phrase("each must appear once"),
                )
        return blanks


class Item(Value):
    text: Text
    why: Text


class Ordering(TheoryBase):
    """Items stand in their right order here and are shuffled for the learner."""

    kind: Literal["ordering"]
    items: tuple[Item, ...] = Field(min_length=3, max_length=10)
    explanation: Text


class Pair(Value):
    left: Text
    right: Text
    why: Text


class Matching(TheoryBase):
    """Left sides keep their order, right sides and decoys (that match nothing) are shuffled. Equal rights are one."""

    kind: Literal["matching"]
    pairs: tuple[Pair, ...] = Field(min_length=2, max_length=8)
    decoys: tuple[Text, ...] = Field(default=(), max_length=4)
    explanation: Text


class RubricPoint(Value):
    point: Text
    weight: Annotated[int, Field(ge=1, le=5)] = 1


class Open(TheoryBase):
    kind: Literal["open"]
    model_answer: Text
    rubric: tuple[RubricPoint, ...] = Field(min_length=2, max_length=10)
    follow_ups: tuple[FollowUp, ...] = Field(min_length=1)


Question = Annotated[
    Flashcard | SingleChoice | MultiChoice | Numeric | Cloze | Ordering | Matching | Open | Code,
    Field(discriminator="kind"),
]
Kind = Literal["flashcard", "single-choice", "multi-choice", "numeric", "cloze", "ordering", "matching", "open", "code"]
KINDS: tuple[Kind, ...] = (
    "flashcard", "single-choice", "multi-choice", "numeric", "cloze", "ordering", "matching", "open", "code",
)  # fmt: skip


class TopicFile(Value):
    """One file of the bank: `questions/<area>/<topic>.yaml`."""

    topic: Slug
    questions: tuple[Question, ...] = Field(min_length=1)


class Area(Value):
    id: Slug
    title: Text


class Topic(Value):
    """One topic of the map; `facts` are what its questions must ask, `requires` the topics to know first."""

    id: Slug
    area: Slug
    title: Text
    kinds: tuple[Kind, ...]
    requires: tuple[Slug, ...] = ()
    facts: dict[Annotated[str, StringConstraints(pattern=r"^f[1-9][0-9]*$")], Prose]


class TopicMap(Value):
    areas: tuple[Area, ...]
    topics: tuple[Topic, ...]


class Erratum(Value):
    """A claim that popular notes make, and what is true instead. Raw material for distractors and notes, in English."""

    id: ErratumId
    says: Prose
    right: Prose
    source: Prose
    severity: Literal["wrong", "imprecise", "dated", "typo", "gap", "extraction"]
    topics: tuple[Slug, ...]


def texts(value: BaseModel, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Text]]:
    """Every bilingual text below `value`, with its path of field names, keys and indices."""
    if isinstance(value, Text):
        yield path, value
        return
    for name in type(value).model_fields:
        yield from _texts_of(getattr(value, name), (*path, name))


def _texts_of(child: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Text]]:
    if isinstance(child, BaseModel):
        yield from texts(child, path)
    elif isinstance(child, dict):
        for key, entry in child.items():
            yield from _texts_of(entry, (*path, key))
    elif isinstance(child, tuple):
        for index, entry in enumerate(child):
            yield from _texts_of(entry, (*path, index))
