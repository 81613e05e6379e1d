"""A tensor block: channels across, samples into the depth, positions (H·W) down; the cells of one statistic marked."""

from __future__ import annotations

from collections.abc import Iterator

from app.bank.figures.board import TICK, Board
from app.bank.schema.figures.images import Cube
from app.bank.yaml_source import PathKey
from app.drawing.sheet import at

DEPTH = (0.55, 0.42)  # how far one step into the depth goes right and up, in cells
LARGEST = 22.0
NAMES = 34.0  # room for the names of the axes, left
FOOT = 18.0


def _side(cube: Cube, width: float) -> float:
    return min(LARGEST, (width - NAMES - 8) / (cube.c + DEPTH[0] * cube.n))


def height_of(cube: Cube, width: float) -> float:
    return (cube.hw + DEPTH[1] * cube.n) * _side(cube, width) + FOOT + 6


def draw(board: Board, cube: Cube, place: PathKey, left: float, top: float, width: float) -> None:
    side = _side(cube, width)
    total = (cube.c + DEPTH[0] * cube.n) * side
    x = left + (width - total - NAMES) / 2 + NAMES
    y = top + 3 + DEPTH[1] * cube.n * side
    for corners, marked in _faces(cube):
        outline = "L".join(f"{at(x + across * side)} {at(y + down * side)}" for across, down in corners)
        board.path(f"M{outline}z", "cube-marked" if marked else "cube-cell")
    across, down = cube.c * side, cube.hw * side
    board.write("H·W", place, x - 6, y + down / 2 + 4, size=TICK, anchor="end", kind="soft")
    board.write("C", place, x + across / 2, y + down + 13, size=TICK, anchor="middle", kind="soft")
    right, back = x + across + DEPTH[0] * cube.n * side / 2, y + down - DEPTH[1] * cube.n * side / 2
    board.write("N", place, right + 5, back + 10, size=TICK, kind="soft")


def _faces(cube: Cube) -> Iterator[tuple[list[tuple[float, float]], bool]]:
    """The cells of the three faces that are seen, with the corners of each in cells: the first sample's plane in front,
    the first row on top, the last channel right."""
    dx, dy = DEPTH
    for row in range(cube.hw):
        for channel in range(cube.c):
            x, y = float(channel), float(row)
            yield [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)], _is_marked(cube, 0, channel, row)
    for sample in range(cube.n):
        for channel in range(cube.c):
            x, y = channel + sample * dx, -sample * dy
            corners = [(x, y), (x + 1, y), (x + 1 + dx, y - dy), (x + dx, y - dy)]
            yield corners, _is_marked(cube, sample, channel, 0)
        for row in range(cube.hw):
            x, y = cube.c + sample * dx, row - sample * dy
            corners = [(x, y), (x + dx, y - dy), (x + dx, y - dy + 1), (x, y + 1)]
            yield corners, _is_marked(cube, sample, cube.c - 1, row)


def _is_marked(cube: Cube, sample: int, channel: int, row: int) -> bool:
    chosen = ((cube.of_n, sample), (cube.of_c, channel), (cube.of_hw, row))
    return all(those is None or index in those for those, index in chosen)
