"""A few SVG elements as escaped text, with no colour and no inline style: a page's policy forbids style attributes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from app.grading.compare import as_array
from app.sandbox import Tensor

WIDTH = 640.0
SMALL = 13


def document(height: float, title: str, description: str, body: Iterable[str]) -> str:
    """A whole picture `WIDTH` wide. `title` and `description` are its text alternative."""
    label = escape(f"{title}. {description}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:.0f}" role="img" aria-label="{label}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{''.join(body)}</svg>"
    )


def rect(x: float, y: float, width: float, height: float, kind: str, opacity: float | None = None) -> str:
    """A rectangle of class `pic-<kind>`."""
    fill = "" if opacity is None else f' fill-opacity="{opacity:.2f}"'
    size = f'width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
    return f'<rect class="pic-{kind}" x="{x:.1f}" y="{y:.1f}" {size}{fill}/>'


def text(x: float, y: float, words: str, anchor: str = "start", size: float = SMALL) -> str:
    """Words whose base line is at `y`."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}"'
    return f'<text class="pic-text" {place} fill="currentColor">{escape(words)}</text>'


def line(points: Sequence[tuple[float, float]], kind: str) -> str:
    """An open line through points."""
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="pic-{kind}" fill="none" stroke="currentColor" points="{joined}"/>'


def array_of(value: object) -> NDArray[np.float64] | None:
    """A value as floats, if it is an array, tensor or nest of numbers."""
    array = as_array(value.array if isinstance(value, Tensor) else value)
    return None if array is None or array.dtype.kind == "c" else array.astype(np.float64)
