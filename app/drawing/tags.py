"""Labels of boxes that keep out of each other's way."""

from __future__ import annotations

from app.drawing.sheet import WIDTH, Sheet, width_of
from app.languages import same

TAG = 10.0


class Tags:
    """Short labels at the corners of boxes, each at the first spot that is free."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._taken: list[tuple[float, float, float]] = []

    def put(self, words: str, box: tuple[float, float, float, float], kind: str = "tag") -> None:
        x, y, width, height = box
        size = width_of(words, TAG)
        spots = [
            (x + 2, y - 3), (x + width - size, y - 3), (x + 2, y + height + 10), (x + width - size, y + height + 10),
            (x + 3, y + 12), (x + 3, y + 24), (x + width + 3, y + height / 2 + 4), (x - size - 3, y + height / 2 + 4),
        ]  # fmt: skip
        inside = [(min(max(left, 0.0), WIDTH - size), base) for left, base in spots]
        left, base = next((spot for spot in inside if self._is_free(*spot, size)), inside[0])
        self._taken.append((left, base, size))
        self._sheet.say(left, base, same(words), TAG, kind=kind)

    def _is_free(self, left: float, base: float, size: float) -> bool:
        return all(
            left + size < other or other + length < left or abs(base - line) > TAG
            for other, line, length in self._taken
        )
