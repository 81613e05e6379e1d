"""How an edge runs from block to block: straight, round one corner or two, or led round the others on a lane."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import pairwise

from app.bank.schema.figures.parts import Side

FIRST, APART = 14.0, 10.0  # from the blocks to the first lane, and from lane to lane
NEAR = 11.5  # from a block to where an edge turns before it
INSET = 7.0  # an edge meets a wide block no nearer to its corner

Spot = tuple[float, float]


@dataclass(frozen=True)
class Block:
    """Where a node lies."""

    id: str
    left: float
    top: float
    right: float
    bottom: float
    row: int
    round: bool
    bare: bool  # text without an outline: edges start at its middle

    @property
    def centre(self) -> Spot:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def is_crossed(self, one: Spot, other: Spot) -> bool:
        """Whether a piece, along one axis, runs through it."""
        (x1, x2), (y1, y2) = sorted((one[0], other[0])), sorted((one[1], other[1]))
        return x1 < self.right - 1 and x2 > self.left + 1 and y1 < self.bottom - 1 and y2 > self.top + 1


@dataclass(frozen=True)
class Hop:
    """`at_side`: with one corner, if any. `fans_out`: one of several edges from its source."""

    source: Block
    target: Block
    via: Side | None
    at_side: bool
    fans_out: bool


class Blocked(Exception):  # noqa: N818 (a finding about the figure, drawn all the same)
    """Every way runs through a block; `points` is the best of them."""

    def __init__(self, by: str, points: list[Spot]) -> None:
        super().__init__(by)
        self.by = by
        self.points = points


@dataclass
class Lanes:
    """Which stretches beside the blocks are taken, by side."""

    taken: dict[Side, list[tuple[float, float, int]]] = field(default_factory=lambda: defaultdict(list))

    def number(self, side: Side, low: float, high: float) -> int:
        """The nearest lane that is free from `low` to `high`."""
        full = {lane for first, last, lane in self.taken[side] if first < high and low < last}
        lane = next(lane for lane in range(len(full) + 1) if lane not in full)
        self.taken[side].append((low, high, lane))
        return lane


def routed(hop: Hop, blocks: Collection[Block], lanes: Lanes) -> list[Spot]:
    """The corners of an edge, ends included. Raises `Blocked` if it runs through a third block."""
    ways = [_led_round(hop, hop.via, blocks, lanes)] if hop.via else _ways(hop)
    others = [block for block in blocks if block not in (hop.source, hop.target)]
    crossed = [_crossed(way, others) for way in ways]
    for way, by in zip(ways, crossed, strict=True):
        if by is None:
            return way
    raise Blocked(crossed[0] or "", ways[0])


def _crossed(way: list[Spot], blocks: list[Block]) -> str | None:
    return next((block.id for one, other in pairwise(way) for block in blocks if block.is_crossed(one, other)), None)


def _ways(hop: Hop) -> list[list[Spot]]:
    """The ways to try, the best first."""
    a, b = hop.source, hop.target
    (ax, ay), (bx, by) = a.centre, b.centre
    if a.row == b.row:
        return [[(a.right, ay), (b.left, by)] if ax < bx else [(a.left, ay), (b.right, by)]]
    start, end = (a.bottom, b.top) if ay < by else (a.top, b.bottom)
    x = _shared(a, b)
    if x is not None:
        return [[(x, start), (x, end)]]
    turn_before = end - NEAR if ay < by else end + NEAR
    turn_after = start + NEAR if ay < by else start - NEAR
    late, early = ([(ax, start), (ax, turn), (bx, turn), (bx, end)] for turn in (turn_before, turn_after))
    into_side = [(ax, start), (ax, by), (b.left if ax < bx else b.right, by)]
    out_of_side = [(a.right if ax < bx else a.left, ay), (bx, ay), (bx, end)]
    corners_first = [into_side, out_of_side] if ay < by else [out_of_side, into_side]
    if hop.at_side or a.round or b.round:
        return [into_side if b.round else out_of_side if a.round else corners_first[0], late, early]
    return [early, late, *corners_first] if hop.fans_out else [late, early, *corners_first]


def _shared(a: Block, b: Block) -> float | None:
    """Where a straight line down meets both: at the narrower one's middle."""
    if a.bare or b.bare:
        return a.centre[0] if abs(a.centre[0] - b.centre[0]) < 1 else None
    narrow, wide = sorted((a, b), key=lambda it: it.right - it.left)
    x = narrow.centre[0]
    inset = min(INSET, (wide.right - wide.left) / 2 - 1)
    return x if wide.left + inset <= x <= wide.right - inset else None


def _led_round(hop: Hop, side: Side, blocks: Collection[Block], lanes: Lanes) -> list[Spot]:
    """Out at one side, along a lane beside everything between, in at the same side."""
    a, b = hop.source, hop.target
    (ax, ay), (bx, by) = a.centre, b.centre
    if side in ("left", "right"):
        low, high = sorted((ay, by))
        between = [block for block in blocks if block.top < high and block.bottom > low]
        away = FIRST + APART * lanes.number(side, low, high)
        if side == "right":
            x = max(block.right for block in (*between, a, b)) + away
            return [(a.right, ay), (x, ay), (x, by), (b.right, by)]
        x = min(block.left for block in (*between, a, b)) - away
        return [(a.left, ay), (x, ay), (x, by), (b.left, by)]
    low, high = sorted((ax, bx))
    between = [block for block in blocks if block.left < high and block.right > low]
    away = FIRST + APART * lanes.number(side, low, high)
    if side == "below":
        y = max(block.bottom for block in (*between, a, b)) + away
        return [(ax, a.bottom), (ax, y), (bx, y), (bx, b.bottom)]
    y = min(block.top for block in (*between, a, b)) - away
    return [(ax, a.top), (ax, y), (bx, y), (bx, b.top)]
