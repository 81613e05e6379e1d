"""Arrays side by side: what is due, what came back, and the difference; of a large one a window and a map of the whole.

Of arrays with more than two axes the plane with the first difference is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.drawing.sheet import WIDTH, Note, Sheet
from app.grading.arrays import Array
from app.grading.pairs import Pair, floats
from app.grading.pictures import images, words
from app.grading.pictures.cells import Look, Panel, draw_legend, draw_panel, fitting, gutter_of, largest
from app.grading.pictures.subject import Subject
from app.grading.pictures.views import COLUMN, GAP, THIRD, Part, View, draw_map, plane, put, rings_of, view_of
from app.languages import Message

CELL = 44.0  # the widest

TITLE = Message("Values of the failing case", "未通过用例的值")
DIFFERENCE = Message("got − expected", "得到 − 应为")
VALUE, GAP_NAME = Message("value", "值"), Message("difference", "差")


@dataclass(frozen=True)
class Style:
    """`whole` and `window` as in `view_of`.

    `roomy`: panels stand below each other if that gives their numbers room. `halved`: lines through the middle.
    """

    whole: int
    window: int
    roomy: bool = False
    halved: bool = False


HEATMAP = Style(whole=32, window=24)
MATRIX = Style(whole=8, window=8, roomy=True)
STRIP = Style(whole=24, window=24, roomy=True)  # one axis


def draw_heatmap(subject: Subject) -> Message | None:
    """Heat above all; numbers only where they take no more room."""
    return _draw(subject, HEATMAP)


def draw_matrix(subject: Subject) -> Message | None:
    """Numbers above all."""
    return _draw(subject, MATRIX)


def _draw(subject: Subject, style: Style) -> Message | None:
    pair = subject.pair
    if pair is None or not can_be_drawn(pair):
        return None
    if images.are_images(pair):
        return images.draw(subject, pair)
    return draw_grid(subject, pair, STRIP if pair.due.ndim == pair.given.ndim == 1 else style)


def can_be_drawn(pair: Pair) -> bool:
    """Two scalars are no picture, and neither are two arrays without entries."""
    return not (pair.due.ndim == pair.given.ndim == 0 or pair.due.size == pair.given.size == 0)


def draw_grid(subject: Subject, pair: Pair, style: Style, title: Message = TITLE, also: Sequence[Note] = ()) -> Message:
    """Both arrays and their difference; `also` is said beside what there is to say of any."""
    view = view_of(pair, style.whole, style.window)
    panels = _panels(pair, view, style)
    if subject.is_example:
        panels = [replace(panels[0], title=_panel_title(words.name_due(subject), pair.due))]
    look, across = _arranged(panels, style)
    sheet = Sheet()
    parts = [_part(panel, look) for panel in panels]
    if view.is_part and pair.wrong is not None and not subject.is_example:
        parts.append(lambda sheet, left, top: draw_map(sheet, pair, view, left, top))
    bottom = put(sheet, parts, across) + 8
    for place, (name, some) in enumerate(((VALUE, panels[:2]), (GAP_NAME, panels[2:]))):
        if some:
            values = [panel.values for panel in some]
            draw_legend(sheet, name, values, some[0].scale, place * (COLUMN + GAP), bottom)
    rings = {kind for panel in panels for *_, kind in panel.rings}
    notes = [
        *(note if note.key in rings else replace(note, key=None) for note in words.differences(pair)),
        *also,
        *view.notes(pair),
        *_marks(pair, panels),
    ]
    facts = [words.extent(pair.due, words.name_due(subject))]
    facts += [] if subject.is_example else [words.extent(pair.given, words.GOT)]
    return sheet.svg(bottom + 14, words.titled(subject, title), facts, notes, words.part(subject))


def _part(panel: Panel, look: Look) -> Part:
    return lambda sheet, left, top: draw_panel(sheet, panel, left, top, look)


def _panels(pair: Pair, view: View, style: Style) -> list[Panel]:
    due, given = (
        floats(window.of(plane(array, view.at))) for window, array in ((view.due, pair.due), (view.given, pair.given))
    )
    titles = [_panel_title(name, array) for name, array in ((words.EXPECTED, pair.due), (words.GOT, pair.given))]
    scale, named, rings = (
        max(largest(due), largest(given)),
        max(pair.due.ndim, pair.given.ndim) > 1,
        rings_of(pair, view),
    )
    panels = [
        Panel(titles[0], due, view.due, scale, rings, named, style.halved),
        Panel(titles[1], given, view.given, scale, rings, named, style.halved),
    ]
    if pair.wrong is not None:
        gap = floats(view.due.of(plane(pair.gap, view.at)))
        panels.append(Panel(DIFFERENCE, gap, view.due, largest(gap), rings, named, blank_zeros=True))
    return panels


def _panel_title(name: Message, array: Array) -> Message:
    return Message(*(f"{word} {words.shape_of(array)}".rstrip() for word in (name.en, name.zh)))


def _arranged(panels: Sequence[Panel], style: Style) -> tuple[Look, int]:
    """How large the cells are, and how many panels stand side by side."""
    rows = max(panel.window.rows for panel in panels)
    columns = max(1, *(panel.window.columns for panel in panels))
    gutter = max(gutter_of(panel.window) for panel in panels) if panels[0].rows_named else 0.0
    third, half, full = ((room - gutter) / columns for room in (THIRD, COLUMN, WIDTH))
    values = [panel.values for panel in panels]
    if rows <= 12 and len(panels) == 3 and (fit := fitting(values, min(third, CELL))) and fit[0] > 2:
        return Look(min(third, CELL), 20, fit), 3
    if rows <= 12 and (fit := fitting(values, min(half, CELL))):
        return Look(min(half, CELL), 20, fit), 2
    if style.roomy and (fit := fitting(values, min(full, CELL))):
        return Look(min(full, CELL), 20, fit), 1
    if columns > 3 * rows:
        return Look(min(full, 20), 20 if rows == 1 else min(full, 20)), 1
    side = min(half, COLUMN / rows, 20)
    return Look(side, side), 2


def _marks(pair: Pair, panels: Sequence[Panel]) -> list[Note]:
    """What the marks in cells mean."""
    notes = []
    if len(panels) > 2 and pair.due.dtype.kind == pair.given.dtype.kind == "b":
        notes.append(Message("In the difference, −1 is missed and 1 is not due.", "差中 −1 为漏掉，1 为多出。"))
    if not all(np.isfinite(panel.values).all() for panel in panels):
        notes.append(Message("✗ marks NaN and infinity.", "✗ 表示 NaN 或无穷。"))
    return [Note(it) for it in notes]
