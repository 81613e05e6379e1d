"""What lies in a plane of pixels or cells: boxes, grids, and the block of a whole tensor."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from app.bank.schema.base import Misfit, Value
from app.bank.schema.figures.parts import Dash, Label, Mark, Number, PanelBase, Point, Share, Tone
from app.errors import N_
from app.languages import Phrase, phrase

Corners = tuple[Number, Number, Number, Number]


def _turned_right(corners: Corners) -> Corners:
    if corners[0] >= corners[2] or corners[1] >= corners[3]:
        raise Misfit(phrase("the second corner lies before the first"), phrase("swap the numbers"))
    return corners


Rectangle = Annotated[Corners, AfterValidator(_turned_right)]


class Box(Value):
    """`at`: [x1, y1, x2, y2]. `truth`, `kept` and `dropped` are what they say; `hull` encloses, `anchor` is a prior."""

    at: Rectangle
    label: Label | None = None
    score: Share | None = None
    look: Literal["plain", "kept", "dropped", "truth", "anchor", "hull"] = "plain"


class Boxes(PanelBase):
    """Rectangles in an image plane of `size` [width, height], y downwards. `overlaps` are pairs of box indices."""

    kind: Literal["boxes"]
    size: tuple[Annotated[float, Field(gt=0, le=10_000)], Annotated[float, Field(gt=0, le=10_000)]]
    boxes: tuple[Box, ...] = Field(min_length=1, max_length=40)
    overlaps: tuple[tuple[int, int], ...] = Field(default=(), max_length=10)
    spots: tuple[Mark, ...] = Field(default=(), max_length=60)
    cells: tuple[Annotated[int, Field(ge=1, le=20)], Annotated[int, Field(ge=1, le=20)]] | None = None

    @model_validator(mode="after")
    def _inside(self) -> Self:
        for pair in self.overlaps:
            if not all(0 <= index < len(self.boxes) for index in pair):
                raise Misfit(
                    phrase("'overlaps' names box %(number)s", number=max(pair)),
                    phrase("boxes are counted from 0 to %(last)s", last=len(self.boxes) - 1),
                )
        for spot in self.spots:
            if not (0 <= spot.at[0] <= self.size[0] and 0 <= spot.at[1] <= self.size[1]):
                raise Misfit(
                    phrase("a spot at [%(x)s, %(y)s] leaves the plane", x=f"{spot.at[0]:g}", y=f"{spot.at[1]:g}"),
                    phrase("write [x, y]"),
                )
        for index, box in enumerate(self.boxes):
            if min(box.at) < 0 or box.at[2] > self.size[0] or box.at[3] > self.size[1]:
                raise Misfit(
                    phrase("box %(number)s leaves the plane", number=index + 1), phrase("'size' is [width, height]")
                )
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
            raise Misfit(phrase("marked cells have either 'cells', or 'rows' and 'columns'"))
        if self.look == "window" and self.rows is None:
            raise Misfit(phrase("a window has 'rows' and 'columns'"))
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

    at: Rectangle
    split: tuple[Annotated[int, Field(ge=1, le=12)], Annotated[int, Field(ge=1, le=12)]] = (1, 1)
    tone: Tone = "ink"
    dash: Dash = "solid"


class GridLine(Value):
    points: tuple[Point, ...] = Field(min_length=2, max_length=20)
    tone: Tone = "ink"
    dash: Dash = "dashed"


class Grid(PanelBase):
    """Cells of `size` [rows, columns], or as `values` fill them, with `pad` rings of dashed cells round them. Frames,
    dots and lines are placed in cells: [0.5, 0.5] is the middle of the first one.

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
    dots: tuple[Mark, ...] = Field(default=(), max_length=40)
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
            raise Misfit(phrase("a grid has either 'size' or 'values'"))
        rows, columns = self.shape
        if any(len(row) != columns for row in self.values or ()):
            raise Misfit(
                phrase("the rows of 'values' are of different lengths"), phrase("write null for an empty cell")
            )
        for index, mark in enumerate(self.marks):
            if any(row >= rows + 2 * self.pad or column >= columns + 2 * self.pad for row, column in mark.all_cells()):
                raise Misfit(
                    phrase("mark %(number)s leaves the grid", number=index + 1),
                    phrase("cells are counted from 0, padding included"),
                )
        self._check_places(rows + 2 * self.pad, columns + 2 * self.pad)
        for msgid, heads, count in (
            (N_("%(heads)s row heads for %(count)s rows"), self.row_heads, rows),
            (N_("%(heads)s column heads for %(count)s columns"), self.column_heads, columns),
        ):
            if heads and len(heads) != count:
                raise Misfit(Phrase(msgid, {"heads": len(heads), "count": count}), phrase("give each one"))
        return self

    def _check_places(self, rows: int, columns: int) -> None:
        """Frames, dots and lines may stand out by a cell, to show what lies beside the grid."""
        places = [(phrase("dot"), dot.at) for dot in self.dots] + [
            ("lines", point) for it in self.lines for point in it.points
        ]
        places += [(phrase("frame"), corner) for frame in self.frames for corner in (frame.at[:2], frame.at[2:])]
        for what, (row, column) in places:
            if not (-1 <= row <= rows + 1 and -1 <= column <= columns + 1):
                raise Misfit(
                    phrase(
                        "a %(what)s at [%(row)s, %(column)s] leaves the grid",
                        what=what,
                        row=f"{row:g}",
                        column=f"{column:g}",
                    ),
                    phrase("write [row, column] in cells"),
                )


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
