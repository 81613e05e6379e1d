"""Curves over each other: the one due solid, the one returned dashed, and where they part.

A curve is y over its index, or (x, y): pairs in rows, or the first two arrays of a tuple, as of a PR or ROC curve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.drawing.numbers import number
from app.drawing.sheet import SMALL, TEXT, WIDTH, Note, Sheet, at, width_of
from app.grading.pairs import Floats, Mask, Rule, array_of, floats
from app.grading.pictures import words
from app.grading.pictures.axes import Scale
from app.grading.pictures.subject import Subject
from app.languages import Message, same

MOST_POINTS = 300
TOP, PLOT, FOOT, RIGHT = 26.0, 170.0, 18.0, 12.0
DOT = 4.0

TITLE = Message("Curves of the failing case", "未通过用例的曲线")


@dataclass(frozen=True)
class _Curve:
    """`over_index`: x only counts the points."""

    x: Floats
    y: Floats
    over_index: bool

    @property
    def finite(self) -> Mask:
        return np.isfinite(self.x) & np.isfinite(self.y)


def draw(subject: Subject) -> Message | None:
    """None unless both are curves of one kind, with at least two points between which something can be drawn."""
    whole = isinstance(subject.expected, tuple)
    due = _of_tuple(subject.expected) if whole else None
    if due is not None and _runs_one_way(due.x):
        given = _of_tuple(subject.got)
    else:
        due, given, whole = _of_array(subject.due), _of_array(subject.given), False
    if due is None or given is None or due.over_index != given.over_index or not due.finite.any():
        return None
    return _drawn(subject, due, given, whole=whole)


def _of_tuple(value: object) -> _Curve | None:
    if not isinstance(value, tuple | list) or len(value) < 2:
        return None
    x, y = (array_of(entry, of_arrays=True) for entry in value[:2])
    if x is None or y is None or x.ndim != 1 or x.shape != y.shape or x.size < 2:
        return None
    return _Curve(floats(x), floats(y), over_index=False)


def _of_array(value: object) -> _Curve | None:
    array = array_of(value, of_arrays=True)
    if array is None or array.ndim not in (1, 2) or len(array) < 2:
        return None
    if array.ndim == 1:
        return _Curve(np.arange(array.size, dtype=np.float64), floats(array), over_index=True)
    x, y = floats(array).T if array.shape[1] == 2 else (None, None)
    return None if x is None or y is None else _Curve(x, y, over_index=False)


def _runs_one_way(x: Floats) -> bool:
    steps = np.diff(x)
    return bool((steps >= 0).all() or (steps <= 0).all())


def _drawn(subject: Subject, due: _Curve, given: _Curve, *, whole: bool) -> Message:
    sheet = Sheet()
    xs, ys = (np.concatenate([getattr(curve, axis)[curve.finite] for curve in (due, given)]) for axis in "xy")
    rise = Scale.over(ys, TOP + PLOT, TOP)
    labels = rise.ticks(5)
    left = max(width_of(name, SMALL) for _, name in labels) + 7
    run = Scale.over(xs, left, WIDTH - RIGHT)
    _axes(sheet, run, rise, left, whole_steps=due.over_index)
    sheet.path(_path(due, run, rise), "due")
    facts = [_ends(due, words.name_due(subject))]
    if not subject.is_example:
        _key(sheet)
        sheet.path(_path(given, run, rise), "got", ' stroke-dasharray="5 4"')
        facts.append(_ends(given, words.GOT))
    parted = _parted(due, given, subject.rule)
    notes = _notes(due, given, parted)
    if parted is not None:
        _mark(sheet, [(curve.x[parted], curve.y[parted]) for curve in (due, given)], run, rise)
    head = [] if whole else words.part(subject)
    return sheet.svg(TOP + PLOT + FOOT, words.titled(subject, TITLE), facts, notes, head)


def _axes(sheet: Sheet, run: Scale, rise: Scale, left: float, *, whole_steps: bool) -> None:
    bottom = TOP + PLOT
    lines, below, beside = [], [], []
    for value, name in rise.ticks(5):
        y = rise.place(value)
        lines.append(f"M{at(left)} {at(y)}H{at(WIDTH - RIGHT)}")
        beside.append((left - 4, y + SMALL * 0.35, name))
    for value, name in run.ticks(6, whole=whole_steps):
        x = run.place(value)
        lines.append(f"M{at(x)} {at(bottom)}v4")
        below.append((min(x, WIDTH - width_of(name, SMALL) / 2), bottom + 14, name))
    sheet.path("".join(lines), "grid")
    sheet.path(f"M{at(left)} {at(TOP)}V{at(bottom)}H{at(WIDTH - RIGHT)}", "axis-line")
    sheet.numbers(beside, anchor="end", kind="soft")
    sheet.numbers(below, kind="soft")


def _key(sheet: Sheet) -> None:
    """A piece of each line with its name."""
    x = 0.0
    for name, kind, dashes in ((words.EXPECTED, "due", ""), (words.GOT, "got", ' stroke-dasharray="5 4"')):
        sheet.path(f"M{at(x)} 8h24", kind, dashes)
        sheet.say(x + 30, TEXT, name)
        x += 46 + width_of(name.en, TEXT)


def _path(curve: _Curve, run: Scale, rise: Scale) -> str:
    """Path data with a gap where a value is not finite; a lonely point is a dot."""
    thin = _thinned(curve)
    seen = thin.finite
    pieces, joined = [], False
    places = zip(run.at(np.where(seen, thin.x, run.low)), rise.at(np.where(seen, thin.y, rise.low)), seen, strict=True)
    for x, y, drawn in places:
        if drawn:
            pieces.append(f"{'L' if joined else 'M'}{at(x)} {at(y)}")
        elif joined:
            pieces.append("h0")
        joined = bool(drawn)
    return "".join(pieces) + ("h0" if joined else "")


def _thinned(curve: _Curve) -> _Curve:
    """At most about `MOST_POINTS` points: of each stretch its first, lowest and highest."""
    step = -(-3 * curve.x.size // MOST_POINTS)
    if curve.x.size <= MOST_POINTS:
        return curve
    kept: list[int] = []
    for start in range(0, curve.x.size, step):
        stretch = curve.y[start : start + step]
        if np.isnan(stretch).all():
            kept.append(start)
        else:
            kept += sorted({start, start + int(np.nanargmin(stretch)), start + int(np.nanargmax(stretch))})
    return _Curve(curve.x[kept], curve.y[kept], curve.over_index)


def _parted(due: _Curve, given: _Curve, rule: Rule) -> int | None:
    """The first point at which the curves differ, if they have as many."""
    if due.x.shape != given.x.shape:
        return None
    wrong = ~(rule.close(due.x, given.x) & rule.close(due.y, given.y))
    return int(wrong.argmax()) if wrong.any() else None


def _mark(sheet: Sheet, points: list[tuple[float, float]], run: Scale, rise: Scale) -> None:
    """A ring round both curves' point, and a line between them; a cross below where one is not finite."""
    places = [(run.place(x), rise.place(y)) for x, y in points if np.isfinite(x) and np.isfinite(y)]
    if len(places) == 2:
        sheet.line(places, "gap")
    for x, y in places:
        sheet.add(f'<circle class="pic-first" cx="{at(x)}" cy="{at(y)}" r="{at(DOT)}"/>')
    if len(places) < 2:
        x = places[0][0] if places else run.place(run.low)
        sheet.say(x, TOP + PLOT - 4, same("✗"), anchor="middle")


