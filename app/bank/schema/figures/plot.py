"""A plot: axes, and what is drawn between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from app.bank.schema.base import Misfit, Value
from app.bank.schema.figures.parts import (
    Anchor,
    Dash,
    InX,
    Label,
    Mark,
    Number,
    PanelBase,
    Point,
    Shape,
    Side,
    Tone,
    plain_or_group,
)
from app.languages import Phrase, phrase


class TickAt(Value):
    at: Number
    label: Label


Tick = Annotated[Annotated[Number, Tag("plain")] | Annotated[TickAt, Tag("group")], Discriminator(plain_or_group)]


class Axis(Value):
    """`ticks` are found if left out; an empty list makes the plot a sketch, whose values mean nothing."""

    label: Label | None = None
    range: Point
    scale: Literal["linear", "log"] = "linear"
    ticks: tuple[Tick, ...] | None = Field(default=None, max_length=12)

    @model_validator(mode="after")
    def _runs_upwards(self) -> Self:
        low, high = self.range
        if not low < high or (high - low) < 1e-9 * max(abs(low), abs(high)):
            raise Misfit(phrase("the range is empty"), phrase("write [low, high]"))
        if self.scale == "log" and low <= 0:
            raise Misfit(phrase("a log axis begins above 0"), phrase("raise the low end of 'range'"))
        for tick in self.ticks or ():
            if (at := tick.at if isinstance(tick, TickAt) else tick) not in self:
                raise Misfit(
                    phrase("the tick %(at)s lies outside of the axis", at=f"{at:g}"),
                    phrase("'range' is [%(low)s, %(high)s]", low=f"{low:g}", high=f"{high:g}"),
                )
        return self

    def __contains__(self, value: float) -> bool:
        return self.range[0] <= value <= self.range[1]


class Run(Value):
    """A line in a plot: `points`, or `y` as an expression in x with `samples` `over` a stretch (default: the axis)."""

    points: tuple[Point, ...] | None = Field(default=None, min_length=2, max_length=200)
    y: InX | None = None
    over: Point | None = None
    samples: Annotated[int, Field(ge=2, le=200)] = 81
    step: bool = False

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.points is None) == (self.y is None):
            raise Misfit(phrase("a line has either 'points' or 'y'"))
        if self.over is not None and (self.y is None or self.over[0] >= self.over[1]):
            raise Misfit(phrase("'over' is the stretch [low, high] of an expression 'y'"))
        return self


class Curve(Run):
    """Named at its end; or at `label_at`, where the name has its `anchor`. `step` holds each value until the next."""

    label: Label
    label_at: Point | None = None
    anchor: Anchor = "start"
    tone: Tone | None = None
    dash: Dash = "solid"


class Area(Run):
    """Shaded from a line down to (or up to) `to`."""

    to: InX = "0"
    label: Label | None = None
    label_at: Point | None = None
    tone: Tone = "blue"

    @model_validator(mode="after")
    def _label_is_placed(self) -> Self:
        if (self.label is None) != (self.label_at is None):
            raise Misfit(phrase("'label' and 'label_at' go together"))
        return self


class Scatter(Value):
    """Points of one class: its shape tells it apart, not its tone alone."""

    points: tuple[Point, ...] = Field(min_length=1, max_length=120)
    shape: Shape = "dot"
    tone: Tone = "ink"
    label: Label
    label_at: Point | None = None


class Guide(Value):
    """A line across the plot at `x`, at `y`, or `through` two points."""

    x: Number | None = None
    y: Number | None = None
    through: tuple[Point, Point] | None = None
    label: Label | None = None
    side: Side = "right"
    tone: Tone = "grey"
    dash: Dash = "dashed"

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if sum(form is not None for form in (self.x, self.y, self.through)) != 1:
            raise Misfit(phrase("a guide has one of 'x', 'y' and 'through'"))
        if self.through is not None and self.through[0] == self.through[1]:
            raise Misfit(phrase("'through' needs two different points"))
        return self


class Arrow(Value):
    tail: Point
    head: Point
    label: Label | None = None
    side: Side = "right"
    tone: Tone = "ink"


class Plot(PanelBase):
    """`equal` draws both axes to one scale; else `height` says how high the plot is."""

    kind: Literal["plot"]
    x: Axis
    y: Axis
    curves: tuple[Curve, ...] = Field(default=(), max_length=8)
    areas: tuple[Area, ...] = Field(default=(), max_length=4)
    scatter: tuple[Scatter, ...] = Field(default=(), max_length=6)
    marks: tuple[Mark, ...] = Field(default=(), max_length=16)
    guides: tuple[Guide, ...] = Field(default=(), max_length=10)
    arrows: tuple[Arrow, ...] = Field(default=(), max_length=10)
    height: Annotated[int, Field(ge=60, le=280)] = 170
    equal: bool = False

    @model_validator(mode="after")
    def _inside(self) -> Self:
        for what, (x, y) in self._places():
            if x not in self.x or y not in self.y:
                raise Misfit(
                    phrase("%(what)s at [%(x)s, %(y)s] lies outside of the axes", what=what, x=f"{x:g}", y=f"{y:g}"),
                    phrase("widen a 'range' or move it"),
                )
        return self

    def _places(self) -> Iterator[tuple[Phrase, Point]]:
        """Every place that must lie within the axes; curves, areas and guides through points are cut at them."""
        for index, scatter in enumerate(self.scatter, start=1):
            yield from ((phrase("a point of scatter %(number)s", number=index), point) for point in scatter.points)
        yield from (
            (phrase("mark %(number)s", number=index), mark.at) for index, mark in enumerate(self.marks, start=1)
        )
        for index, arrow in enumerate(self.arrows, start=1):
            yield from ((phrase("an end of arrow %(number)s", number=index), end) for end in (arrow.tail, arrow.head))
        for index, guide in enumerate(self.guides, start=1):
            x = self.x.range[0] if guide.x is None else guide.x
            yield phrase("guide %(number)s", number=index), (x, self.y.range[0] if guide.y is None else guide.y)
        labels = [it.label_at for it in self.curves] + [it.label_at for it in self.areas]
        labels += [it.label_at for it in self.scatter]
        yield from ((phrase("a label"), at) for at in labels if at is not None)
