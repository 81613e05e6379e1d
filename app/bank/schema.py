"""The questions as values: one strict model a kind, and the topic map they hang on.

Owns what a well-formed question *is*. Where it came from (file, line) is the loader's, how it is drawn and shown is
`variants`' and `present`'s, and whether its claims are true is `authoring.check`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, Lang] = ("en", "zh")

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
FactRef = Annotated[str, StringConstraints(pattern=r"^([a-z0-9-]+/)?f[1-9][0-9]*$")]
ErratumId = Annotated[str, StringConstraints(pattern=r"^e[0-9]{3}$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=8_000)]
Source = Annotated[str, StringConstraints(max_length=100_000)]
Difficulty = Annotated[int, Field(ge=1, le=5)]

BLANK = re.compile(r"\[\[([a-z][a-z0-9_]*)\]\]")
NUMBERED = re.compile(r"-\d+$")


class Value(BaseModel):
    """Base of every bank value: immutable, strict about types, closed to unknown fields.

    Validate from JSON (`model_validate_json`): there pydantic's strict mode takes lists for tuples and strings for
    enums.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Text(Value):
    """One text in both languages: Markdown with `$…$` and `$$…$$` math."""

    en: Prose
    zh: Prose

    def in_(self, lang: Lang) -> str:
        return self.en if lang == "en" else self.zh


class Status(StrEnum):
    draft = "draft"
    ready = "ready"
    published = "published"
    retired = "retired"


class QuestionBase(Value):
    """What every kind has. `covers` names facts of the topic map: `f2`, or `other-topic/f2`."""

    id: Slug
    difficulty: Difficulty
    minutes: Annotated[float, Field(gt=0, le=90)]
    status: Status = Status.published
    prompt: Text
    covers: tuple[FactRef, ...] = ()
    sources: tuple[Line, ...] = Field(min_length=1)
    errata: tuple[ErratumId, ...] = ()
    erratum: Text | None = None
    tags: tuple[Slug, ...] = ()

    @model_validator(mode="after")
    def _erratum_has_ids(self) -> Self:
        if self.erratum is not None and not self.errata:
            raise ValueError("'erratum' is shown but 'errata' names none; list the ids it mends")
        return self


class Flashcard(QuestionBase):
    kind: Literal["flashcard"]
    answer: Text


class Option(Value):
    text: Text
    correct: bool = False
    why: Text
    erratum: ErratumId | None = None


class ChoiceBase(QuestionBase):
    """Options are shuffled by the variant's seed unless `shuffle` is false (for instance "all of the above" orders)."""

    options: tuple[Option, ...] = Field(min_length=2, max_length=8)
    shuffle: bool = True
    explanation: Text

    @model_validator(mode="after")
    def _options_differ(self) -> Self:
        for lang in LANGS:
            texts = [option.text.in_(lang).strip() for option in self.options]
            if len(set(texts)) != len(texts):
                raise ValueError(f"two options read the same in '{lang}'; reword or remove one")
        return self


class SingleChoice(ChoiceBase):
    kind: Literal["single-choice"]

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (n := sum(option.correct for option in self.options)) != 1:
            raise ValueError(f"a single-choice question has exactly one correct option, not {n}")
        return self


class MultiChoice(ChoiceBase):
    """Score: (right picks - wrong picks) / correct options, never below 0; correct only if the picks match exactly."""

    kind: Literal["multi-choice"]

    @model_validator(mode="after")
    def _at_least_one(self) -> Self:
        if not any(option.correct for option in self.options):
            raise ValueError("a multi-choice question needs at least one correct option")
        return self


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
            raise ValueError("a parameter has either 'choices' or 'range'")
        if self.range is not None and self.range[0] > self.range[1]:
            raise ValueError(f"the range is empty: {self.range[0]} > {self.range[1]}")
        if self.step <= 0:
            raise ValueError("'step' must be positive")
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


class Numeric(QuestionBase):
    """A number with fresh parameters. Texts may hold `@{expression}` or `@{expression:.3f}`.

    `params` are drawn by seed until `where` holds; `derived` names intermediate values, in order; `answer` is an
    expression over both. All variants are one memory.
    """

    kind: Literal["numeric"]
    params: dict[Identifier, Param] = Field(default_factory=dict)
    where: Line | None = None
    derived: dict[Identifier, Line] = Field(default_factory=dict)
    answer: Line
    tolerance: Tolerance
    unit: Text | None = None
    solution: Text
    mistakes: tuple[Mistake, ...] = ()
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


