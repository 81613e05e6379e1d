"""Boxes `(x1, y1, x2, y2)` in image coordinates: two and their overlap, or many as kept, missed and extra."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.bank.schema import Lang
from app.grading.pictures.svg import SMALL, WIDTH, array_of, document, rect, text

MAX_BOXES = 60
MARGIN = 24.0
HEIGHT = 360.0
ROW = 22.0

Floats = NDArray[np.float64]

_WORDS: dict[Lang, dict[str, str]] = {
    "en": {
        "kept": "kept, rightly", "missed": "missed", "extra": "kept, but should go", "input": "rightly removed",
        "title": "Boxes of the failing case", "order": "The right boxes, but their order or scores differ.",
        "outside": "Not a box", "a": "a", "b": "b", "overlap": "overlap", "got": "got", "expected": "expected",
    },
    "zh": {
        "kept": "正确保留", "missed": "漏掉", "extra": "不该保留", "input": "正确去除",
        "title": "未通过用例中的框", "order": "框选对了，但顺序或分数不同。",
        "outside": "不存在的框", "a": "a", "b": "b", "overlap": "重叠", "got": "得到", "expected": "应为",
    },
}  # fmt: skip


def draw(
    boxes: object, scores: object, pair: tuple[object, object], expected: object, got: object, lang: Lang
) -> str | None:
    """The picture for roles `a` and `b`, or for `boxes` (and `scores`) with index results; None if neither fits."""
    if boxes is not None:
        return _draw_selection(array_of(boxes), array_of(scores), _indices(expected), _indices(got), lang)
    a, b = (array_of(box) for box in pair)
    if a is None or b is None or a.shape != (4,) or b.shape != (4,):
        return None
    return _draw_pair(a, b, array_of(expected), array_of(got), lang)


@dataclass(frozen=True)
class _View:
    """From box coordinates to the picture's, both axes to one scale."""

    left: float
    top: float
    scale: float
    indent: float
    height: float

    def place(self, box: Floats) -> tuple[float, float, float, float]:
        """x, y, width, height; corners in the wrong order give width 0."""
        x1, y1, x2, y2 = (float(value) for value in box)
        x = self.indent + (x1 - self.left) * self.scale
        y = MARGIN + (y1 - self.top) * self.scale
        return x, y, (x2 - x1) * self.scale, (y2 - y1) * self.scale


def _view(boxes: Floats) -> _View | None:
    if not np.isfinite(boxes).all():
        return None
    xs, ys = boxes[:, [0, 2]], boxes[:, [1, 3]]
    width, height = float(np.ptp(xs)), float(np.ptp(ys))
    if width <= 0 and height <= 0:
        return None
    scale = min((WIDTH - 2 * MARGIN) / max(width, 1e-300), (HEIGHT - 2 * MARGIN) / max(height, 1e-300))
    indent = (WIDTH - width * scale) / 2
    return _View(float(xs.min()), float(ys.min()), scale, indent, height * scale + 2 * MARGIN)


def _indices(value: object) -> list[int] | None:
    """Kept indices: the result itself, or the first entry of a tuple such as (indices, scores)."""
    if isinstance(value, tuple) and len(value) == 2 and array_of(value[0]) is not None:
        value = value[0]
    array = array_of(value)
    if array is None or (array.size and array.ndim != 1) or not (array == np.round(array)).all():
        return None
    return [int(index) for index in array.ravel()]


