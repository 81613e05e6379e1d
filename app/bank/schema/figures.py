"""What a figure is made of: panels of five kinds, each from bounded data and short plain labels.

Owns what a well-formed figure *is*; how it looks is `bank.figures`', and whether its labels fit is found there too.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, Discriminator, Field, StringConstraints, Tag, model_validator

from app.bank.expressions import Expression, ExpressionError
from app.bank.schema.base import Identifier, Text, Value

Number = Annotated[float, Field(ge=-1e9, le=1e9)]
Share = Annotated[float, Field(ge=0, le=1)]
Point = tuple[Number, Number]
Tone = Literal["ink", "blue", "amber", "plum", "grey"]
Dash = Literal["solid", "dashed", "dotted"]
Side = Literal["right", "left", "above", "below"]
Anchor = Literal["start", "middle", "end"]
Shape = Literal["dot", "ring", "square", "diamond", "triangle", "cross"]


def _plain_or_group(value: object) -> str:
    return "group" if isinstance(value, dict | BaseModel) else "plain"


def _in_x(source: str) -> str:
    try:
        strange = Expression.parse(source).names - {"x"}
    except ExpressionError as error:
        raise ValueError(f"{error}; see the expressions of numeric questions in questions/README.md") from None
    if strange:
        raise ValueError(f"unknown name '{min(strange)}'; a curve's expression knows only x")
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
    Annotated[Symbol, Tag("plain")] | Annotated[Words, Tag("group")], Discriminator(_plain_or_group)
]  # what both languages write alike may stand alone: "σ²", "3×3", "ReLU"
InX = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_in_x)]


class PanelBase(Value):
    """`title` stands above the panel, `note` below it."""

    title: Label | None = None
    note: Words | None = None


# --- plot


class TickAt(Value):
    at: Number
    label: Label


Tick = Annotated[Annotated[Number, Tag("plain")] | Annotated[TickAt, Tag("group")], Discriminator(_plain_or_group)]


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
            raise ValueError("the range is empty; write [low, high]")
        if self.scale == "log" and low <= 0:
            raise ValueError("a log axis begins above 0; raise the low end of 'range'")
        return self


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
            raise ValueError("a line has either 'points' or 'y'")
        if self.over is not None and (self.y is None or self.over[0] >= self.over[1]):
            raise ValueError("'over' is the stretch [low, high] of an expression 'y'")
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
            raise ValueError("'label' and 'label_at' go together")
        return self


class Scatter(Value):
    """Points of one class: its shape tells it apart, not its tone alone."""

    points: tuple[Point, ...] = Field(min_length=1, max_length=120)
    shape: Shape = "dot"
    tone: Tone = "ink"
    label: Label
    label_at: Point | None = None


class Mark(Value):
    at: Point
    label: Label | None = None
    side: Side = "right"
    shape: Shape = "dot"
    tone: Tone = "ink"


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
            raise ValueError("a guide has one of 'x', 'y' and 'through'")
        if self.through is not None and self.through[0] == self.through[1]:
            raise ValueError("'through' needs two different points")
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


# --- boxes

Corners = tuple[Number, Number, Number, Number]


def _turned_right(corners: Corners) -> Corners:
    if corners[0] >= corners[2] or corners[1] >= corners[3]:
        raise ValueError("its second corner lies before the first; write [x1, y1, x2, y2] with x1 < x2 and y1 < y2")
    return corners


Rectangle = Annotated[Corners, AfterValidator(_turned_right)]


class Box(Value):
    """`at`: [x1, y1, x2, y2]. `truth`, `kept` and `dropped` are what they say; `hull` encloses, `anchor` is a prior."""

    at: Rectangle
    label: Label | None = None
    score: Share | None = None
    look: Literal["plain", "kept", "dropped", "truth", "anchor", "hull"] = "plain"


class Spot(Value):
    at: Point
    label: Label | None = None
    side: Side = "right"


class Boxes(PanelBase):
    """Rectangles in an image plane of `size` [width, height], y downwards. `overlaps` are pairs of box indices."""

    kind: Literal["boxes"]
    size: tuple[Annotated[float, Field(gt=0, le=10_000)], Annotated[float, Field(gt=0, le=10_000)]]
    boxes: tuple[Box, ...] = Field(min_length=1, max_length=40)
    overlaps: tuple[tuple[int, int], ...] = Field(default=(), max_length=10)
    spots: tuple[Spot, ...] = Field(default=(), max_length=60)
    cells: tuple[Annotated[int, Field(ge=1, le=20)], Annotated[int, Field(ge=1, le=20)]] | None = None

    @model_validator(mode="after")
    def _inside(self) -> Self:
        for pair in self.overlaps:
            if not all(0 <= index < len(self.boxes) for index in pair):
                raise ValueError(f"'overlaps' names box {max(pair)}; boxes are counted from 0 to {len(self.boxes) - 1}")
        for index, box in enumerate(self.boxes):
            if min(box.at) < 0 or box.at[2] > self.size[0] or box.at[3] > self.size[1]:
                raise ValueError(f"box {index + 1} leaves the plane; 'size' is [width, height]")
        return self


# --- grid

Count = Annotated[int, Field(ge=1, le=24)]
Place = Annotated[int, Field(ge=0, le=23)]
Cell = Number | Annotated[str, StringConstraints(min_length=1, max_length=12)] | None


class Marked(Value):
    """Cells in a look: listed as [row, column], or every `every`-th of the `rows` and `columns` [first, last].

    `window` is an outline round `rows` and `columns`.
    """

    cells: tuple[tuple[Place, Place], ...] | None = Field(default=None, min_length=1, max_length=200)
    rows: tuple[Place, Place] | None = None
    columns: tuple[Place, Place] | None = None
    every: Annotated[int, Field(ge=1, le=12)] = 1
    look: Literal["filled", "faint", "amber", "empty", "window"] = "filled"

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.rows is None) != (self.columns is None) or (self.rows is None) == (self.cells is None):
            raise ValueError("marked cells have either 'cells', or 'rows' and 'columns'")
        if self.look == "window" and self.rows is None:
            raise ValueError("a window has 'rows' and 'columns'")
        return self

    def all_cells(self) -> list[tuple[int, int]]:
        if self.cells is not None:
            return list(self.cells)
        (top, bottom), (left, right) = self.rows or (0, -1), self.columns or (0, -1)
        return [
            (row, column) for row in range(top, bottom + 1, self.every) for column in range(left, right + 1, self.every)
        ]


class Frame(Value):
    """A rectangle in cell units, `at` [top, left, bottom, right], cut into `split` [rows, columns]."""

    at: Corners
    split: tuple[Annotated[int, Field(ge=1, le=12)], Annotated[int, Field(ge=1, le=12)]] = (1, 1)
    tone: Tone = "ink"
    dash: Dash = "solid"


class GridDot(Value):
    """A point in cell units: [0.5, 0.5] is the middle of the first cell."""

    at: Point
    label: Label | None = None
    side: Side = "right"
    shape: Shape = "dot"
    tone: Tone = "ink"


class GridLine(Value):
    points: tuple[Point, ...] = Field(min_length=2, max_length=20)
    tone: Tone = "ink"
    dash: Dash = "dashed"


class Grid(PanelBase):
    """Cells of `size` [rows, columns], or as `values` fill them; `pad` rings of dashed cells round them.

    `heat` shades each cell by its value; `cell` is the largest side of a cell.
    """

    kind: Literal["grid"]
    size: tuple[Count, Count] | None = None
    values: tuple[Annotated[tuple[Cell, ...], Field(min_length=1, max_length=24)], ...] | None = Field(
        default=None, min_length=1, max_length=24
    )
    heat: bool = False
    pad: Annotated[int, Field(ge=0, le=4)] = 0
    marks: tuple[Marked, ...] = Field(default=(), max_length=20)
    frames: tuple[Frame, ...] = Field(default=(), max_length=10)
    dots: tuple[GridDot, ...] = Field(default=(), max_length=40)
    lines: tuple[GridLine, ...] = Field(default=(), max_length=20)
    row_heads: tuple[Label, ...] = Field(default=(), max_length=24)
    column_heads: tuple[Label, ...] = Field(default=(), max_length=24)
    cell: Annotated[int, Field(ge=8, le=60)] = 28

    @property
    def shape(self) -> tuple[int, int]:
        return self.size or (len(self.values or ()), len((self.values or ((),))[0]))

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.size is None) == (self.values is None):
            raise ValueError("a grid has either 'size' or 'values'")
        rows, columns = self.shape
        if any(len(row) != columns for row in self.values or ()):
            raise ValueError("the rows of 'values' are of different lengths; write null for an empty cell")
        for index, mark in enumerate(self.marks):
            if any(row >= rows + 2 * self.pad or column >= columns + 2 * self.pad for row, column in mark.all_cells()):
                raise ValueError(f"mark {index + 1} leaves the grid; cells are counted from 0, padding included")
        for name, heads, count in (("row", self.row_heads, rows), ("column", self.column_heads, columns)):
            if heads and len(heads) != count:
                raise ValueError(f"{len(heads)} {name} heads for {count} {name}s; give each one")
        return self


# --- blocks


class Node(Value):
    """`at` is [row, column], rows whole; a node is `wide` columns wide. `second` is its second line."""

    id: Identifier
    at: tuple[Annotated[int, Field(ge=0, le=15)], Annotated[float, Field(ge=0, le=11)]]
    text: Label
    second: Label | None = None
    look: Literal["conv", "norm", "act", "pool", "data", "loss", "round"] = "conv"
    wide: Annotated[float, Field(ge=0.2, le=8)] = 1


class Edge(Value):
    """Arrows along a `chain` of node ids. `via` leads them round the nodes between, on that side; `corners: 1` into the
    side of a node in another row and column."""

    chain: tuple[Identifier, ...] = Field(min_length=2, max_length=24)
    via: Side | None = None
    corners: Literal[1] | None = None
    label: Label | None = None
    dash: Dash = "solid"
    tone: Tone = "ink"


class Group(Value):
    """A dashed frame round nodes, with a label at its top left."""

    nodes: tuple[Identifier, ...] = Field(min_length=1, max_length=24)
    label: Label


class Blocks(PanelBase):
    """A graph laid out by hand: nodes in rows and columns, edges between them."""

    kind: Literal["blocks"]
    nodes: tuple[Node, ...] = Field(min_length=1, max_length=40)
    edges: tuple[Edge, ...] = Field(default=(), max_length=60)
    groups: tuple[Group, ...] = Field(default=(), max_length=6)

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        known = [node.id for node in self.nodes]
        if len(set(known)) < len(known):
            raise ValueError("two nodes have one id; give each its own")
        named = [name for edge in self.edges for name in edge.chain] + [n for group in self.groups for n in group.nodes]
        if strange := [name for name in named if name not in known]:
            raise ValueError(f"no node is named '{strange[0]}'; nodes: {', '.join(known)}")
        for edge in self.edges:
            if any(one == other for one, other in pairwise(edge.chain)):
                raise ValueError(f"an edge from '{edge.chain[0]}' to itself; name two different nodes")
        return self


# --- cube

Side8 = Annotated[int, Field(ge=1, le=8)]
Chosen = Annotated[tuple[Annotated[int, Field(ge=0, le=7)], ...], Field(min_length=1, max_length=8)]


class Cube(PanelBase):
    """A tensor block of `n` × `c` × `hw` cells; those in `of_n`, `of_c`, `of_hw` (left out: all) are marked."""

    kind: Literal["cube"]
    n: Side8 = 4
    c: Side8 = 6
    hw: Side8 = 4
    of_n: Chosen | None = None
    of_c: Chosen | None = None
    of_hw: Chosen | None = None


# --- the whole

Panel = Annotated[Plot | Boxes | Grid | Blocks | Cube, Field(discriminator="kind")]
PANEL_KINDS = ("plot", "boxes", "grid", "blocks", "cube")


class Figure(Value):
    """Panels, `columns` of them a row (default: all in one). `alt` tells who can't see it what it shows.

    `joins` are signs between one panel and the next, such as "→"; `cones` leads lines from each grid's first window to
    the next one's, for receptive fields.
    """

    alt: Telling
    caption: Text | None = None
    columns: Annotated[int, Field(ge=1, le=4)] | None = None
    joins: tuple[Annotated[str, StringConstraints(max_length=3)], ...] = Field(default=(), max_length=5)
    cones: bool = False
    panels: tuple[Panel, ...] = Field(min_length=1, max_length=6)

    @model_validator(mode="after")
    def _joins_fit(self) -> Self:
        if self.joins and len(self.joins) != len(self.panels) - 1:
            raise ValueError(f"{len(self.joins)} joins for {len(self.panels)} panels; one between each two")
        return self
