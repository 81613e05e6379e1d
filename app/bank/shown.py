"""The values a learner is shown: a question before it is answered, and what is revealed afterwards. JSON-safe.

Keys are what is shown: options, items and right sides are `A`, `B`, … in shown order, left sides `1`, `2`, ….
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from app.bank.schema import Contract, Kind, Lang, Lib, Limits, Tolerance


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Keyed(_Shown):
    """Something to choose or move, by its key."""

    key: str
    html: str


class Drawn(_Shown):
    """A figure as HTML, for the style sheet's classes; `alt` tells in words what it shows."""

    html: str
    alt: str


class Segment(_Shown):
    """A stretch of a cloze prompt: HTML, or the name of a blank."""

    html: str | None = None
    blank: str | None = None


class CodeTask(_Shown):
    """What a coding question asks for and under which rules. `hints` counts them."""

    lib: Lib
    function: str
    signature: str
    starter: str
    contract: Contract
    limits: Limits
    allowed_imports: tuple[str, ...]
    hints: int
    forbidden_calls: tuple[str, ...] = ()


class Presented(_Shown):
    """A question before it is answered. Lists that the kind has no use for are empty."""

    id: str
    kind: Kind
    area: str
    area_title: str
    topic: str
    topic_title: str
    difficulty: int
    minutes: float
    lang: Lang
    seed: int
    title: str
    prompt_html: str
    figure: Drawn | None = None
    options: tuple[Keyed, ...] = ()
    items: tuple[Keyed, ...] = ()
    lefts: tuple[Keyed, ...] = ()
    rights: tuple[Keyed, ...] = ()
    segments: tuple[Segment, ...] = ()
    unit_html: str | None = None
    tolerance: Tolerance | None = None
    rubric_points: int = 0
    code: CodeTask | None = None


class RevealedOption(Keyed):
    correct: bool
    why_html: str


class RevealedItem(Keyed):
    why_html: str


class RevealedPair(_Shown):
    left: str
    right: str
    why_html: str


class RevealedBlank(_Shown):
    name: str
    accepted: tuple[str, ...]
    why_html: str


class RubricLine(_Shown):
    html: str
    weight: int


class Asked(_Shown):
    """A follow-up question of the interviewer."""

    ask_html: str
    answer_html: str


class Revealed(_Shown):
    """What is shown after answering."""

    answer_html: str | None = None
    explanation_html: str | None = None
    figure: Drawn | None = None
    options: tuple[RevealedOption, ...] = ()
    order: tuple[RevealedItem, ...] = ()
    pairs: tuple[RevealedPair, ...] = ()
    blanks: tuple[RevealedBlank, ...] = ()
    rubric: tuple[RubricLine, ...] = ()
    follow_ups: tuple[Asked, ...] = ()
    sources: tuple[str, ...] = ()
    erratum_html: str | None = None
    reference: str | None = None
    complexity_html: str | None = None