def _draw_selection(
    boxes: Floats | None, scores: Floats | None, expected: list[int] | None, got: list[int] | None, lang: Lang
) -> str | None:
    if boxes is None or expected is None or got is None or boxes.ndim != 2 or boxes.shape[1] != 4:
        return None
    if not 1 <= len(boxes) <= MAX_BOXES or (view := _view(boxes)) is None:
        return None
    groups = _groups(len(boxes), expected, got)
    words = _WORDS[lang]
    labels = _Labels()
    shapes, names = [], []
    for kind in ("input", "kept", "missed", "extra"):
        for index in groups[kind]:
            x, y, width, height = view.place(boxes[index])
            shapes.append(rect(x, y, width, height, kind))
            score = f" {scores[index]:.2g}" if scores is not None and scores.shape == (len(boxes),) else ""
            names.append(labels.put(f"{_MARKS[kind]}{index}{score}", x, y, width, height))
    notes = [f"{_MARKS[kind]} {words[kind]}: {_listed(groups[kind])}" for kind in _MARKS if groups[kind]]
    if groups["outside"]:
        notes.append(f"{words['outside']}: {_listed(groups['outside'])}")
    if not groups["missed"] and not groups["extra"] and not groups["outside"]:
        notes.append(words["order"])
    legend = _legend(notes, view.height, groups)
    return document(
        view.height + ROW * len(notes) + 8, words["title"], " ".join(f"{it}." for it in notes), shapes + names + legend
    )


_MARKS = {"kept": "✓", "missed": "○", "extra": "✗", "input": ""}


def _groups(count: int, expected: list[int], got: list[int]) -> dict[str, list[int]]:
    inside = [index for index in got if 0 <= index < count]
    due, given = set(expected), set(inside)
    return {
        "kept": sorted(due & given),
        "missed": sorted(due - given),
        "extra": sorted(given - due),
        "input": sorted(set(range(count)) - due - given),
        "outside": sorted({index for index in got if not 0 <= index < count})[:10],
    }


def _listed(indices: list[int]) -> str:
    return ", ".join(map(str, indices[:20])) + (" …" if len(indices) > 20 else "")


def _legend(notes: list[str], top: float, groups: dict[str, list[int]]) -> list[str]:
    kinds = [kind for kind in _MARKS if groups[kind]]
    drawn = []
    for row, note in enumerate(notes):
        base = top + ROW * row + SMALL
        if row < len(kinds):
            drawn.append(rect(MARGIN, base - 10, 18, 11, kinds[row]))
        drawn.append(text(MARGIN + 28, base, note.strip()))
    return drawn


class _Labels:
    """Places labels at box corners, each at the first that is free."""

    def __init__(self) -> None:
        self._taken: list[tuple[float, float, float]] = []

    def put(self, words: str, x: float, y: float, width: float, height: float) -> str:
        size = len(words) * 6.5
        spots = [
            (x + 2, y - 3), (x + width - size, y - 3), (x + 2, y + height + 12), (x + width - size, y + height + 12),
            (x + 3, y + 13), (x + 3, y + 27),
        ]  # fmt: skip
        inside = [(min(max(left, 0), WIDTH - size), base) for left, base in spots]
        left, base = next((spot for spot in inside if self._is_free(*spot, size)), inside[0])
        self._taken.append((left, base, size))
        return text(left, base, words, size=11)

    def _is_free(self, left: float, base: float, size: float) -> bool:
        return all(
            left + size < other or other + length < left or abs(base - line) > 11 for other, line, length in self._taken
        )


def _draw_pair(a: Floats, b: Floats, expected: Floats | None, got: Floats | None, lang: Lang) -> str | None:
    if (view := _view(np.stack([a, b]))) is None:
        return None
    words = _WORDS[lang]
    overlap = np.concatenate([np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])])
    labels = _Labels()
    shapes, names = [], []
    if (overlap[2:] > overlap[:2]).all():
        shapes.append(rect(*view.place(overlap), "pos", opacity=0.3))
    for name, box in (("a", a), ("b", b)):
        shapes.append(rect(*view.place(box), "input"))
        names.append(labels.put(words[name], *view.place(box)))
    note = "; ".join(
        f"{words[name]} {value.item():.6g}"
        for name, value in (("got", got), ("expected", expected))
        if value is not None and value.size == 1
    )
    size = np.clip(overlap[2:] - overlap[:2], 0, None)
    facts = f"{words['overlap']}: {size[0]:g} × {size[1]:g}. {note}".strip()
    caption = [text(WIDTH / 2, view.height + SMALL, facts, "middle")]
    corners = " ".join(f"{name}: ({', '.join(f'{v:g}' for v in box)})." for name, box in (("a", a), ("b", b)))
    return document(view.height + ROW + 8, words["title"], f"{corners} {facts}", shapes + names + caption)
