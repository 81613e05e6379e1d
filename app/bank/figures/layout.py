"""Panels in rows: how much room each gets, its title above it and its note below, and what joins it to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import assert_never

from app.bank.figures import blocks, boxes, cube, grid, plot
from app.bank.figures.board import LINE, Board, paragraph_height
from app.bank.schema.figures import Figure, Panel
from app.bank.schema.figures.blocks import Blocks
from app.bank.schema.figures.images import Boxes, Cube, Grid
from app.bank.schema.figures.plot import Plot
from app.bank.yaml_source import PathKey
from app.drawing.sheet import WIDTH, at

BETWEEN, BETWEEN_JOINED = 14.0, 28.0  # panels of a row
BETWEEN_ROWS = 14.0
JOIN = 16.0  # size of a sign between panels


@dataclass(frozen=True)
class _Slot:
    """Where a panel goes; its body begins at `top`."""

    index: int
    panel: Panel
    left: float
    top: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2


def drawn(figure: Figure) -> tuple[Board, float]:
    """A board with all panels on it, and how high it is."""
    board = Board()
    rows = _rows(figure)
    for slot in (slot for row in rows for slot in row):
        place: PathKey = ("panels", slot.index)
        _draw(board, slot.panel, place, slot.left, slot.top, slot.width)
        _write_words(board, slot, place)
    if figure.cones:
        _draw_cones(board, [slot for row in rows for slot in row])
    _write_joins(board, figure, rows)
    return board, max(_bottom(slot) for slot in rows[-1]) + 2


def _rows(figure: Figure) -> list[list[_Slot]]:
    count = figure.columns or min(len(figure.panels), 4)
    numbered = list(enumerate(figure.panels))
    rows: list[list[_Slot]] = []
    top = 2.0
    for first in range(0, len(numbered), count):
        rows.append(_row(numbered[first : first + count], count, top, joined=bool(figure.joins)))
        joined_down = JOIN if figure.joins and count == 1 else 0.0
        top = max(_bottom(slot) for slot in rows[-1]) + BETWEEN_ROWS + joined_down
    return rows


def _row(panels: Sequence[tuple[int, Panel]], count: int, top: float, *, joined: bool) -> list[_Slot]:
    """The slots of a row: joined ones with their middles at one height, others with their tops."""
    between = BETWEEN_JOINED if joined else BETWEEN
    grids = [panel for _, panel in panels if isinstance(panel, Grid)]
    shares = [grid.units_of(panel) for panel in grids] if len(grids) == len(panels) == count else [1.0] * count
    room = WIDTH - between * (count - 1)
    widths = [room * share / sum(shares) for share in shares][: len(panels)]
    heights = [height_of(panel, width) for (_, panel), width in zip(panels, widths, strict=True)]
    titles = [paragraph_height(panel.title, width) for (_, panel), width in zip(panels, widths, strict=True)]
    middle = top + max(title + height / 2 for title, height in zip(titles, heights, strict=True))
    first = top + max(titles)
    slots, left = [], (WIDTH - sum(widths) - between * (len(panels) - 1)) / 2
    for (index, panel), width, height in zip(panels, widths, heights, strict=True):
        slots.append(_Slot(index, panel, left, middle - height / 2 if joined else first, width, height))
        left += width + between
    return slots


def _bottom(slot: _Slot) -> float:
    return slot.top + slot.height + paragraph_height(slot.panel.note, slot.width)


def height_of(panel: Panel, width: float) -> float:
    match panel:
        case Plot():
            return plot.height_of(panel, width)
        case Boxes():
            return boxes.height_of(panel, width)
        case Grid():
            return grid.height_of(panel, width)
        case Blocks():
            return blocks.height_of(panel, width)
        case Cube():
            return cube.height_of(panel, width)
        case never:
            assert_never(never)


def _draw(board: Board, panel: Panel, place: PathKey, left: float, top: float, width: float) -> None:
    match panel:
        case Plot():
            plot.draw(board, panel, place, left, top, width)
        case Boxes():
            boxes.draw(board, panel, place, left, top, width)
        case Grid():
            grid.draw(board, panel, place, left, top, width)
        case Blocks():
            blocks.draw(board, panel, place, left, top, width)
        case Cube():
            cube.draw(board, panel, place, left, top, width)
        case never:
            assert_never(never)


def _write_words(board: Board, slot: _Slot, place: PathKey) -> None:
    x, _ = slot.middle
    if (title := slot.panel.title) is not None:
        top = slot.top - paragraph_height(title, slot.width)
        board.paragraph(title, (*place, "title"), x, top, room=slot.width, kind="title")
    if (note := slot.panel.note) is not None:
        board.paragraph(note, (*place, "note"), x, slot.top + slot.height + 2, room=slot.width, kind="soft")


def _write_joins(board: Board, figure: Figure, rows: list[list[_Slot]]) -> None:
    """The sign between each panel and the next: within a row beside it, in a single column below it."""
    for index, sign in enumerate(figure.joins):
        place = ("joins", index)
        for row in rows:
            for one, other in pairwise(row):
                if one.index == index:
                    x, y = (one.left + one.width + other.left) / 2, (one.middle[1] + other.middle[1]) / 2
                    board.write(sign, place, x, y + 5, size=JOIN, anchor="middle", kind="text")
        if all(len(row) == 1 for row in rows):
            below = _bottom(rows[index][0])
            board.write(sign, place, WIDTH / 2, below + LINE + 3, size=JOIN, anchor="middle", kind="text")


def _draw_cones(board: Board, slots: list[_Slot]) -> None:
    """From the window of each grid to the window of the next: the two lines that hold what one sees of the other."""
    windows = [
        grid.first_window(slot.panel, slot.left, slot.top, slot.width) for slot in slots if isinstance(slot.panel, Grid)
    ]
    for one, other in pairwise(windows):
        if one is None or other is None:
            continue
        (x1, y1, wide1, high1), (x2, y2, wide2, _) = one, other
        if y1 + high1 <= y2:
            pairs = [((x1, y1 + high1), (x2, y2)), ((x1 + wide1, y1 + high1), (x2 + wide2, y2))]
        else:
            pairs = [((x1 + wide1, y1), (x2, y2)), ((x1 + wide1, y1 + high1), (x2, y2 + other[3]))]
        board.path("".join(f"M{at(a)} {at(b)}L{at(c)} {at(d)}" for (a, b), (c, d) in pairs), "thin tone-grey")
