"""Images in their own greys and colours: 8-bit planes, and (H, W, 3) or (H, W, 4) with values in 0–1 or 0–255."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.drawing.sheet import TEXT, Sheet
from app.grading.arrays import Array
from app.grading.pairs import Pair, floats
from app.grading.pictures import words
from app.grading.pictures.cells import (
    HEAD,
    Look,
    Panel,
    Ring,
    Window,
    draw_axes,
    draw_frame,
    draw_legend,
    draw_panel,
    draw_rings,
    gutter_of,
    largest,
    runs,
    units,
)
from app.grading.pictures.subject import Subject
from app.grading.pictures.views import COLUMN, Part, draw_map, put, rings_of, view_of
from app.languages import Message

Colours = NDArray[np.uint8]  # (H, W, 3)

MOST = 18  # rows and columns: every cell may have a colour of its own
CELL = 18.0

TITLE = Message("Images of the failing case", "未通过用例的图像")
WIDEST = Message("difference", "差异")


def are_images(pair: Pair) -> bool:
    """Whether both are to be seen as images. A plane of other than 8-bit values is not: its range means something."""
    return all(_is_image(array) for array in (pair.due, pair.given))


def _is_image(array: Array) -> bool:
    if array.ndim == 2:
        return array.dtype == np.uint8 and array.size > 0
    if array.ndim != 3 or array.shape[2] not in (3, 4) or not array.size or array.dtype.kind == "b":
        return False
    values = floats(array)
    return bool(np.isfinite(values).all() and values.min() >= 0 and values.max() <= 255)


def draw(subject: Subject, pair: Pair) -> Message:
    """Both images, and how far apart each pixel is in the channel where it is farthest."""
    white = (
        1.0
        if max(floats(array).max() for array in (pair.due, pair.given)) <= 1 and pair.due.dtype.kind == "f"
        else 255.0
    )
    pixels = _by_pixel(pair)
    view = view_of(pixels, MOST, MOST)
    rings = rings_of(pixels, view)
    side = min((COLUMN - gutter_of(view.due)) / max(view.due.columns, view.given.columns), CELL)
    look = Look(side, side)

    def image(name: Message, array: Array, window: Window) -> Part:
        title = Message(*(f"{word} {words.shape_of(array)}" for word in (name.en, name.zh)))
        colours = _colours(window.of(array), white)
        return lambda sheet, left, top: _draw_image(sheet, title, colours, window, rings, left, top, look)

    parts = [image(words.name_due(subject), pair.due, view.due)]
    parts += [] if subject.is_example else [image(words.GOT, pair.given, view.given)]
    sheet = Sheet()
    differs = pair.wrong is not None and not subject.is_example
    if differs:
        gap = floats(view.due.of(pixels.gap))
        panel = Panel(WIDEST, gap, view.due, largest(gap), rings)
        parts.append(lambda sheet, left, top: draw_panel(sheet, panel, left, top, look))
        if view.is_part:
            parts.append(lambda sheet, left, top: draw_map(sheet, pixels, view, left, top))
    bottom = put(sheet, parts, across=2) + 8
    if differs:
        draw_legend(sheet, WIDEST, [panel.values], panel.scale, 0, bottom)
        bottom += 14
    notes = [*words.differences(pair), *view.notes(pixels)]
    facts = [words.extent(pair.due, words.name_due(subject))]
    facts += [] if subject.is_example else [words.extent(pair.given, words.GOT)]
    return sheet.svg(bottom, words.titled(subject, TITLE), facts, notes, words.part(subject))


def _by_pixel(pair: Pair) -> Pair:
    """One value a pixel: the widest gap among its channels."""
    if pair.due.ndim == 2:
        return pair
    if pair.wrong is None:
        return Pair(pair.due[..., 0], pair.given[..., 0], None)
    widest = np.take_along_axis(pair.gap, np.abs(pair.gap).argmax(axis=2)[..., None], axis=2)[..., 0]
    return Pair(np.zeros_like(widest), widest, np.asarray(pair.wrong.any(axis=2)))


def _colours(pixels: Array, white: float) -> Colours:
    """8-bit colours; greys of a plane; a fourth channel (opacity) is left out."""
    scaled = np.clip(floats(pixels) * (255.0 / white), 0, 255).astype(np.uint8)
    return np.repeat(scaled[..., None], 3, axis=2) if scaled.ndim == 2 else scaled[..., :3]


def _draw_image(
    sheet: Sheet,
    title: Message,
    colours: Colours,
    window: Window,
    rings: tuple[Ring, ...],
    left: float,
    top: float,
    look: Look,
) -> float:
    x, y = left + gutter_of(window), top + HEAD
    sheet.say(left, top + TEXT, title)
    draw_axes(sheet, window, x, y, look)
    with units(sheet, x, y, look):
        hexes = ([f"{red:02x}{green:02x}{blue:02x}" for red, green, blue in row] for row in colours.tolist())
        for colour, data in runs(hexes).items():
            sheet.add(f'<path fill="#{colour}" stroke="none" d="{data}"/>')
    draw_frame(sheet, (window.rows, window.columns), x, y, look)
    draw_rings(sheet, rings, x, y, look)
    return y + window.rows * look.height
