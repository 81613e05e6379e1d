"""Boxes `(x1, y1, x2, y2)`: two and their overlap, many as kept and missed, and results that are boxes themselves."""

from __future__ import annotations

from collections import Counter

import numpy as np

from app.drawing.numbers import number
from app.drawing.sheet import Note, Sheet
from app.drawing.tags import Tags
from app.grading.pairs import Floats, array_of, floats
from app.grading.pictures import box_results, words
from app.grading.pictures.geometry import draw_rulers, view_of
from app.grading.pictures.subject import Subject
from app.grading.pictures.words import listed
from app.languages import Message, same

CROWD, NEAREST = 40, 24
MOST = 100_000  # boxes, and indices of them
# Up to so many drawn boxes, those of a kind have their number, and up to so many their scores too.
MOST_TAGS = {"extra": CROWD, "missed": CROWD, "kept": CROWD, "input": 16}
MOST_SCORES = 12

TITLE = Message("Boxes of the failing case", "未通过用例中的框")
MARKS = {"kept": "✓", "missed": "○", "extra": "✗", "input": ""}
MEANING = {
    "kept": Message("kept, rightly", "正确保留"),
    "missed": Message("missed", "漏掉"),
    "extra": Message("kept, but should go", "不该保留"),
    "input": Message("rightly removed", "正确去除"),
}
CHOSEN = {"kept": Message("kept", "保留"), "input": Message("not kept", "未保留")}


def draw(subject: Subject) -> Message | None:
    """For the roles `a` and `b` a pair, for `boxes` (and `scores`) a selection by index; else the boxes returned."""
    a, b, boxes = (_corners(subject.role(name)) for name in ("a", "b", "boxes"))
    if a is not None and b is not None and len(a) == len(b) == 1:
        return _pair(subject, a[0], b[0])
    if boxes is not None and len(boxes) <= MOST and subject.path in ("", "[0]"):
        due, given = (_indices(value, len(boxes)) for value in (subject.due, subject.given))
        if due is not None and given is not None and (due != given or subject.is_example):
            return _selection(subject, boxes, due, given)
    return box_results.draw(subject)


def _corners(value: object) -> Floats | None:
    """Boxes in rows; one box is one row."""
    array = array_of(value)
    if array is None or array.ndim not in (1, 2) or array.shape[-1] != 4:
        return None
    return floats(array).reshape(-1, 4)


def _indices(value: object, count: int) -> list[int] | None:
    """Indices as they are, or those that a mask over all boxes selects."""
    array = array_of(value, of_arrays=True)
    if array is None or (array.size and array.ndim != 1) or array.size > MOST:
        return None
    if array.dtype.kind == "b":
        return np.flatnonzero(array).tolist() if array.size == count else None
    values = floats(array)
    whole = np.isfinite(values) & (values == np.round(values))
    return [int(index) for index in array.ravel().tolist()] if whole.all() else None


def _selection(subject: Subject, boxes: Floats, due: list[int], given: list[int]) -> Message | None:
    groups = _groups(len(boxes), due, given)
    drawn, focus = _seen(boxes, groups)
    if not any(drawn.values()):
        return None
    sheet = Sheet()
    view = view_of(boxes[[index for some in drawn.values() for index in some]])
    draw_rulers(sheet, view)
    scores = array_of(subject.role("scores"))
    scores = None if scores is None or scores.shape != (len(boxes),) else scores
    tags, crowd = Tags(sheet), sum(map(len, drawn.values()))
    for kind in ("input", "kept", "missed", "extra"):
        for index in drawn[kind]:
            sheet.rect(*view.place(boxes[index]), kind)
    for kind in ("extra", "missed", "kept", "input"):
        for index in drawn[kind] if crowd <= MOST_TAGS[kind] else ():
            score = f" {number(float(floats(scores)[index]), 2)}" if scores is not None and crowd <= MOST_SCORES else ""
            tags.put(f"{MARKS[kind]}{index}{score}", view.place(boxes[index]))
    notes = _group_notes(groups, CHOSEN) if subject.is_example else _selection_notes(len(boxes), groups, due, given)
    if (count := sum(map(len, drawn.values()))) < len(boxes):
        notes.append(Note(_left_out(count, len(boxes), focus)))
    return sheet.svg(view.bottom + 4, words.titled(subject, TITLE), [], notes, words.part(subject))


def _groups(count: int, due: list[int], given: list[int]) -> dict[str, list[int]]:
    inside = {index for index in given if 0 <= index < count}
    wanted = {index for index in due if 0 <= index < count}
    return {
        "kept": sorted(wanted & inside),
        "missed": sorted(wanted - inside),
        "extra": sorted(inside - wanted),
        "input": sorted(set(range(count)) - wanted - inside),
    }


