"""Panels of cells: a window of an array as heat, with its numbers where they fit, its indices along the edges.

A cell's strength is its size relative to the panel's scale, in `LEVELS` steps; its colour and, without a number, a
stroke through it say that it is negative; a cross, that it is not finite.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

import numpy as np

from app.drawing.numbers import number
from app.drawing.sheet import SMALL, TEXT, Sheet, at, width_of
from app.grading.arrays import Array
from app.grading.pairs import Floats, Index, Mask
from app.languages import Message, same

_Cell = TypeVar("_Cell", int, str)
Ring = tuple[int, int, str]  # row and column in a window, and what the ring marks

LEVELS = 8
DEEP = 4  # up to this level a mark on the cell is ink, beyond it paper
HEAD = 30.0  # above a panel's cells: its title and the column indices
MINUS_FROM = 6.0  # the smallest cell that has room for a stroke
TICK_ROOM = 13.0
LEAST_WITH_NUMBER = 17.0  # a cell's width
_STEPS = [digit * 10**power for power in range(20) for digit in (1, 2, 5)]
_THIN = ' vector-effect="non-scaling-stroke"'


@dataclass(frozen=True)
class Window:
    """Rows and columns of a plane, from `top` and `left` on."""

    top: int
    left: int
    rows: int
    columns: int

    def of(self, plane: Array) -> Array:
        return plane[self.top : self.top + self.rows, self.left : self.left + self.columns]

    def inside(self, index: Index) -> tuple[int, int] | None:
        """Where a plane's index falls in the window, if it does."""
        row, column = index[0] - self.top, index[1] - self.left
        return (row, column) if 0 <= row < self.rows and 0 <= column < self.columns else None


