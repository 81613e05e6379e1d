"""The lines of a plot as points: expressions sampled, steps squared off, and everything cut at the plot's edges."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from app.bank.expressions import Expression, ExpressionError
from app.bank.schema.figures.plot import Axis, Run

Spot = tuple[float, float]


def value_at(source: str, x: float) -> float | None:
    """The value of an expression in x, where it has a finite one."""
    try:
        value = Expression.parse(source).evaluate({"x": x})
        return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
    except (ExpressionError, OverflowError):
        return None


def stretch_of(run: Run, axis: Axis) -> tuple[float, float]:
    """From where to where an expression is drawn."""
    return run.over or axis.range


def points_of(run: Run, axis: Axis) -> list[tuple[float, float | None]]:
    """The points of a line along the x axis; None where it has no value."""
    if run.points is not None:
        points: list[tuple[float, float | None]] = [*run.points]
    else:
        points = [(x, value_at(run.y or "0", x)) for x in _spread(*stretch_of(run, axis), run.samples, axis.scale)]
    return _squared(points) if run.step else points


def _spread(low: float, high: float, count: int, scale: str) -> list[float]:
    shares = [index / (count - 1) for index in range(count)]
    if scale == "log" and low > 0:
        return [low * (high / low) ** share for share in shares]
    return [low + (high - low) * share for share in shares]


def _squared(points: list[tuple[float, float | None]]) -> list[tuple[float, float | None]]:
    """Each value held until the next point."""
    held = [corner for one, other in pairwise(points) for corner in (one, (other[0], one[1]))]
    return [*held, points[-1]]


def cut(places: list[Spot | None], left: float, top: float, right: float, bottom: float) -> list[list[Spot]]:
    """What of a line lies in a rectangle, as lines. None, and what is not a number, is a gap."""
    lines: list[list[Spot]] = []
    for one, other in pairwise(places):
        piece = _cut_piece(one, other, left, top, right, bottom) if one and other else None
        if piece is None:
            continue
        if lines and lines[-1][-1] == piece[0]:
            lines[-1].append(piece[1])
        else:
            lines.append([*piece])
    return lines


def _cut_piece(
    one: Spot, other: Spot, left: float, top: float, right: float, bottom: float
) -> tuple[Spot, Spot] | None:
    """Liang and Barsky's: the part of a piece that lies inside."""
    if not all(map(math.isfinite, (*one, *other))):
        return None
    dx, dy = other[0] - one[0], other[1] - one[1]
    first, last = 0.0, 1.0
    for change, room in ((-dx, one[0] - left), (dx, right - one[0]), (-dy, one[1] - top), (dy, bottom - one[1])):
        if change == 0:
            if room < 0:
                return None
            continue
        share = room / change
        first, last = (max(first, share), last) if change < 0 else (first, min(last, share))
    if first > last:
        return None
    start = one if first == 0 else (one[0] + first * dx, one[1] + first * dy)
    end = other if last == 1 else (one[0] + last * dx, one[1] + last * dy)
    return start, end


def bands(run: Run, to: str, axis: Axis) -> Iterator[tuple[list[tuple[float, float]], list[tuple[float, float]]]]:
    """(upper edge, lower edge) of what is shaded, one pair for each stretch without a gap."""
    low, high = axis.range
    upper: list[tuple[float, float]] = []
    lower: list[tuple[float, float]] = []
    for x, y in [*points_of(run, axis), (math.nan, None)]:
        floor = value_at(to, x) if y is not None and low <= x <= high else None
        if y is not None and floor is not None:
            upper.append((x, y))
            lower.append((x, floor))
        elif upper:
            yield upper, lower
            upper, lower = [], []
