"""A graph of blocks, laid out by its author in rows and columns. How edges run is `routes`'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

from app.bank.figures.board import LABEL, TICK, Board, breadth, worded
from app.bank.figures.marks import draw_head
from app.bank.figures.routes import APART, FIRST, Block, Blocked, Hop, Lanes, Spot, routed
from app.bank.schema.figures.blocks import Blocks, Group, Node
from app.bank.schema.figures.parts import Words
from app.bank.yaml_source import PathKey
from app.drawing.sheet import at
from app.languages import phrase

ONE_LINE, TWO_LINES, BARE = 25.0, 39.0, 20.0  # heights of nodes; a bare one is text alone
ROUND = 11.0
BETWEEN_ROWS, BETWEEN_COLUMNS = 23.0, 14.0
WIDEST_SLOT = 124.0
ROUNDED = 5.0  # radius where an edge turns
GROUP_PAD, GROUP_NAME = 7.0, 14.0


def height_of(blocks: Blocks, width: float) -> float:
    placed = _placed(blocks, 0, 0, width)
    return max(block.bottom for block in placed.values()) + _outside(blocks, "below") + 4


def draw(board: Board, blocks: Blocks, place: PathKey, left: float, top: float, width: float) -> None:
    placed = _placed(blocks, left, top, width)
    for index, group in enumerate(blocks.groups):
        _draw_group(board, group, (*place, "groups", index), placed)
    for index, node in enumerate(blocks.nodes):
        _draw_node(board, node, (*place, "nodes", index), placed[node.id])
    lanes = Lanes()
    out_of = Counter(one for edge in blocks.edges for one in edge.chain[:-1])
    for index, edge in enumerate(blocks.edges):
        where = (*place, "edges", index)
        for one, other in pairwise(edge.chain):
            hop = Hop(placed[one], placed[other], edge.via, at_side=edge.corners == 1, fans_out=out_of[one] > 1)
            try:
                points = routed(hop, placed.values(), lanes)
            except Blocked as blocked:
                message = phrase(
                    "the edge from '%(one)s' to '%(other)s' runs through '%(by)s'", one=one, other=other, by=blocked.by
                )
                board.object(
                    where, message, phrase("lead it round with 'via: left', right, above or below, or move a node")
                )
                points = blocked.points
            _draw_edge(board, points, f"dash-{edge.dash} tone-{edge.tone}", edge.tone)
        if edge.label is not None:
            _write_on(board, edge.label, (*where, "label"), points)


# --- where the nodes lie


def _outside(blocks: Blocks, side: str) -> float:
    """The room that edges led round on one side need there, with their labels."""
    led = [edge for edge in blocks.edges if edge.via == side]
    if not led:
        return 0.0
    names = [breadth(worded(edge.label), TICK) + 6 if edge.label is not None else 0.0 for edge in led]
    if side in ("above", "below"):
        names = [TICK + 4 if edge.label is not None else 0.0 for edge in led]
    return FIRST + APART * (len(led) - 1) + 4 + max(names)


def _placed(blocks: Blocks, left: float, top: float, width: float) -> dict[str, Block]:
    columns = max(node.at[1] + node.wide for node in blocks.nodes)
    before, after = _outside(blocks, "left"), _outside(blocks, "right")
    slot = min(WIDEST_SLOT, (width - before - after - 2) / columns)
    x0 = left + before + (width - before - after - columns * slot) / 2
    heights = _row_heights(blocks)
    first = {node.id for node in blocks.nodes if node.at[0] == 0}
    named = GROUP_PAD + GROUP_NAME if any(first & {*group.nodes} for group in blocks.groups) else 0.0
    y, middles = top + 3 + _outside(blocks, "above") + named, {}
    for row in range(max(heights) + 1):
        middles[row] = y + heights.get(row, 0) / 2
        y += heights.get(row, 0) + BETWEEN_ROWS
    return {node.id: _block(node, x0, slot, middles[node.at[0]]) for node in blocks.nodes}


def _row_heights(blocks: Blocks) -> dict[int, float]:
    heights: dict[int, float] = {}
    for node in blocks.nodes:
        heights[node.at[0]] = max(heights.get(node.at[0], 0), _height(node))
    return heights


def _height(node: Node) -> float:
    if node.look == "round":
        return 2 * ROUND
    if node.second is not None:
        return TWO_LINES
    return BARE if node.look == "data" else ONE_LINE


def _block(node: Node, x0: float, slot: float, middle: float) -> Block:
    centre = x0 + (node.at[1] + node.wide / 2) * slot
    wide = 2 * ROUND if node.look == "round" else node.wide * slot - BETWEEN_COLUMNS
    if node.look == "data":  # no wider than its words, so that edges may start beside them
        words = [breadth(worded(line), LABEL) for line in (node.text, node.second) if line is not None]
        wide = min(wide, max(words) + 8)
    high = _height(node)
    return Block(
        id=node.id,
        left=centre - wide / 2,
        top=middle - high / 2,
        right=centre + wide / 2,
        bottom=middle + high / 2,
        row=node.at[0],
        round=node.look == "round",
        bare=node.look == "data",
    )


# --- drawing


def _draw_node(board: Board, node: Node, place: PathKey, block: Block) -> None:
    wide, high = block.right - block.left, block.bottom - block.top
    x, y = block.centre
    if node.look == "round":
        board.add(f'<circle class="pic-node-round" cx="{at(x)}" cy="{at(y)}" r="{at(ROUND)}"/>')
        board.write(node.text, (*place, "text"), x, y + 4.5, size=13, anchor="middle", kind="text", room=2 * ROUND)
        return
    if node.look != "data":
        board.add(
            f'<rect class="pic-node-{node.look}" x="{at(block.left)}" y="{at(block.top)}" width="{at(wide)}" '
            f'height="{at(high)}" rx="4"/>'
        )
    lines = [("text", node.text, LABEL, "text")]
    if node.second is not None:
        lines.append(("second", node.second, TICK, "soft"))
    first = y + 4 - (7 if len(lines) == 2 else 0)
    for index, (name, words, size, kind) in enumerate(lines):
        where = (*place, name)
        board.write(words, where, x, first + 14 * index, size=size, anchor="middle", kind=kind, room=wide - 4)


def _draw_group(board: Board, group: Group, place: PathKey, placed: Mapping[str, Block]) -> None:
    inside = [placed[name] for name in group.nodes]
    left, top = min(it.left for it in inside) - GROUP_PAD, min(it.top for it in inside) - GROUP_PAD
    right, bottom = max(it.right for it in inside) + GROUP_PAD, max(it.bottom for it in inside) + GROUP_PAD
    board.rect(left, top, right - left, bottom - top, "group")
    board.write(group.label, (*place, "label"), left, top - 4, size=TICK, kind="soft")


def _draw_edge(board: Board, points: list[Spot], kind: str, tone: str) -> None:
    board.path(_rounded(points), f"edge {kind}")
    (x1, y1), (x2, y2) = points[-2:]
    draw_head(board, (x2, y2), (x2 - x1, y2 - y1), tone)


def _rounded(points: list[Spot]) -> str:
    """A line with round corners."""
    data = [f"M{at(points[0][0])} {at(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        start, end = _towards(corner, before), _towards(corner, after)
        data.append(f"L{at(start[0])} {at(start[1])}Q{at(corner[0])} {at(corner[1])} {at(end[0])} {at(end[1])}")
    return "".join([*data, f"L{at(points[-1][0])} {at(points[-1][1])}"])


def _towards(corner: Spot, other: Spot) -> Spot:
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = abs(dx) + abs(dy)
    share = min(ROUNDED, length / 2) / length if length else 0.0
    return corner[0] + dx * share, corner[1] + dy * share


def _write_on(board: Board, label: str | Words, place: PathKey, points: list[Spot]) -> None:
    """A label beside the longest piece of an edge."""
    (x1, y1), (x2, y2) = max(pairwise(points), key=lambda it: abs(it[0][0] - it[1][0]) + abs(it[0][1] - it[1][1]))
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    if x1 != x2:
        board.write(label, place, x, y - 5, size=TICK, anchor="middle", kind="tag tone-grey")
    elif points[0][0] > x:
        board.write(label, place, x - 5, y + 4, size=TICK, anchor="end", kind="tag tone-grey")
    else:
        board.write(label, place, x + 5, y + 4, size=TICK, kind="tag tone-grey")
