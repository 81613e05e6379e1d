"""Small signs: points that differ by shape, heads of arrows, and labels beside a point."""

from __future__ import annotations

import math

from app.bank.figures.board import LABEL, Anchor, Board
from app.bank.schema.figures.parts import Mark, Shape, Side, Words
from app.bank.yaml_source import PathKey
from app.drawing.sheet import at
from app.languages import Message

RADIUS = 3.6
HEAD = 6.5  # length of an arrow's head

Spot = tuple[float, float]


def draw_point(board: Board, shape: Shape, spot: Spot, tone: str) -> None:
    """A point of a shape, its middle at `spot`."""
    board.keep_clear(spot)
    x, y = spot
    r = RADIUS
    if shape in ("dot", "ring"):
        board.add(f'<circle class="pic-{shape} tone-{tone}" cx="{at(x)}" cy="{at(y)}" r="{at(r)}"/>')
        return
    side, arm = r * 1.75, r * 1.2
    outline = {
        "square": f"M{at(x - side / 2)} {at(y - side / 2)}h{at(side)}v{at(side)}h{at(-side)}z",
        "diamond": f"M{at(x)} {at(y - r * 1.3)}l{at(r * 1.3)} {at(r * 1.3)}l{at(-r * 1.3)} {at(r * 1.3)}"
        f"l{at(-r * 1.3)} {at(-r * 1.3)}z",
        "triangle": f"M{at(x)} {at(y - r * 1.2)}l{at(r * 1.15)} {at(r * 2)}h{at(-r * 2.3)}z",
        "cross": f"M{at(x - arm)} {at(y - arm)}L{at(x + arm)} {at(y + arm)}M{at(x + arm)} {at(y - arm)}"
        f"L{at(x - arm)} {at(y + arm)}",
    }[shape]
    board.path(outline, f"{'strokes' if shape == 'cross' else 'dot'} tone-{tone}")


def draw_head(board: Board, tip: Spot, direction: Spot, tone: str) -> None:
    """The head of an arrow that points along `direction`."""
    length = math.hypot(*direction) or 1.0
    dx, dy = direction[0] / length * HEAD, direction[1] / length * HEAD
    left, right = (tip[0] - dx - dy * 0.45, tip[1] - dy + dx * 0.45), (tip[0] - dx + dy * 0.45, tip[1] - dy - dx * 0.45)
    corners = "L".join(f"{at(x)} {at(y)}" for x, y in (tip, left, right))
    board.path(f"M{corners}z", f"head tone-{tone}")


def draw_mark(board: Board, mark: Mark, place: PathKey, spot: Spot) -> None:
    """A mark of the data, and its label."""
    draw_point(board, mark.shape, spot, mark.tone)
    if mark.label is not None:
        write_beside(board, mark.label, (*place, "label"), spot, mark.side, mark.tone)


_BESIDE: dict[Side, tuple[float, float, Anchor]] = {
    "right": (7.0, 4.0, "start"),
    "left": (-7.0, 4.0, "end"),
    "above": (0.0, -8.0, "middle"),
    "below": (0.0, 16.0, "middle"),
}


def write_beside(
    board: Board, label: str | Words | Message, place: PathKey, spot: Spot, side: Side, tone: str = "ink"
) -> None:
    """A label on one side of a point."""
    dx, dy, anchor = _BESIDE[side]
    board.write(label, place, spot[0] + dx, spot[1] + dy, size=LABEL, anchor=anchor, kind=f"tag tone-{tone}")