class Cloze(QuestionBase):
    """The prompt holds blanks as `[[name]]`, the same names in both languages (their order may differ)."""

    kind: Literal["cloze"]
    blanks: dict[Identifier, Blank] = Field(min_length=1)
    explanation: Text

    @model_validator(mode="after")
    def _blanks_match(self) -> Self:
        for lang in LANGS:
            found = BLANK.findall(self.prompt.in_(lang))
            if sorted(found) != sorted(self.blanks):
                raise ValueError(
                    f"prompt.{lang} has blanks {sorted(found)}, 'blanks' defines {sorted(self.blanks)}; "
                    "each must appear once"
                )
        return self


class Item(Value):
    text: Text
    why: Text


class Ordering(QuestionBase):
    """Items stand in their right order here and are shuffled for the learner."""

    kind: Literal["ordering"]
    items: tuple[Item, ...] = Field(min_length=3, max_length=10)
    explanation: Text


class Pair(Value):
    left: Text
    right: Text
    why: Text


class Matching(QuestionBase):
    """Left sides keep their order, right sides and decoys (that match nothing) are shuffled. Equal rights are one."""

    kind: Literal["matching"]
    pairs: tuple[Pair, ...] = Field(min_length=2, max_length=8)
    decoys: tuple[Text, ...] = Field(default=(), max_length=4)
    explanation: Text


class RubricPoint(Value):
    point: Text
    weight: Annotated[int, Field(ge=1, le=5)] = 1


class FollowUp(Value):
    ask: Text
    answer: Text


class Open(QuestionBase):
    kind: Literal["open"]
    model_answer: Text
    rubric: tuple[RubricPoint, ...] = Field(min_length=2, max_length=10)
    follow_ups: tuple[FollowUp, ...] = Field(min_length=1)


Lib = Literal["numpy", "torch"]
DtypeKind = Literal["float", "int", "bool", "any"]
Picture = Literal["none", "boxes", "heatmap", "matrix", "kernel", "indices", "curve"]


class Contract(Value):
    """How a returned value is compared. Shown to the learner.

    `dtype`: the kind every returned array must have (`float` also accepts integers where values agree; `int` and `bool`
    are exact kinds). `order`: `any` compares rows as a multiset. `mutation`: whether inputs may be changed in place.
    """

    dtype: DtypeKind = "float"
    rtol: Annotated[float, Field(ge=0)] = 1e-5
    atol: Annotated[float, Field(ge=0)] = 1e-6
    order: Literal["exact", "any"] = "exact"
    mutation: Literal["allowed", "forbidden"] = "forbidden"


class Limits(Value):
    """`time_s` is CPU seconds for one case; `memory_mib` what the submission may add to the warm interpreter."""

    time_s: Annotated[float, Field(gt=0, le=30)] = 2.0
    memory_mib: Annotated[int, Field(ge=16, le=2048)] = 256


class FailVerdict(StrEnum):
    wrong_answer = "wrong_answer"
    runtime_error = "runtime_error"
    compile_error = "compile_error"
    time_limit = "time_limit"
    memory_limit = "memory_limit"
    output_limit = "output_limit"
    forbidden = "forbidden"


class WrongSolution(Value):
    """A mistake people make, the verdict it must get, and what to tell a learner who made it."""

    name: Slug
    code: Source
    verdict: FailVerdict
    note: Text


class AcceptedSolution(Value):
    name: Slug
    code: Source


class Code(QuestionBase):
    """A function to write, graded in the sandbox.

    `cases` defines `cases(rng) -> list of dict(name, args, hidden=True, error=None)`: `rng` is a seeded
    `numpy.random.Generator`, `args` the positional arguments, `error` the name of the exception type that is due
    instead of a value. `case_titles` names the cases for the learner; `random-3` falls back to the title `random`.
    `picture` draws a failing case; `picture_args` names which arguments it needs, by role (for instance `boxes: 0`).
    `reveal_hidden_after`: tries after which a failing hidden case shows its input and picture; 0 shows them at once.
    """

    kind: Literal["code"]
    lib: Lib = "numpy"
    function: Identifier
    signature: Line
    contract: Contract = Contract()
    limits: Limits = Limits()
    allowed_imports: tuple[Line, ...] = ("math", "numpy")
    starter: Source
    reference: Source
    cases: Source
    case_titles: dict[Slug, Text] = Field(min_length=1)
    hints: tuple[Text, ...] = ()
    explanation: Text
    complexity: Text | None = None
    follow_ups: tuple[FollowUp, ...] = ()
    wrong: tuple[WrongSolution, ...] = Field(min_length=1)
    accepted: tuple[AcceptedSolution, ...] = ()
    picture: Picture = "none"
    picture_args: dict[Identifier, int] = Field(default_factory=dict)
    reveal_hidden_after: Annotated[int, Field(ge=0, le=100)] = 3

    def title_of_case(self, name: str) -> Text | None:
        return self.case_titles.get(name) or self.case_titles.get(NUMBERED.sub("", name))


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
