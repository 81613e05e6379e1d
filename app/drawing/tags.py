"""Labels of boxes that keep out of each other's way."""

from __future__ import annotations

from collections.abc import Sequence

from app.drawing.sheet import WIDTH, Sheet, width_of
from app.languages import same

TAG = 10.0
AIR = 2.0  # between a label and a side of a box that is not its own
Rect = tuple[float, float, float, float]


class Tags:
    """Short labels at the corners of boxes, each at the first spot that is free: of other labels, and of the sides of
    `avoided` boxes where that can be. A box is its corner, width and height."""

    def __init__(self, sheet: Sheet, left: float = 0.0, right: float = WIDTH, avoided: Sequence[Rect] = ()) -> None:
        self._sheet = sheet
        self._avoided = avoided
        self._left, self._right = left, right
        self._taken: list[tuple[float, float, float]] = []

    def put(self, words: str, box: Rect, kind: str = "tag") -> None:
        left, base = self.spot(width_of(words, TAG), box)
        self._sheet.say(left, base, same(words), TAG, kind=kind)

    def spot(self, size: float, box: Rect) -> tuple[float, float]:
        """Where a label of that width begins, and its base line; the spot is taken from now on."""
        x, y, width, height = box
        spots = [
            (x + 2, y - 3), (x + width - size, y - 3), (x + 2, y + height + 10), (x + width - size, y + height + 10),
            (x + 3, y + 12), (x + 3, y + 24), (x + width + 3, y + height / 2 + 4), (x - size - 3, y + height / 2 + 4),
        ]  # fmt: skip
        inside = [(max(min(left, self._right - size), self._left), base) for left, base in spots]
        free = [spot for spot in inside if self._is_free(*spot, size)]
        left, base = next((spot for spot in free if self._is_clear(*spot, size)), (free or inside)[0])
        self._taken.append((left, base, size))
        return left, base

    def _is_free(self, left: float, base: float, size: float) -> bool:
        return all(
            left + size < other or other + length < left or abs(base - line) > TAG
            for other, line, length in self._taken
        )

    def _is_clear(self, left: float, base: float, size: float) -> bool:
        """Whether no side of a box runs through a label there."""
        top, right = base - 0.75 * TAG - AIR, left + size
        return not any(
            (top < side < base + AIR and x < right and left < x + width)
            or (left < edge < right and y < base and top < y + height)
            for x, y, width, height in self._avoided
            for side, edge in ((y, x), (y + height, x + width))
        )
