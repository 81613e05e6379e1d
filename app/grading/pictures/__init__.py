"""Pictures of a failing case as SVG, in both languages: what is due beside what came back.

`draw` answers None where there is nothing to draw; it never raises. A picture stays below 60 kB whatever the values.
Colours, fonts and dashes are the style sheet's (`pictures.css`), by class `pic-…`; a mark, a dash or a word always says
the same as the colour.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np

from app.bank.schema import Picture
from app.grading.pictures import boxes, curves, grids, indices, kernels, trees
from app.grading.pictures.subject import Subject
from app.languages import Message

__all__ = ["Subject", "draw", "drawn"]

log = logging.getLogger(__name__)

# The first that can draw a case does. A result that is not of its picture's kind is at least an array.
_DRAWN_BY: dict[Picture, tuple[Callable[[Subject], Message | None], ...]] = {
    "none": (),
    "boxes": (boxes.draw, indices.draw, grids.draw_matrix),
    "heatmap": (grids.draw_heatmap,),
    "matrix": (grids.draw_matrix,),
    "kernel": (kernels.draw, grids.draw_heatmap),
    "indices": (indices.draw, grids.draw_matrix),
    "curve": (curves.draw, grids.draw_matrix),
    "tree": (trees.draw, grids.draw_matrix),
}


def draw(picture: Picture, subject: Subject) -> Message | None:
    """The picture of a case, or None if there is nothing to draw."""
    try:
        return drawn(picture, subject)
    except Exception:  # a learner's value may be anything, and a verdict matters more than its picture
        log.exception("a picture of kind %s could not be drawn", picture)
        return None


def drawn(picture: Picture, subject: Subject) -> Message | None:
    """As `draw`, but a fault of ours is raised."""
    with np.errstate(all="ignore"):
        if not _DRAWN_BY[picture]:
            return None
        alike = subject.pair is not None and subject.pair.agrees  # their types may still differ, as a tree shows
        if alike and picture != "tree" and not subject.is_example:
            return None
        return next((made for draws in _DRAWN_BY[picture] if (made := draws(subject)) is not None), None)
