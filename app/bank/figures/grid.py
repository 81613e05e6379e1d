"""Grids of cells with values, marked cells, frames and points between them. Coordinates count padding cells too."""

from __future__ import annotations

from dataclasses import dataclass

from app.bank.figures.board import TICK, Board, breadth, worded
from app.bank.figures.marks import draw_mark
from app.bank.schema.figures.images import Frame, Grid, Marked
from app.bank.yaml_source import PathKey
from app.drawing.numbers import number
from app.drawing.sheet import at

LEAST_TEXT, MOST_TEXT = 9.0, 12.0
STRONGEST = 0.5  # opacity of the largest value
CORNER = 0.28  # of a cell's side: the sign of an amber cell

Rect = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Cells:
    """Where cells lie: `x`, `y` is the corner of the first, padding included."""

    x: float
    y: float
    side: float
    rows: int
    columns: int

    def spot(self, row: float, column: float) -> tuple[float, float]:
        return self.x + column * self.side, self.y + row * self.side

    def rect(self, row: float, column: float, rows: float = 1, columns: float = 1) -> Rect:
        return (*self.spot(row, column), columns * self.side, rows * self.side)


def units_of(grid: Grid) -> float:
    """How many cells wide it is, its heads beside."""
    return grid.shape[1] + 2 * grid.pad + _gutter(grid) / 20


def _gutter(grid: Grid) -> float:
    return max((breadth(worded(head), TICK) + 6 for head in grid.row_heads), default=0.0)


def _cells(grid: Grid, left: float, top: float, width: float) -> _Cells:
    rows, columns = (count + 2 * grid.pad for count in grid.shape)
    side = min(float(grid.cell), (width - 4 - _gutter(grid)) / columns)
    x = left + max((width - columns * side) / 2, _gutter(grid) + 2)
    return _Cells(x, top + 3 + (15 if grid.column_heads else 0), side, rows, columns)


def height_of(grid: Grid, width: float) -> float:
    cells = _cells(grid, 0, 0, width)
    return cells.y + cells.rows * cells.side + 3


def draw(board: Board, grid: Grid, place: PathKey, left: float, top: float, width: float) -> None:
    cells = _cells(grid, left, top, width)
    _draw_padding(board, grid, cells)
    if grid.heat:
        _draw_heat(board, grid, cells)
    for mark in grid.marks:
        if mark.look != "window":
            _draw_marked(board, mark, cells)
    _draw_lattice(board, grid, cells)
    for mark in grid.marks:
        if mark.look == "window":
            board.rect(*_window_rect(mark, cells), "window")
    _write_values(board, grid, place, cells)
    _write_heads(board, grid, place, cells)
    for line in grid.lines:
        board.line([cells.spot(*point) for point in line.points], f"thin dash-{line.dash} tone-{line.tone}")
    for frame in grid.frames:
        _draw_frame(board, frame, cells)
    for index, dot in enumerate(grid.dots):
        draw_mark(board, dot, (*place, "dots", index), cells.spot(*dot.at))


def first_window(grid: Grid, left: float, top: float, width: float) -> Rect | None:
    """Where the outline of its first window lies."""
    mark = next((mark for mark in grid.marks if mark.look == "window"), None)
    return _window_rect(mark, _cells(grid, left, top, width)) if mark else None


def _window_rect(mark: Marked, cells: _Cells) -> Rect:
    (top, bottom), (left, right) = mark.rows or (0, 0), mark.columns or (0, 0)
    return cells.rect(top, left, bottom - top + 1, right - left + 1)


def _draw_padding(board: Board, grid: Grid, cells: _Cells) -> None:
    pad = grid.pad
    for row in range(cells.rows if pad else 0):
        for column in range(cells.columns):
            if not (pad <= row < cells.rows - pad and pad <= column < cells.columns - pad):
                board.rect(*cells.rect(row, column), "cell-empty")


def _draw_lattice(board: Board, grid: Grid, cells: _Cells) -> None:
    """The lines between the cells that are no padding."""
    rows, columns = grid.shape
    x, y = cells.spot(grid.pad, grid.pad)
    wide, high = columns * cells.side, rows * cells.side
    lines = [f"M{at(x)} {at(y + row * cells.side)}h{at(wide)}" for row in range(rows + 1)]
    lines += [f"M{at(x + column * cells.side)} {at(y)}v{at(high)}" for column in range(columns + 1)]
    board.path("".join(lines), "lattice")


def _draw_heat(board: Board, grid: Grid, cells: _Cells) -> None:
    numbers = [abs(value) for row in grid.values or () for value in row if isinstance(value, int | float)]
    most = max(numbers, default=0) or 1
    for row, values in enumerate(grid.values or ()):
        for column, value in enumerate(values):
            if isinstance(value, int | float) and value:
                x, y, wide, high = cells.rect(row + grid.pad, column + grid.pad)
                opacity = f"{STRONGEST * abs(value) / most:.2f}"
                board.add(
                    f'<rect class="pic-{"neg" if value < 0 else "pos"}" x="{at(x)}" y="{at(y)}" width="{at(wide)}" '
                    f'height="{at(high)}" fill="currentColor" stroke="none" fill-opacity="{opacity}"/>'
                )


def _draw_marked(board: Board, mark: Marked, cells: _Cells) -> None:
    for row, column in mark.all_cells():
        x, y, wide, high = cells.rect(row, column)
        if mark.look != "empty":
            board.rect(x, y, wide, high, f"cell-{mark.look}")
        else:
            board.path(f"M{at(x)} {at(y + high)}l{at(wide)} {at(-high)}", "void")
        if mark.look == "amber":  # a sign beside the colour
            corner = at(wide * CORNER)
            board.path(f"M{at(x)} {at(y)}h{corner}l-{corner} {corner}z", "corner")


def _write_values(board: Board, grid: Grid, place: PathKey, cells: _Cells) -> None:
    size = min(max(0.45 * cells.side, LEAST_TEXT), MOST_TEXT)
    for row, values in enumerate(grid.values or ()):
        for column, value in enumerate(values):
            if value is not None:
                x, y = cells.spot(row + grid.pad + 0.5, column + grid.pad + 0.5)
                words = value if isinstance(value, str) else number(value, 4)
                where = (*place, "values", row, column)
                room = cells.side - 1
                board.write(words, where, x, y + 0.35 * size, size=size, anchor="middle", kind="num", room=room)


def _write_heads(board: Board, grid: Grid, place: PathKey, cells: _Cells) -> None:
    for row, head in enumerate(grid.row_heads):
        x, y = cells.spot(row + grid.pad + 0.5, 0)
        board.write(head, (*place, "row_heads", row), x - 6, y + 3.6, size=TICK, anchor="end", kind="soft")
    for column, head in enumerate(grid.column_heads):
        x, y = cells.spot(0, column + grid.pad + 0.5)
        board.write(head, (*place, "column_heads", column), x, y - 5, size=TICK, anchor="middle", kind="soft")


def _draw_frame(board: Board, frame: Frame, cells: _Cells) -> None:
    top, left, bottom, right = frame.at
    x, y, wide, high = cells.rect(top, left, bottom - top, right - left)
    rows, columns = frame.split
    kind = f"strokes dash-{frame.dash} tone-{frame.tone}"
    board.rect(x, y, wide, high, kind)
    lines = [f"M{at(x)} {at(y + high * row / rows)}h{at(wide)}" for row in range(1, rows)]
    lines += [f"M{at(x + wide * column / columns)} {at(y)}v{at(high)}" for column in range(1, columns)]
    board.path("".join(lines), f"thin dash-{frame.dash} tone-{frame.tone}")
