"""A plot: axes without a frame, curves with their names beside them, points, guides and shaded areas."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from app.bank.figures.board import LABEL, TICK, Board, breadth, worded
from app.bank.figures.marks import draw_head, draw_mark, draw_point, write_beside
from app.bank.figures.runs import bands, cut, points_of
from app.bank.figures.scales import Scale, ticks_of
from app.bank.schema.figures.parts import Label, Point, Tone
from app.bank.schema.figures.plot import Area, Arrow, Curve, Guide, Plot, Scatter
from app.bank.yaml_source import PathKey
from app.drawing.sheet import at

ABOVE, NAME, TICKS = 8.0, 17.0, 18.0  # room above the plot, for an axis's name, for the names of ticks
LONGEST_SHARE = 0.42  # of the width that the names of curves may take
HIGHEST = 230.0  # of a plot with equal axes
ALONG = 0.62  # where on a slanting guide its label stands
APART = 13.0  # between the names of two curves
TONES: tuple[Tone, ...] = ("ink", "blue", "amber", "plum", "grey")
Spot = tuple[float, float]


@dataclass(frozen=True)
class _Field:
    """The plot's rectangle, and its scales."""

    run: Scale
    rise: Scale

    def spot(self, point: Point) -> Spot:
        return self.run.at(point[0]), self.rise.at(point[1])

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.run.start, self.rise.end, self.run.end, self.rise.start

    def holds(self, spot: Spot) -> bool:
        left, top, right, bottom = self.edges
        return left - 0.5 <= spot[0] <= right + 0.5 and top - 0.5 <= spot[1] <= bottom + 0.5


def height_of(plot: Plot, width: float) -> float:
    return _head_of(plot) + _size(plot, width)[1] + _foot_of(plot)


def draw(board: Board, plot: Plot, place: PathKey, left: float, top: float, width: float) -> None:
    tones = [curve.tone or TONES[index % len(TONES)] for index, curve in enumerate(plot.curves)]
    wide, tall = _size(plot, width)
    first = left + (width - _left_of(plot) - wide - _right_of(plot, width)) / 2
    start, high = first + _left_of(plot), top + _head_of(plot)
    field = _Field(Scale(plot.x, start, start + wide), Scale(plot.y, high + tall, high))
    for index, area in enumerate(plot.areas):
        _draw_area(board, area, (*place, "areas", index), field)
    _draw_axes(board, plot, place, field, first, left + width)
    for index, guide in enumerate(plot.guides):
        _draw_guide(board, guide, (*place, "guides", index), field)
    _draw_curves(board, plot.curves, tones, (*place, "curves"), field, LONGEST_SHARE * width)
    for index, scatter in enumerate(plot.scatter):
        _draw_scatter(board, scatter, (*place, "scatter", index), field)
    for index, arrow in enumerate(plot.arrows):
        _draw_arrow(board, arrow, (*place, "arrows", index), field)
    for index, mark in enumerate(plot.marks):
        draw_mark(board, mark, (*place, "marks", index), field.spot(mark.at))


# --- the room that each part takes


def _head_of(plot: Plot) -> float:
    above = any(guide.side == "above" and guide.x is not None and guide.label for guide in plot.guides)
    return ABOVE + (NAME if plot.y.label is not None else 0) + (12 if above else 0)


def _foot_of(plot: Plot) -> float:
    return (TICKS if ticks_of(plot.x, 1) else 5) + (NAME if plot.x.label is not None else 0)


