"""What figures are made of: bounded numbers, labels in both languages, tones and shapes, expressions in x."""

from __future__ import annotations

import ast
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Discriminator, Field, StringConstraints, Tag

from app.bank.expressions import Expression, ExpressionError
from app.bank.schema.base import Misfit, Text, Value
from app.languages import phrase

Number = Annotated[float, Field(ge=-1e9, le=1e9)]
Share = Annotated[float, Field(ge=0, le=1)]
Point = tuple[Number, Number]
Tone = Literal["ink", "blue", "amber", "plum", "grey"]
Dash = Literal["solid", "dashed", "dotted"]
Side = Literal["right", "left", "above", "below"]
Anchor = Literal["start", "middle", "end"]
Shape = Literal["dot", "ring", "square", "diamond", "triangle", "cross"]


def plain_or_group(value: object) -> str:
    return "group" if isinstance(value, dict | BaseModel) else "plain"


def _in_x(source: str) -> str:
    try:
        parsed = Expression.parse(source)
    except ExpressionError as error:
        raise Misfit(error.told, phrase("see the expressions of numeric questions in questions/README.md")) from None
    if strange := parsed.names - {"x"}:
        raise Misfit(
            phrase("unknown name '%(strange)s'", strange=min(strange)), phrase("a curve's expression knows only x")
        )
    if any(isinstance(node, ast.comprehension) for node in ast.walk(parsed.tree)):
        raise Misfit(
            phrase("a loop in a curve's expression"), phrase("it is computed hundreds of times, so write it out")
        )
    return source


class Plain(Text):
    """A text as it stands: no Markdown, no LaTeX."""


class Words(Plain):
    """Short words in both languages."""

    en: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    zh: Annotated[str, StringConstraints(min_length=1, max_length=80)]


class Telling(Plain):
    """Sentences in both languages."""

    en: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    zh: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


Symbol = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Label = Annotated[
    Annotated[Symbol, Tag("plain")] | Annotated[Words, Tag("group")], Discriminator(plain_or_group)
]  # what both languages write alike may stand alone: "σ²", "3×3", "ReLU"
InX = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_in_x)]


class PanelBase(Value):
    """`title` stands above the panel, `note` below it."""

    title: Label | None = None
    note: Words | None = None


class Mark(Value):
    """A point of some shape, with a label on one side of it."""

    at: Point
    label: Label | None = None
    side: Side = "right"
    shape: Shape = "dot"
    tone: Tone = "ink"