def _seen(boxes: Floats, groups: dict[str, list[int]]) -> tuple[dict[str, list[int]], int | None]:
    """The boxes to draw; of a crowd those nearest to the first wrong one, and which that is. None without corners."""
    finite = np.asarray(np.isfinite(boxes).all(axis=1))
    able = {kind: [index for index in some if finite[index]] for kind, some in groups.items()}
    if int(finite.sum()) <= CROWD:
        return able, None
    first = next(index for kind in ("missed", "extra", "kept", "input") for index in able[kind][:1])
    size = np.abs(boxes[finite]).max() or 1.0
    middles = np.where(finite[:, None], (boxes[:, :2] / size + boxes[:, 2:] / size) / 2, np.inf)
    near = set(np.argsort(np.abs(middles - middles[first]).sum(axis=1), kind="stable")[:NEAREST].tolist())
    return {kind: [index for index in some if index in near] for kind, some in able.items()}, first


def _group_notes(groups: dict[str, list[int]], meanings: dict[str, Message]) -> list[Note]:
    """What each kind of box means, with those that are of it."""
    notes = []
    for kind, meaning in meanings.items():
        if groups[kind]:
            indices = listed([str(index) for index in groups[kind]])
            mark = f"{MARKS[kind]} ".lstrip()
            notes.append(Note(Message(f"{mark}{meaning.en}: {indices}.", f"{mark}{meaning.zh}：{indices}。"), key=kind))
    return notes


def _selection_notes(count: int, groups: dict[str, list[int]], due: list[int], given: list[int]) -> list[Note]:
    notes = _group_notes(groups, MEANING)
    outside = sorted({index for index in given if not 0 <= index < count})
    again = sorted(index for index, times in Counter(given).items() if times > 1)
    for some, en, zh in ((outside, "Not a box", "不存在的框"), (again, "Returned more than once", "重复返回")):
        if some:
            shown = listed([str(index) for index in some])
            notes.append(Note(Message(f"{en}: {shown}.", f"{zh}：{shown}。")))
    if not (groups["missed"] or groups["extra"] or outside or again):
        orders = [listed([str(index) for index in row]) for row in (due, given)]
        order = f"The right boxes in another order: expected {orders[0]}; got {orders[1]}."
        notes.append(Note(Message(order, f"框选对了，但顺序不同：应为 {orders[0]}；得到 {orders[1]}。")))
    return notes


def _left_out(count: int, total: int, focus: int | None) -> Message:
    if focus is None:
        return Message(
            f"{count} of {total} boxes are finite and drawn.", f"{total} 个框中坐标有限的 {count} 个已画出。"
        )
    return Message(
        f"Of {total} boxes the {count} nearest to {focus} are drawn.",
        f"共 {total} 个框，画出离 {focus} 最近的 {count} 个。",
    )


def _pair(subject: Subject, a: Floats, b: Floats) -> Message | None:
    """Two boxes, their overlap and both results."""
    if not np.isfinite([a, b]).all():
        return None
    view = view_of(np.stack([a, b]))
    overlap = np.concatenate([np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])])
    sheet = Sheet()
    draw_rulers(sheet, view)
    if (overlap[2:] > overlap[:2]).all():
        sheet.rect(*view.place(overlap), "overlap")
    tags = Tags(sheet)
    for name, box in (("a", a), ("b", b)):
        sheet.rect(*view.place(box), "input")
        tags.put(name, view.place(box))
    corners = [same(f"{name}: ({', '.join(number(float(v), 6) for v in box)}).") for name, box in (("a", a), ("b", b))]
    notes = _pair_notes(a, b, overlap, subject)
    return sheet.svg(view.bottom + 4, words.titled(subject, TITLE), corners, notes, words.part(subject))


def _pair_notes(a: Floats, b: Floats, overlap: Floats, subject: Subject) -> list[Note]:
    sizes = [(number(float(box[2] - box[0]), 5), number(float(box[3] - box[1]), 5)) for box in (a, b, overlap)]
    meets = bool((overlap[2:] > overlap[:2]).all())
    told = f"a {sizes[0][0]} × {sizes[0][1]}, b {sizes[1][0]} × {sizes[1][1]}"
    both = f"{sizes[2][0]} × {sizes[2][1]}"
    notes = [
        Note(Message(f"{told}, overlap {both}.", f"{told}，重叠 {both}。"), "overlap")
        if meets
        else Note(Message(f"{told}; they do not overlap.", f"{told}；两框不重叠。"))
    ]
    results = [array_of(value, of_arrays=True) for value in (subject.due, subject.given)]
    if all(array is not None and array.size == 1 for array in results):
        due, given = (number(float(floats(array).item()), 6) for array in results if array is not None)
        if subject.is_example:
            return [*notes, Note(Message(f"Result {due}.", f"结果 {due}。"))]
        notes.append(Note(Message(f"Expected {due}, got {given}.", f"应为 {due}，得到 {given}。")))
    return notes
