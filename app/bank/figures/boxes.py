"""Boxes in an image plane, with labels that keep out of each other's way."""

from __future__ import annotations

from app.bank.figures.board import Board, breadth, worded
from app.bank.figures.marks import draw_mark
from app.bank.schema.figures.images import Box, Boxes
from app.bank.yaml_source import PathKey
from app.drawing.sheet import at
from app.drawing.tags import TAG, Tags
from app.languages import Message, same

HIGHEST = 210.0
ROOM = 14.0  # above and below the plane, for labels of boxes at its edge
ORDER = ("hull", "anchor", "plain", "truth", "dropped", "kept")
SIGNS = {"kept": "✓", "dropped": "✗"}


def _scale(boxes: Boxes, width: float) -> float:
    return min((width - 4) / boxes.size[0], HIGHEST / boxes.size[1])


def height_of(boxes: Boxes, width: float) -> float:
    return boxes.size[1] * _scale(boxes, width) + 6


def draw(board: Board, boxes: Boxes, place: PathKey, left: float, top: float, width: float) -> None:
    scale = _scale(boxes, width)
    wide, high = boxes.size[0] * scale, boxes.size[1] * scale
    x0, y0 = left + (width - wide) / 2, top + 3
    board.rect(x0, y0, wide, high, "plane")
    if boxes.cells:
        rows, columns = boxes.cells
        lines = [f"M{at(x0)} {at(y0 + high * row / rows)}h{at(wide)}" for row in range(1, rows)]
        lines += [f"M{at(x0 + wide * column / columns)} {at(y0)}v{at(high)}" for column in range(1, columns)]
        board.path("".join(lines), "grid")

    def placed(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        return x0 + box[0] * scale, y0 + box[1] * scale, (box[2] - box[0]) * scale, (box[3] - box[1]) * scale

    for one, other in boxes.overlaps:
        a, b = boxes.boxes[one].at, boxes.boxes[other].at
        shared = (max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3]))
        if shared[0] < shared[2] and shared[1] < shared[3]:
            board.rect(*placed(shared), "overlap")
    in_order = sorted(enumerate(boxes.boxes), key=lambda it: ORDER.index(it[1].look))
    for _, box in in_order:
        board.rect(*placed(box.at), f"box-{box.look}")
    tags = Tags(board, left, left + width, [placed(box.at) for box in boxes.boxes])
    for index, box in reversed(in_order):
        if (words := _words(box)) is not None:
            x, y = tags.spot(breadth(words, TAG), placed(box.at))
            board.write(words, (*place, "boxes", index), x, y, size=TAG, kind=f"tag look-{box.look}", room=width)
    for index, spot in enumerate(boxes.spots):
        draw_mark(board, spot, (*place, "spots", index), (x0 + spot.at[0] * scale, y0 + spot.at[1] * scale))


def _words(box: Box) -> Message | None:
    """Its sign, label and score."""
    label = worded(box.label) if box.label is not None else same("")
    score = "" if box.score is None else f"{box.score:.2f}"
    if not label.en and not score:
        return None
    parts = [[SIGNS.get(box.look, ""), words, score] for words in (label.en, label.zh)]
    return Message(*(" ".join(filter(None, part)) for part in parts))