def _left_of(plot: Plot) -> float:
    names = [breadth(worded(name), TICK) for _, name in ticks_of(plot.y, plot.height // 34)]
    return max(names, default=0) + 8


def _right_of(plot: Plot, width: float) -> float:
    names = [breadth(worded(curve.label), LABEL) + 8 for curve in plot.curves if _is_named_at_the_edge(plot, curve)]
    names += [breadth(worded(name), TICK) / 2 for _, name in ticks_of(plot.x, 4)[-1:]]
    return min(max(names, default=0), LONGEST_SHARE * width) + 2


def _is_named_at_the_edge(plot: Plot, curve: Curve) -> bool:
    """Whether a curve runs on so far that its name stands right of the plot."""
    if curve.label_at is not None:
        return False
    xs = [x for x, y in points_of(curve, plot.x) if y is not None]
    return bool(xs) and Scale(plot.x, 0, 1).at(max(xs)) > 0.85


def _size(plot: Plot, width: float) -> Spot:
    """How wide and how high the plot's rectangle is."""
    room = width - _left_of(plot) - _right_of(plot, width)
    if not plot.equal:
        return room, float(plot.height)
    wide, high = (axis.range[1] - axis.range[0] for axis in (plot.x, plot.y))
    unit = min(room / wide, HIGHEST / high)
    return wide * unit, high * unit


# --- its parts


def _draw_axes(board: Board, plot: Plot, place: PathKey, field: _Field, first: float, last: float) -> None:
    left, top, right, bottom = field.edges
    board.path(f"M{at(left)} {at(top)}V{at(bottom)}H{at(right)}", "axis-line")
    across, down = ticks_of(plot.x, int((right - left) / 46)), ticks_of(plot.y, plot.height // 34)
    marks = [f"M{at(field.run.at(value))} {at(bottom)}v4" for value, _ in across]
    marks += [f"M{at(left)} {at(field.rise.at(value))}h-4" for value, _ in down]
    board.path("".join(marks), "axis-line")
    for index, (value, name) in enumerate(across):
        where = (*place, "x", "ticks", index)
        board.write(name, where, field.run.at(value), bottom + 15, size=TICK, anchor="middle", kind="soft")
    for index, (value, name) in enumerate(down):
        where = (*place, "y", "ticks", index)
        board.write(name, where, left - 7, field.rise.at(value) + 3.6, size=TICK, anchor="end", kind="soft")
    if plot.y.label is not None:
        board.write(plot.y.label, (*place, "y", "label"), first, top - 9, kind="text", room=last - first)
    if plot.x.label is not None:
        base = bottom + (TICKS if across else 5) + 12
        board.write(plot.x.label, (*place, "x", "label"), right, base, anchor="end", kind="text", room=right - first)


def _path(lines: Iterable[list[Spot]]) -> str:
    return "".join("M" + "L".join(f"{at(x)} {at(y)}" for x, y in line) for line in lines)


def _draw_area(board: Board, area: Area, place: PathKey, field: _Field) -> None:
    _, top, _, bottom = field.edges
    for upper, lower in bands(area, area.to, field.run.axis):
        outline = [field.spot(point) for point in (*upper, *reversed(lower))]
        inside = [(x, min(max(y, top), bottom)) for x, y in outline if math.isfinite(y)]
        board.path(_path([inside]) + "z", f"area tone-{area.tone}")
    if area.label is not None and area.label_at is not None:
        x, y = field.spot(area.label_at)
        board.write(area.label, (*place, "label"), x, y, anchor="middle", kind=f"tag tone-{area.tone}")


def _draw_guide(board: Board, guide: Guide, place: PathKey, field: _Field) -> None:
    left, top, right, bottom = field.edges
    if guide.x is not None:
        ends = [(field.run.at(guide.x), bottom), (field.run.at(guide.x), top)]
    elif guide.y is not None:
        ends = [(left, field.rise.at(guide.y)), (right, field.rise.at(guide.y))]
    else:
        ends = _extended([field.spot(point) for point in guide.through or ()], field)
    if len(ends) < 2 or not all(map(field.holds, ends)):
        return
    board.line(ends, f"thin dash-{guide.dash} tone-{guide.tone}")
    if guide.label is not None:
        _write_guide(board, guide, guide.label, (*place, "label"), ends[0], ends[-1])


def _write_guide(board: Board, guide: Guide, label: Label, place: PathKey, start: Spot, end: Spot) -> None:
    """Its label: of an upright one at its top, of a level one at an end, of a slanting one along it."""
    kind = f"tag tone-{guide.tone}"
    if guide.through is not None:
        along = start[0] + ALONG * (end[0] - start[0]), start[1] + ALONG * (end[1] - start[1])
        write_beside(board, label, place, along, guide.side, guide.tone)
    elif guide.x is not None and guide.side in ("above", "below"):
        board.write(label, place, end[0], end[1] - 4, anchor="middle", kind=kind)
    elif guide.x is not None:
        beside = end[0], end[1] + 5
        write_beside(board, label, place, beside, guide.side, guide.tone)
    elif guide.side == "left":
        board.write(label, place, start[0] + 5, start[1] - 5, kind=kind)
    else:
        base = end[1] + (14 if guide.side == "below" else -5)
        board.write(label, place, end[0] - 2, base, anchor="end", kind=kind)


def _extended(spots: list[Spot], field: _Field) -> list[Spot]:
    """The line through two spots, from edge to edge, left end first."""
    (x1, y1), (x2, y2) = spots
    far = 4 * (field.edges[2] - field.edges[0] + field.edges[3] - field.edges[1]) / math.hypot(x2 - x1, y2 - y1)
    ends: list[Spot | None] = [
        (x1 - far * (x2 - x1), y1 - far * (y2 - y1)),
        (x2 + far * (x2 - x1), y2 + far * (y2 - y1)),
    ]
    return sorted(spot for line in cut(ends, *field.edges) for spot in line)


def _draw_curves(
    board: Board, curves: tuple[Curve, ...], tones: list[Tone], place: PathKey, field: _Field, room: float
) -> None:
    ends: list[tuple[float, float, int]] = []
    for index, curve in enumerate(curves):
        points = points_of(curve, field.run.axis)
        lines = cut([field.spot((x, y)) if y is not None else None for x, y in points], *field.edges)
        board.path(_path(lines), f"line dash-{curve.dash} tone-{tones[index]}")
        if curve.label_at is not None:
            x, y = field.spot(curve.label_at)
            kind = f"tag tone-{tones[index]}"
            board.write(curve.label, (*place, index, "label"), x, y + 4, anchor=curve.anchor, kind=kind)
        elif lines:
            x, y = max(lines[-1][0], lines[-1][-1])
            ends.append((y, x, index))
    for (_, x, index), y in zip(sorted(ends), _spread([y for y, *_ in sorted(ends)], field), strict=True):
        kind = f"tag tone-{tones[index]}"
        board.write(curves[index].label, (*place, index, "label"), x + 6, y + 4, kind=kind, room=room)


def _spread(heights: list[float], field: _Field) -> list[float]:
    """The same heights, from the top down, moved until their labels are apart and above the axis."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + APART) if placed else height)
    floor = field.edges[3] - 3
    for index in reversed(range(len(placed))):
        placed[index] = min(placed[index], floor)
        floor = placed[index] - APART
    return placed


def _draw_scatter(board: Board, scatter: Scatter, place: PathKey, field: _Field) -> None:
    for point in scatter.points:
        draw_point(board, scatter.shape, field.spot(point), scatter.tone)
    if scatter.label_at is not None:
        x, y = field.spot(scatter.label_at)
        draw_point(board, scatter.shape, (x, y), scatter.tone)
        write_beside(board, scatter.label, (*place, "label"), (x, y), "right", scatter.tone)


def _draw_arrow(board: Board, arrow: Arrow, place: PathKey, field: _Field) -> None:
    tail, head = field.spot(arrow.tail), field.spot(arrow.head)
    board.line([tail, head], f"strokes tone-{arrow.tone}")
    draw_head(board, head, (head[0] - tail[0], head[1] - tail[1]), arrow.tone)
    if arrow.label is not None:
        write_beside(board, arrow.label, (*place, "label"), head, arrow.side, arrow.tone)
