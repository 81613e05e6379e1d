"""What is seen of two arrays: one plane, of a large one a window round the first difference and a map of the whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from app.drawing.sheet import SMALL, TEXT, WIDTH, Note, Sheet
from app.grading.arrays import Array
from app.grading.pairs import Floats, Index, Mask, Pair
from app.grading.pictures import words
from app.grading.pictures.cells import HEAD, Look, Ring, Window, draw_frame, draw_heat, window_round
from app.languages import Message

GAP = 16.0
COLUMN, THIRD = (WIDTH - GAP) / 2, (WIDTH - 2 * GAP) / 3  # of panels side by side
MAP_CELLS = 24
MAP_CELL = 7.0

Part = Callable[[Sheet, float, float], float]  # draws itself at left, top; says how far down it reaches


def put(sheet: Sheet, parts: Sequence[Part], across: int) -> float:
    """Draw parts `across` side by side; how far down the last of them reach."""
    top = bottom = 0.0
    for place, part in enumerate(parts):
        if place % across == 0:
            top = bottom + 8 if place else 0.0
        bottom = max(bottom, part(sheet, place % across * (WIDTH + GAP) / across, top))
    return bottom


@dataclass(frozen=True)
class View:
    """What is seen of two arrays: the plane through `at` (the first difference) and a window of it for each."""

    at: Index | None
    due: Window
    given: Window
    is_part: bool

    def notes(self, pair: Pair) -> list[Note]:
        """What part is seen."""
        told = []
        if self.at is not None and pair.due.ndim > 2:
            plane = f"[{', '.join(map(str, self.at[:-2]))}, :, :]"
            told.append(Message(f"The plane {plane} is shown.", f"图中为切片 {plane}。"))
        if self.is_part:
            columns = f"{self.due.left}–{self.due.left + self.due.columns - 1}"
            rows = f"{self.due.top}–{self.due.top + self.due.rows - 1}"
            if pair.due.ndim == 1:
                told.append(Message(f"Entries {columns} are shown.", f"图中为下标 {columns}。"))
            else:
                told.append(Message(f"Rows {rows}, columns {columns} are shown.", f"图中为行 {rows}、列 {columns}。"))
        return [Note(it) for it in told]


def view_of(pair: Pair, whole: int, window: int) -> View:
    """The plane and the windows round the first difference; from the first entry on if the shapes differ.

    An array with sides of at most `whole` is seen whole, of a larger one a window with sides of `window`.
    """
    due, given = (plane(array, pair.first).shape for array in (pair.due, pair.given))
    rows, columns = (side if side <= whole else window for side in map(max, due, given))
    focus = in_plane(pair.first or ())
    windows = [window_round(shape, focus, (rows, columns)) for shape in (due, given)]
    is_part = (windows[0].rows, windows[0].columns) != due or (windows[1].rows, windows[1].columns) != given
    return View(pair.first, windows[0], windows[1], is_part)


def plane(array: Array, at: Index | None) -> Array:
    """The 2-D plane of `array` through an index; one axis becomes one row, a scalar one cell."""
    if array.ndim < 2:
        return array.reshape(1, -1)
    leading = at[:-2] if at else (0,) * (array.ndim - 2)
    return np.asarray(array[leading]) if all(array.shape[:-2]) else np.zeros((0, 0))


def in_plane(index: Index) -> tuple[int, int]:
    row, column = (0, 0, *index)[-2:]
    return row, column


def rings_of(pair: Pair, view: View) -> tuple[Ring, ...]:
    """The cells of the first and of the widest difference, as far as they are seen."""
    rings = []
    for index, kind in ((pair.largest, words.LARGEST), (pair.first, words.FIRST)):
        if index is None or view.at is None or index[:-2] != view.at[:-2] or (kind, index) == (words.LARGEST, view.at):
            continue
        if cell := view.due.inside(in_plane(index)):
            rings.append((*cell, kind))
    return tuple(rings)


def draw_map(sheet: Sheet, pair: Pair, view: View, left: float, top: float) -> float:
    """Where a whole plane differs, each cell a block of it, with the window's place; how far down it reaches."""
    wrong = plane(np.asarray(pair.wrong), view.at).astype(np.bool_)
    across = -(-max(wrong.shape) // MAP_CELLS)
    down = min(across, wrong.shape[0])
    share = _shares(wrong, down, across)
    side = min(COLUMN / share.shape[1], MAP_CELL)
    sheet.say(left, top + TEXT, Message("where they differ", "有差异的位置"))
    sheet.say(left, top + HEAD - 4, Message(f"one cell: {down}×{across}", f"一格：{down}×{across}"), SMALL, kind="soft")
    y = top + HEAD
    draw_heat(sheet, np.where(share > 0, np.maximum(share, 0.3), 0), 1.0, left, y, Look(side, side))
    draw_frame(sheet, share.shape, left, y, Look(side, side))
    seen, right, below = view.due, side / across, side / down
    sheet.rect(left + seen.left * right, y + seen.top * below, seen.columns * right, seen.rows * below, "window")
    return y + float(len(share) * side)


def _shares(wrong: Mask, down: int, across: int) -> Floats:
    """The share of wrong cells in each block."""
    rows, columns = -(-wrong.shape[0] // down), -(-wrong.shape[1] // across)
    padded = np.zeros((rows * down, columns * across))
    padded[: wrong.shape[0], : wrong.shape[1]] = wrong
    return np.asarray(padded.reshape(rows, down, columns, across).mean(axis=(1, 3)))