def _notes(due: _Curve, given: _Curve, parted: int | None) -> list[Note]:
    if due.x.size != given.x.size:
        counts = due.x.size, given.x.size
        return [
            Note(
                Message(f"Expected {counts[0]} points, got {counts[1]}.", "应有 {} 个点，得到 {} 个。".format(*counts))
            )
        ]
    if parted is None:
        return []
    expected, got = (_point(curve, parted) for curve in (due, given))
    return [
        Note(
            Message(
                f"They part at [{parted}]: expected {expected}, got {got}.",
                f"两条曲线从 [{parted}] 起分开：应为 {expected}，得到 {got}。",
            )
        )
    ]


def _point(curve: _Curve, place: int) -> str:
    x, y = number(float(curve.x[place]), 5), number(float(curve.y[place]), 5)
    return y if curve.over_index else f"({x}, {y})"


def _ends(curve: _Curve, name: Message) -> Message:
    """Where a curve begins and ends, and how many points it has."""
    if not curve.x.size:
        return Message(f"{name.en.capitalize()}: no points.", f"{name.zh}：没有点。")
    first, last = _point(curve, 0), _point(curve, -1)
    return Message(
        f"{name.en.capitalize()}: {curve.x.size} points, from {first} to {last}.",
        f"{name.zh}：{curve.x.size} 个点，从 {first} 到 {last}。",
    )
