"""Pictures of a failing case as SVG, in both languages: what is due beside what came back.

`draw` answers None where a value does not fit its picture; it never raises. Colours, fonts and dashes are the style
sheet's, by class (`pic-kept pic-missed pic-extra pic-input pic-pos pic-neg pic-grid pic-text`); a label or dash
always says the same as the colour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.bank.schema import Lang, Picture
from app.grading.pictures import boxes, grids, lists
from app.grading.verdict import Message


@dataclass(frozen=True)
class Subject:
    """What a picture is of: the call's arguments, which of them play which role, and both results."""

    roles: Mapping[str, int]
    args: tuple[object, ...]
    expected: object
    got: object

    def role(self, name: str) -> object | None:
        """The argument that plays a role, None if no argument does."""
        place = self.roles.get(name, -1)
        return self.args[place] if 0 <= place < len(self.args) else None


_DRAWN_BY: dict[Picture, Callable[[Subject, Lang], str | None]] = {
    "boxes": lambda it, lang: boxes.draw(
        it.role("boxes"), it.role("scores"), (it.role("a"), it.role("b")), it.expected, it.got, lang
    ),
    "heatmap": lambda it, lang: grids.draw(it.expected, it.got, grids.HEATMAP, lang),
    "matrix": lambda it, lang: grids.draw(it.expected, it.got, grids.MATRIX, lang),
    "indices": lambda it, lang: lists.draw_indices(it.expected, it.got, lang),
    "curve": lambda it, lang: lists.draw_curve(it.expected, it.got, lang),
}


def draw(
    picture: Picture, roles: Mapping[str, int], args: tuple[object, ...], expected: object, got: object
) -> Message | None:
    """The picture of a case that returned `got` where `expected` is due, or None if there is nothing to draw."""
    if (drawn_by := _DRAWN_BY.get(picture)) is None:
        return None
    subject = Subject(roles, args, expected, got)
    try:
        en, zh = drawn_by(subject, "en"), drawn_by(subject, "zh")
    except (ValueError, TypeError, OverflowError, IndexError, ArithmeticError):  # a learner's value may be anything
        return None
    return Message(en, zh) if en and zh else None
