"""Arrays as grids of cells: what is due, what came back, and the difference. Small ones with their numbers.

The cell's strength is its size relative to the largest shown, its colour and a minus its sign. Of arrays with more
than two axes the plane with the first difference is shown; of large ones a window around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.bank.schema import Lang
from app.grading.pictures.svg import SMALL, WIDTH, array_of, document, rect, text

Floats = NDArray[np.float64]
GAP = 20.0
TOP = 26.0


@dataclass(frozen=True)
class Style:
    """How many cells a side is shown, and up to how many columns numbers are written into them."""

    most: int
    numbers_up_to: int


HEATMAP = Style(most=64, numbers_up_to=6)
MATRIX = Style(most=8, numbers_up_to=8)

_WORDS: dict[Lang, dict[str, str]] = {
    "en": {
        "title": "Values of the failing case", "expected": "expected", "got": "got", "difference": "got − expected",
        "largest": "Largest difference", "plane": "Plane", "window": "Rows {r0}–{r1}, columns {c0}–{c1}.",
        "nan": "✗ marks NaN or infinity.", "minus": "A minus marks negative cells.",
    },
    "zh": {
        "title": "未通过用例的值", "expected": "应为", "got": "得到", "difference": "得到 − 应为",
        "largest": "最大差", "plane": "切片", "window": "第 {r0}–{r1} 行，第 {c0}–{c1} 列。",
        "nan": "✗ 表示 NaN 或无穷。", "minus": "减号表示负值。",
    },
}  # fmt: skip


def draw(expected: object, got: object, style: Style, lang: Lang) -> str | None:
    """Panels side by side; without the difference if the shapes differ. None for what is no array or is empty."""
    due, given = array_of(expected), array_of(got)
    if due is None or given is None or due.size == 0 or given.size == 0:
        return None
    words = _WORDS[lang]
    notes = []
    panels = [(f"{words[name]} {_shape(array)}", array) for name, array in (("expected", due), ("got", given))]
    if due.shape == given.shape:
        with np.errstate(all="ignore"):
            difference = given - due
        panels.append((words["difference"], difference))
        first = _first_difference(due, given)
        if due.ndim > 2:
            notes.append(f"{words['plane']} [{', '.join(map(str, first[:-2]))}, :, :].")
        if np.isfinite(difference).all():
            notes.append(f"{words['largest']}: {np.abs(difference).max():.4g}.")
    else:
        first = (0,) * max(due.ndim, given.ndim)
    planes = [(name, _plane(array, first)) for name, array in panels]
    corner = tuple(_corner(at, style.most) for at in ((0, 0, *first))[-2:])
    if any(max(plane.shape) > style.most for _, plane in planes):
        rows, columns = planes[0][1].shape
        ends = {"r1": min(corner[0] + style.most, rows) - 1, "c1": min(corner[1] + style.most, columns) - 1}
        notes.append(words["window"].format(r0=corner[0], c0=corner[1], **ends))
    windows = [
        (name, plane[corner[0] : corner[0] + style.most, corner[1] : corner[1] + style.most]) for name, plane in planes
    ]
    if any(window.size == 0 for _, window in windows):
        return None
    return _document(windows, notes, style, words)


def _shape(array: Floats) -> str:
    return "×".join(map(str, array.shape)) if array.ndim else ""


def _first_difference(due: Floats, given: Floats) -> tuple[int, ...]:
    """Where the largest difference is; anything not finite on one side counts as the largest."""
    with np.errstate(all="ignore"):
        gap = np.abs(given - due)
    gap = np.where(np.isnan(gap), np.where(np.isnan(due) & np.isnan(given), 0.0, np.inf), gap)
    return tuple(int(axis) for axis in np.unravel_index(int(gap.argmax()), gap.shape))


def _plane(array: Floats, at: tuple[int, ...]) -> Floats:
    """The 2-D plane of `array` through `at`; fewer axes become one row."""
    if array.ndim <= 2:
        return array.reshape(1, -1) if array.ndim < 2 else array
    inside = tuple(min(place, size - 1) for place, size in zip(at, array.shape, strict=False))
    return np.asarray(array[inside[: array.ndim - 2]])


def _corner(at: int, most: int) -> int:
    return max(0, at - most // 2) if at >= most else 0


def _document(windows: list[tuple[str, Floats]], notes: list[str], style: Style, words: dict[str, str]) -> str:
    width = (WIDTH - GAP * (len(windows) - 1)) / len(windows)
    cell = min(width / max(window.shape[1] for _, window in windows), 40.0)
    rows = max(window.shape[0] for _, window in windows)
    numbered = max(window.shape[1] for _, window in windows) <= style.numbers_up_to
    largest = max(_largest(window) for _, window in windows[:2])
    drawn = []
    for place, (name, window) in enumerate(windows):
        left = place * (width + GAP)
        drawn.append(text(left, SMALL, name))
        scale = largest if place < 2 else _largest(window)
        drawn.extend(_cells(window, left, cell, scale, numbered))
    if not all(np.isfinite(window).all() for _, window in windows):
        notes.append(words["nan"])
    if not numbered and cell >= 7 and any((window < 0).any() for _, window in windows):
        notes.append(words["minus"])
    bottom = TOP + rows * cell
    drawn.append(text(0, bottom + SMALL + 8, " ".join(notes)))
    description = "; ".join(f"{name}: {_read_out(window)}" for name, window in windows)
    return document(bottom + 30, words["title"], f"{' '.join(notes)} {description}", drawn)


def _largest(window: Floats) -> float:
    finite = np.abs(window[np.isfinite(window)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0


def _cells(window: Floats, left: float, cell: float, scale: float, numbered: bool) -> list[str]:
    rows, columns = window.shape
    drawn = []
    for row in range(rows):
        for column in range(columns):
            value = float(window[row, column])
            x, y = left + column * cell, TOP + row * cell
            if not np.isfinite(value):
                drawn += [rect(x, y, cell, cell, "missed"), _mark(x, y, cell, "✗")]
                continue
            kind = "neg" if value < 0 else "pos"
            if (strength := abs(value) / scale) >= 0.005:
                drawn.append(rect(x, y, cell, cell, kind, opacity=strength * (0.5 if numbered else 0.95)))
            if numbered:
                drawn.append(_mark(x, y, cell, _number(value)))
            elif value < 0 and strength >= 0.005 and cell >= 7:
                drawn.append(_mark(x, y, cell, "−"))
    drawn.append(rect(left, TOP, columns * cell, rows * cell, "grid"))
    return drawn


def _mark(x: float, y: float, cell: float, words: str) -> str:
    size = min(12.0, 1.6 * cell / max(len(words), 2))
    return text(x + cell / 2, y + cell / 2 + size * 0.35, words, "middle", round(size, 1))


def _number(value: float) -> str:
    shown = f"{value:.2g}"
    return shown.replace("e+0", "e").replace("e-0", "e-").replace("-", "−")


def _read_out(window: Floats) -> str:
    """The first cells in words, for who can't see them."""
    rows = ["[" + ", ".join(f"{value:.3g}" for value in row[:8]) + "]" for row in window[:4]]
    more = " …" if window.shape[0] > 4 or window.shape[1] > 8 else ""
    return ", ".join(rows) + more
