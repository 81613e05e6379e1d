"""Filter kernels: their weights with sum and symmetry; a kernel with one axis as bars."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.drawing.numbers import number
from app.drawing.sheet import SMALL, TEXT, WIDTH, Note, Sheet, at, width_of
from app.grading.arrays import Array
from app.grading.pairs import Floats, Pair, floats
from app.grading.pictures import words
from app.grading.pictures.axes import Scale
from app.grading.pictures.cells import Look, draw_axes, fitting, window_round
from app.grading.pictures.grids import DIFFERENCE, STRIP, Style, can_be_drawn, draw_grid
from app.grading.pictures.subject import Subject
from app.languages import Message, same

KERNEL = Style(whole=15, window=15, roomy=True, halved=True)
MOST_BARS = 31
LEFT, TOP, BARS, GAP_BARS = 52.0, 26.0, 96.0, 44.0
SYMMETRIC = 1e-6  # of the largest weight

TITLE = Message("Kernels of the failing case", "未通过用例的卷积核")


def draw(subject: Subject) -> Message | None:
    """None unless both are kernels with one or two axes."""
    pair = subject.pair
    if pair is None or not can_be_drawn(pair) or not {pair.due.ndim, pair.given.ndim} <= {1, 2}:
        return None
    about = [_about(pair.due, words.name_due(subject))]
    if subject.is_example:
        return draw_grid(subject, pair, KERNEL if pair.due.ndim == 2 else STRIP, TITLE, about)
    about.append(_about(pair.given, words.GOT))
    if pair.due.ndim == pair.given.ndim == 1:
        return _bars(subject, pair, about)
    return draw_grid(subject, pair, KERNEL, TITLE, about)


def _about(kernel: Array, name: Message) -> Note:
    """Its sum and its symmetry."""
    total = number(float(floats(kernel).sum()), 5)
    symmetry = _symmetry(floats(kernel))
    return Note(
        Message(f"{name.en.capitalize()}: sum {total}, {symmetry.en}.", f"{name.zh}：和为 {total}，{symmetry.zh}。")
    )


def _symmetry(kernel: Floats) -> Message:
    even = [_is_even(kernel, axis) for axis in range(kernel.ndim)]
    if all(even):
        return Message("symmetric", "对称")
    if not any(even):
        return Message("not symmetric", "不对称")
    return (
        Message("symmetric left–right only", "仅左右对称")
        if even[1]
        else Message("symmetric top–bottom only", "仅上下对称")
    )


def _is_even(kernel: Floats, axis: int) -> bool:
    finite = np.abs(kernel[np.isfinite(kernel)])
    room = SYMMETRIC * finite.max(initial=0.0)
    return bool(np.allclose(kernel, np.flip(kernel, axis), rtol=0, atol=room, equal_nan=True))


def _bars(subject: Subject, pair: Pair, about: list[Note]) -> Message:
    """Bars of both over each other, below them the difference; of a long kernel those round the first difference."""
    count = max(pair.due.size, pair.given.size)
    seen = window_round((1, count), (0, *(pair.first or (0,))), (1, MOST_BARS))
    look = Look((WIDTH - LEFT) / seen.columns, SMALL)
    due, given = (floats(array)[seen.left : seen.left + seen.columns] for array in (pair.due, pair.given))
    sheet = Sheet()
    _key(sheet)
    bottom = _draw_bars(sheet, [(due, "bar-due", 0.8), (given, "bar-got", 0.5)], look, TOP, BARS)
    middle = LEFT + (count / 2 - seen.left) * look.width
    if LEFT < middle < WIDTH:
        sheet.line([(middle, TOP - 4), (middle, bottom + 4)], "axis")
    draw_axes(sheet, seen, LEFT, bottom + 16, look, rows_named=False)
    bottom = _table(sheet, (due, given), look, bottom + 18)
    if pair.wrong is not None:
        sheet.say(0, bottom + SMALL + 6, DIFFERENCE, SMALL, kind="soft")
        gap = pair.gap[seen.left : seen.left + seen.columns]
        bottom = _draw_bars(sheet, [(gap, "bar-gap", 0.5)], look, bottom + SMALL + 12, GAP_BARS)
    notes = [*(replace(note, key=None) for note in words.differences(pair)), *about]
    if seen.columns < count:
        entries = f"{seen.left}–{seen.left + seen.columns - 1}"
        notes.append(Note(Message(f"Entries {entries} are shown.", f"图中为下标 {entries}。")))
    facts = [words.extent(pair.due, words.EXPECTED), words.extent(pair.given, words.GOT)]
    return sheet.svg(bottom + 6, TITLE, facts, notes, words.part(subject))


def _key(sheet: Sheet) -> None:
    """A small bar of each kind with its name."""
    x = LEFT
    for name, kind in ((words.EXPECTED, "bar-due"), (words.GOT, "bar-got")):
        sheet.rect(x, 3, 9, 10, kind)
        sheet.say(x + 14, TEXT, name)
        x += 32 + width_of(name.en, TEXT)


def _draw_bars(sheet: Sheet, sets: list[tuple[Floats, str, float]], look: Look, top: float, height: float) -> float:
    """Bars from zero, each set of one kind and as wide as its share of the room; where they end."""
    scale = Scale.over(np.concatenate([[0.0], *(values for values, _, _ in sets)]), top + height, top)
    zero = scale.place(0.0)
    for values, kind, share in sets:
        finite = np.isfinite(values)
        ends = scale.at(np.where(finite, values, 0.0))
        for place, (end, drawn) in enumerate(zip(ends.tolist(), finite, strict=True)):
            x = LEFT + (place + 0.5 - share / 2) * look.width
            if drawn:
                sheet.rect(x, min(zero, end), share * look.width, abs(end - zero), kind)
            else:
                sheet.say(x + share * look.width / 2, zero - 2, same("✗"), SMALL, "middle")
    sheet.path(f"M{at(LEFT)} {at(zero)}H{at(WIDTH)}", "axis-line")
    labels = {value: number(value, 3) for value in (scale.low, 0.0, scale.high)}
    sheet.numbers(
        [(LEFT - 4, scale.place(value) + 3, name) for value, name in labels.items()], anchor="end", kind="soft"
    )
    return top + height


def _table(sheet: Sheet, rows: tuple[Floats, Floats], look: Look, top: float) -> float:
    """The weights as numbers below their bars, if they fit."""
    fit = fitting(list(rows), look.width)
    if fit is None:
        return top
    digits, size = fit
    for name, row in zip((words.EXPECTED, words.GOT), rows, strict=True):
        top += 14
        sheet.say(0, top, name, SMALL, kind="soft")
        places = [(LEFT + (place + 0.5) * look.width, top, number(float(it), digits)) for place, it in enumerate(row)]
        sheet.numbers(places, size)
    return top
