"""From box coordinates `(x1, y1, x2, y2)` to the sheet's, both axes to one scale, with labels that keep out of each
other's way. Sound for every finite box, however large, flat or turned round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.drawing.sheet import SMALL, WIDTH, Sheet, at, width_of
from app.grading.pairs import Floats
from app.grading.pictures.axes import Scale

MARGIN = 26.0
HIGHEST = 250.0  # of the drawing
LOWEST = 40.0


@dataclass(frozen=True)
class View:
    """`place` gives x, y, width and height on the sheet; y grows downwards, as in images."""

    across: Scale
    down: Scale
    bottom: float

    def place(self, box: Floats) -> tuple[float, float, float, float]:
        xs, ys = sorted(self.across.at(box[[0, 2]])), sorted(self.down.at(box[[1, 3]]))
        return float(xs[0]), float(ys[0]), float(xs[1] - xs[0]), float(ys[1] - ys[0])


def view_of(boxes: Floats) -> View:
    """A view of finite boxes, at least one."""
    size = np.abs(boxes).max() or 1.0
    scaled = boxes / size
    wide, high = (float(np.ptp(scaled[:, [axis, axis + 2]])) for axis in (0, 1))
    names = Scale.over(boxes[:, [1, 3]], 0, 1).ticks(4)
    margin = max(MARGIN, *(width_of(name, SMALL) + 8 for _, name in names))
    room = WIDTH - margin - MARGIN
    per_unit = min(room / wide if wide > 1e-9 else np.inf, HIGHEST / high if high > 1e-9 else np.inf)
    per_unit = per_unit if np.isfinite(per_unit) else 1.0
    width, height = max(wide * per_unit, 1.0), max(high * per_unit, LOWEST)
    left = margin + (room - width) / 2
    across = Scale.over(boxes[:, [0, 2]], left, left + width)
    return View(across, Scale.over(boxes[:, [1, 3]], MARGIN, MARGIN + height), 2 * MARGIN + height)


def draw_rulers(sheet: Sheet, view: View) -> None:
    """Round coordinates along the bottom and the left edge, with faint lines through the drawing."""
    low, right = view.bottom - MARGIN + 8, WIDTH - 4
    lines, below, beside = [], [], []
    for value, name in view.across.ticks(5):
        x = view.across.place(value)
        lines.append(f"M{at(x)} {at(MARGIN - 8)}V{at(low)}")
        below.append((x, low + SMALL + 2, name))
    for value, name in view.down.ticks(4):
        y = view.down.place(value)
        lines.append(f"M{at(width_of(name, SMALL) + 4)} {at(y)}H{at(right)}")
        beside.append((0.0, y + SMALL * 0.35, name))
    sheet.path("".join(lines), "grid")
    sheet.numbers(below, kind="soft")
    sheet.numbers(beside, anchor="start", kind="soft")
