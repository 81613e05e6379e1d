"""One-dimensional results: indices place by place, and curves over each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.bank.schema import Lang
from app.grading.pictures.svg import SMALL, WIDTH, array_of, document, line, rect, text

MAX_INDICES = 24
MAX_POINTS = 2000
LABEL = 76.0
CHIP = 28.0
PLOT = 220.0

_WORDS: dict[Lang, dict[str, str]] = {
    "en": {
        "expected": "expected", "got": "got", "legend": "✓ right place   ○ missed   ✗ wrong here",
        "indices": "Entries of the failing case", "curve": "Curves of the failing case",
    },
    "zh": {
        "expected": "应为", "got": "得到", "legend": "✓ 位置正确   ○ 漏掉   ✗ 此处不对",
        "indices": "未通过用例的各项", "curve": "未通过用例的曲线",
    },
}  # fmt: skip


def _row_of(value: object, most: int) -> NDArray[np.float64] | None:
    array = array_of(value)
    return array if array is not None and array.ndim == 1 and array.size <= most else None


def draw_indices(expected: object, got: object, lang: Lang) -> str | None:
    """Two rows of entries, those due above those returned, each marked right, missed or wrong."""
    due, given = _row_of(expected, MAX_INDICES), _row_of(got, MAX_INDICES)
    if due is None or given is None:
        return None
    words = _WORDS[lang]
    chip = min(CHIP, (WIDTH - LABEL) / max(due.size, given.size, 1))
    drawn = []
    for row, (name, own, other, wrong) in enumerate((("expected", due, given, "missed"), ("got", given, due, "extra"))):
        top = 8 + row * (CHIP + 14)
        drawn.append(text(0, top + CHIP / 2 + 5, words[name]))
        for place, value in enumerate(own):
            right = place < other.size and other[place] == value
            kind = "kept" if right else wrong
            mark = {"kept": "✓", "missed": "○", "extra": "✗"}[kind]
            drawn.append(rect(LABEL + place * chip + 1, top, chip - 2, CHIP, kind))
            drawn.append(text(LABEL + (place + 0.5) * chip, top + 13, f"{value:g}", "middle", 11))
            drawn.append(text(LABEL + (place + 0.5) * chip, top + 25, mark, "middle", 9))
    bottom = 8 + 2 * (CHIP + 14)
    drawn.append(text(0, bottom + SMALL, words["legend"]))
    described = "; ".join(
        f"{words[name]}: {', '.join(f'{value:g}' for value in row) or '-'}"
        for name, row in (("expected", due), ("got", given))
    )
    return document(bottom + 24, words["indices"], described, drawn)


def draw_curve(expected: object, got: object, lang: Lang) -> str | None:
    """Both curves over their index: the one due solid, the one returned dashed, each with its name at its end."""
    due, given = _row_of(expected, MAX_POINTS), _row_of(got, MAX_POINTS)
    if due is None or given is None or due.size < 2 or given.size < 2:
        return None
    both = np.concatenate([due, given])
    finite = both[np.isfinite(both)]
    if finite.size == 0:
        return None
    low, high = float(finite.min()), float(finite.max())
    words = _WORDS[lang]
    drawn = [rect(LABEL, 10, WIDTH - 2 * LABEL, PLOT, "grid")]
    drawn += [text(LABEL - 6, 20, f"{high:.4g}", "end", 11), text(LABEL - 6, 10 + PLOT, f"{low:.4g}", "end", 11)]
    names = []
    for name, row, kind in (("expected", due, "input"), ("got", given, "missed")):
        if points := _points(row, max(due.size, given.size), low, high):
            drawn.append(line(points, kind))
            names.append((points[-1][1] + 4, words[name]))
    lowest = 0.0
    for base, name in sorted(names):
        lowest = max(base, lowest + 15)
        drawn.append(text(WIDTH - LABEL + 4, lowest, name, size=12))
    described = f"{words['expected']}: {_ends(due)}; {words['got']}: {_ends(given)}"
    return document(PLOT + 32, words["curve"], described, drawn)


def _points(row: NDArray[np.float64], count: int, low: float, high: float) -> list[tuple[float, float]]:
    span = high - low or 1.0
    return [
        (LABEL + (WIDTH - 2 * LABEL) * place / (count - 1), 10 + PLOT * (1 - (float(value) - low) / span))
        for place, value in enumerate(row)
        if np.isfinite(value)
    ]


def _ends(row: NDArray[np.float64]) -> str:
    return f"{row[0]:.4g} … {row[-1]:.4g} ({row.size})"