def window_round(shape: Index, focus: Index, most: Index) -> Window:
    """The window of at most `most` rows and columns with `focus` as near its middle as the edges allow."""
    rows, columns = (min(size, limit) for size, limit in zip(shape, most, strict=True))
    top, left = (
        min(max(place - size // 2, 0), whole - size)
        for place, size, whole in zip(focus, (rows, columns), shape, strict=True)
    )
    return Window(top, left, rows, columns)


@dataclass(frozen=True)
class Look:
    """How cells are drawn: their size, and the digits and text size of their numbers (None: heat alone)."""

    width: float
    height: float
    numbers: tuple[int, float] | None = None


@dataclass(frozen=True)
class Panel:
    """`values` are the window's; `rings` mark cells of it by kind; `scale` is the magnitude of full strength.

    `halved`: lines through the middle, for a symmetry to be seen. `blank_zeros`: no number where all is well.
    """

    title: Message
    values: Floats
    window: Window
    scale: float
    rings: tuple[Ring, ...] = ()
    rows_named: bool = True
    halved: bool = False
    blank_zeros: bool = False


def fitting(values: list[Floats], width: float) -> tuple[int, float] | None:
    """The most digits and the largest text with which every number fits its cell; None if none does."""
    if width < LEAST_WITH_NUMBER:
        return None
    for digits, size in ((4, SMALL + 1), (3, SMALL + 1), (3, SMALL), (2, SMALL), (2, SMALL - 0.5)):
        texts = (number(value, digits) for each in values for value in each.ravel().tolist())
        if all(width_of(text, size) <= width - 3 for text in texts):
            return digits, size
    return None


def gutter_of(window: Window) -> float:
    """The room that row indices need left of the cells."""
    return width_of(str(window.top + window.rows - 1), SMALL) + 5


def largest(values: Floats) -> float:
    """The largest finite magnitude; 1 if there is none but 0."""
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0


def draw_panel(sheet: Sheet, panel: Panel, left: float, top: float, look: Look) -> float:
    """Draw it with its title at `left`, `top`; how far down it reaches."""
    rows, columns = panel.window.rows, panel.window.columns
    x, y = left + (gutter_of(panel.window) if panel.rows_named else 0), top + HEAD
    sheet.say(left, top + TEXT, panel.title)
    if not panel.values.size:
        sheet.say(left, y, Message("no entries", "没有元素"), SMALL, kind="soft")
        return y
    draw_axes(sheet, panel.window, x, y, look, rows_named=panel.rows_named)
    draw_heat(sheet, panel.values, panel.scale, x, y, look, blank_zeros=panel.blank_zeros)
    draw_frame(sheet, (rows, columns), x, y, look)
    if panel.halved:
        _draw_middles(sheet, x, y, columns * look.width, rows * look.height, look)
    draw_rings(sheet, panel.rings, x, y, look)
    return y + rows * look.height


def draw_axes(sheet: Sheet, window: Window, x: float, y: float, look: Look, *, rows_named: bool = True) -> None:
    """Indices along the top and the left edge, as many as there is room for."""
    widest = width_of(str(window.left + window.columns), SMALL) + 4
    columns = _ticks(window.left, window.columns, look.width, widest)
    middles = [(x + (place - window.left + 0.5) * look.width, y - 4, str(place)) for place in columns]
    sheet.numbers(middles, kind="soft")
    if rows_named:
        rows = _ticks(window.top, window.rows, look.height, TICK_ROOM)
        base = y + look.height / 2 + SMALL * 0.35
        names = [(x - 4, base + (place - window.top) * look.height, str(place)) for place in rows]
        sheet.numbers(names, anchor="end", kind="soft")


def _ticks(start: int, count: int, size: float, room: float) -> list[int]:
    """Indices to name: every one, or every second, fifth, tenth … where they would touch."""
    step = next(step for step in _STEPS if step * size >= room)
    return [place for place in range(start, start + count) if place % step == 0] or [start]


def draw_frame(sheet: Sheet, shape: Index, x: float, y: float, look: Look) -> None:
    """The outline of the cells, and lines between those with numbers."""
    rows, columns = shape
    width, height = columns * look.width, rows * look.height
    sheet.rect(x, y, width, height, "grid")
    if look.numbers:
        lines = [f"M{x:.1f} {y + row * look.height:.1f}h{width:.1f}" for row in range(1, rows)]
        lines += [f"M{x + column * look.width:.1f} {y:.1f}v{height:.1f}" for column in range(1, columns)]
        sheet.path("".join(lines), "grid")


def _draw_middles(sheet: Sheet, x: float, y: float, width: float, height: float, look: Look) -> None:
    """The lines that a kernel may be symmetric about; only their ends where they would run through numbers."""
    across, down = x + width / 2, y + height / 2
    if look.numbers is None:
        sheet.path(f"M{at(across)} {at(y)}v{at(height)}M{at(x)} {at(down)}h{at(width)}", "axis")
    else:
        right, bottom = x + width, y + height
        sheet.path(f"M{at(across)} {at(bottom)}v6M{at(right)} {at(down)}h6", "axis-line")


def draw_rings(sheet: Sheet, rings: tuple[Ring, ...], x: float, y: float, look: Look) -> None:
    for row, column, kind in rings:
        sheet.rect(x + column * look.width, y + row * look.height, look.width, look.height, kind)


def draw_heat(
    sheet: Sheet, values: Floats, scale: float, x: float, y: float, look: Look, *, blank_zeros: bool = False
) -> None:
    """Cells by strength and sign, with numbers or strokes."""
    levels = levels_of(values, scale)
    faint = 0.42 if look.numbers else 0.95  # ink on a cell must stay easy to read
    with units(sheet, x, y, look):
        for level, data in runs(levels).items():
            opacity = f' fill-opacity="{faint * abs(level) / LEVELS:.2f}"'
            sheet.path(data, "neg" if level < 0 else "pos", f' fill="currentColor" stroke="none"{opacity}')
        crossed = ~np.isfinite(values)
        if look.numbers is None:
            sheet.path(marks(crossed, "M{} {}l.6 .6m0-.6l-.6 .6", 0.2, 0.2), "cross", _THIN)
            if min(look.width, look.height) >= MINUS_FROM:
                negative = np.array(levels)
                sheet.path(marks((negative < 0) & (negative >= -DEEP), "M{} {}h.5", 0.25, 0.5), "minus", _THIN)
                sheet.path(marks(negative < -DEEP, "M{} {}h.5", 0.25, 0.5), "minus-deep", _THIN)
    if look.numbers:
        _write(sheet, values, x, y, look, look.numbers, blank_zeros=blank_zeros)


@contextmanager
def units(sheet: Sheet, x: float, y: float, look: Look) -> Iterator[None]:
    """What is drawn inside is in rows and columns."""
    place = f"translate({x:.1f} {y:.1f}) scale({look.width:.3f} {look.height:.3f})"
    sheet.add(f'<g transform="{place}" shape-rendering="crispEdges">')
    yield
    sheet.add("</g>")


def levels_of(values: Floats, scale: float) -> list[list[int]]:
    """Each cell's strength as −LEVELS … LEVELS, 0 for nothing and for what is not finite."""
    share = np.where(np.isfinite(values), values, 0.0) / scale
    steps = np.sign(share) * np.ceil(np.clip(np.abs(share), 0, 1) * LEVELS - 1e-9)
    found: list[list[int]] = np.nan_to_num(steps).astype(np.int64).tolist()
    return found


def runs(rows: Iterable[Iterable[_Cell]]) -> dict[_Cell, str]:
    """Path data of the cells of each look; neighbours in a row are one rectangle, and a false look is none."""
    data: dict[_Cell, list[str]] = defaultdict(list)
    for row, cells in enumerate(rows):
        column = 0
        for look, run in groupby(cells):
            length = sum(1 for _ in run)
            if look:
                data[look].append(f"M{column} {row}h{length}v1h-{length}z")
            column += length
    return {look: "".join(parts) for look, parts in data.items()}


def marks(where: Mask, mark: str, right: float, down: float) -> str:
    """Path data of one mark a cell; `mark` begins with its place, `right` and `down` of the cell's corner."""
    places = np.argwhere(where).tolist()
    return "".join(mark.format(f"{column + right:g}", f"{row + down:g}") for row, column in places)


def _write(
    sheet: Sheet, values: Floats, x: float, y: float, look: Look, numbers: tuple[int, float], *, blank_zeros: bool
) -> None:
    digits, size = numbers
    texts = [
        (
            x + (column + 0.5) * look.width,
            y + (row + 0.5) * look.height + size * 0.35,
            _cell_text(value, digits, look.width, size),
        )
        for row, cells in enumerate(values.tolist())
        for column, value in enumerate(cells)
        if not blank_zeros or value
    ]
    sheet.numbers(texts, size)


def _cell_text(value: float, digits: int, width: float, size: float) -> str:
    text = number(value, digits)
    if math.isfinite(value):
        return text
    return f"✗{text}" if width_of(f"✗{text}", size) <= width else "✗"


def draw_legend(sheet: Sheet, name: Message, values: list[Floats], scale: float, left: float, top: float) -> None:
    """A bar of the colours, from the least to the most that a scale means, with both numbers."""
    finite = [each[np.isfinite(each)] for each in values]
    low = -scale if any((each < 0).any() for each in finite) else 0.0
    high = scale if any((each > 0).any() for each in finite) or low == 0 else 0.0
    steps = [*range(-LEVELS if low else 1, 0), *range(1, (LEVELS if high else 0) + 1)]
    sheet.say(left, top + SMALL, name, SMALL, kind="soft")
    x = left + max(width_of(name.en, SMALL), width_of(name.zh, SMALL)) + 6
    x += _end(sheet, x, top, number(low, 3)) + 3
    look = Look(48.0 / len(steps), 9.0)
    draw_heat(sheet, np.array([steps], dtype=np.float64), LEVELS, x, top, look)
    draw_frame(sheet, (1, len(steps)), x, top, look)
    _end(sheet, x + 51, top, number(high, 3))


def _end(sheet: Sheet, x: float, top: float, words: str) -> float:
    sheet.say(x, top + SMALL, same(words), SMALL, kind="soft")
    return width_of(words, SMALL)
