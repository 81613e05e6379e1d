"""Results that are boxes themselves (decoded, clipped, merged, anchors): each returned one over the one due.

`(N, 4)` or `(4,)` are corners; `(N, 2)` are widths and heights, drawn about one middle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.drawing.numbers import number
from app.drawing.sheet import Note, Sheet
from app.drawing.tags import Tags
from app.grading.arrays import Array
from app.grading.pairs import Floats, Pair, array_of, floats
from app.grading.pictures import words
from app.grading.pictures.geometry import draw_rulers, view_of
from app.grading.pictures.subject import Subject
from app.grading.pictures.words import listed
from app.languages import Message, same

MOST_WRONG, MOST_RIGHT = 8, 16

TITLE = Message("Boxes of the failing case", "未通过用例中的框")


MARKS = {"kept": "✓", "missed": "○", "extra": "✗"}
MEANING = {"missed": Message("expected", "应为"), "extra": Message("got", "得到"), "kept": Message("equal", "相同")}


@dataclass(frozen=True)
class _Rows:
    """Rows of both sides; `right` and `wrong` say which agree. What only one side has is wrong."""

    due: Floats
    given: Floats
    right: list[int]
    wrong: list[int]


def draw(subject: Subject) -> Message | None:
    """None unless both are boxes of one form, with at least one that can be drawn."""
    rows = _rows(subject, subject.pair) if subject.pair else None
    if rows is None:
        return None
    due, given = _corners(rows.due), _corners(rows.given)
    wrong = rows.wrong[:MOST_WRONG]
    drawn = [("kept", row, due[row]) for row in rows.right[:MOST_RIGHT]]
    drawn += [("missed", row, due[row]) for row in wrong if row < len(due)]
    drawn += [("extra", row, given[row]) for row in wrong if row < len(given)]
    drawn = [it for it in drawn if np.isfinite(it[2]).all()]
    if not drawn:
        return None
    frame = _frame(subject)
    view = view_of(np.stack([*(box for _, _, box in drawn), *frame]))
    sheet = Sheet()
    draw_rulers(sheet, view)
    for box in frame:
        sheet.rect(*view.place(box), "frame")
    for kind, _, box in drawn:
        sheet.rect(*view.place(box), kind)
    tags = Tags(sheet)
    for kind, row, box in reversed(drawn):
        if kind != "kept" or len(drawn) <= MOST_RIGHT:
            tags.put(str(row) if subject.is_example else f"{MARKS[kind]}{row}", view.place(box))
    notes = [] if subject.is_example else _notes(rows, {kind: [r for k, r, _ in drawn if k == kind] for kind in MARKS})
    if frame:
        notes.append(Note(Message("The image's edge.", "图像边界。"), "frame"))
    facts = [same(f"{row}: {_told(box)}.") for _, row, box in drawn] if subject.is_example else []
    return sheet.svg(view.bottom + 4, words.titled(subject, TITLE), facts, notes, words.part(subject))


def _rows(subject: Subject, pair: Pair) -> _Rows | None:
    due, given = (_as_rows(array, alone=not subject.path) for array in (pair.due, pair.given))
    if due is None or given is None or not due.size + given.size:
        return None
    columns = max(due.shape[-1], given.shape[-1])  # of nothing, [] says too little
    due, given = (side if side.size else np.zeros((0, columns)) for side in (due, given))
    if due.shape[1] != given.shape[1] or due.shape[1] not in (2, 4):
        return None
    common = min(len(due), len(given))
    right = np.zeros(max(len(due), len(given)), dtype=np.bool_)
    right[:common] = subject.rule.close(due[:common], given[:common]).all(axis=1)
    return _Rows(due, given, np.flatnonzero(right).tolist(), np.flatnonzero(~right).tolist())


def _as_rows(array: Array, *, alone: bool) -> Floats | None:
    """Four numbers are a box only if they are the whole result: beside others they may be anything."""
    if array.shape == (4,) and alone and array.dtype.kind == "f":
        return floats(array)[None]
    return floats(array) if array.ndim == 2 or not array.size else None


def _corners(rows: Floats) -> Floats:
    """Widths and heights as boxes about one middle; corners as they are."""
    return np.concatenate([-rows / 2, rows / 2], axis=1) if rows.shape[1] == 2 else rows


def _frame(subject: Subject) -> list[Floats]:
    """The image whose `height` and `width` are arguments, as a box."""
    sides = [array_of(subject.role(name)) for name in ("width", "height")]
    numbers = [float(floats(side)) for side in sides if side is not None and side.ndim == 0]
    if len(numbers) < 2 or not all(0 < side < np.inf for side in numbers):
        return []
    return [np.array([0.0, 0.0, *numbers])]


def _notes(rows: _Rows, drawn: dict[str, list[int]]) -> list[Note]:
    notes = []
    for kind, meaning in MEANING.items():
        if drawn[kind]:
            indices = listed([str(row) for row in drawn[kind]])
            notes.append(
                Note(
                    Message(f"{MARKS[kind]} {meaning.en}: {indices}.", f"{MARKS[kind]} {meaning.zh}：{indices}。"), kind
                )
            )
    notes.append(Note(_first(rows)))
    total = max(len(rows.due), len(rows.given))
    seen = len({row for some in drawn.values() for row in some})
    notes.append(
        Note(Message(f"{len(rows.wrong)} of {total} boxes differ.", f"{total} 个框中有 {len(rows.wrong)} 个不同。"))
    )
    if seen < total:
        notes.append(Note(Message(f"{seen} of {total} boxes are drawn.", f"画出 {seen} 个。")))
    turned = _turned(rows.given)
    if turned:
        notes.append(
            Note(
                Message(
                    f"Returned with x2 < x1 or y2 < y1: {listed(turned)}.",
                    f"返回的框中 x2 < x1 或 y2 < y1：{listed(turned)}。",
                )
            )
        )
    return notes


def _first(rows: _Rows) -> Message:
    """What became of the first wrong box."""
    row = rows.wrong[0]
    due, given = (_told(side[row]) if row < len(side) else None for side in (rows.due, rows.given))
    if given is None:
        return Message(f"Box {row}: expected {due}, none was returned.", f"框 {row}：应为 {due}，但没有返回。")
    if due is None:
        return Message(f"Box {row}: none is due, got {given}.", f"框 {row}：不应有，却返回 {given}。")
    return Message(f"Box {row}: expected {due}, got {given}.", f"框 {row}：应为 {due}，得到 {given}。")


def _told(box: Floats) -> str:
    return f"({', '.join(number(value, 5) for value in box.tolist())})"


def _turned(rows: Floats) -> list[str]:
    """Boxes whose corners stand in the wrong order."""
    if rows.shape[1] != 4:
        return []
    return [str(row) for row in np.flatnonzero((rows[:, 2:] < rows[:, :2]).any(axis=1)).tolist()]
