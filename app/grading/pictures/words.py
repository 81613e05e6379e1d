"""Numbers, places and differences as the words of a picture, short and in both languages."""

from __future__ import annotations

import numpy as np

from app.drawing.numbers import number
from app.drawing.sheet import Note
from app.grading.arrays import Array
from app.grading.pairs import Index, Pair, floats
from app.grading.pictures.subject import Subject
from app.languages import Message

EXPECTED, GOT, RESULT = Message("expected", "应为"), Message("got", "得到"), Message("result", "结果")
EXAMPLE = Message("The result of the example", "示例的结果")
FIRST, LARGEST = "first", "largest"  # kinds of the rings round cells
MOST_LISTED = 12


def shape_of(array: Array) -> str:
    """`3×4`, `(5,)`; nothing for a scalar."""
    return f"({len(array)},)" if array.ndim == 1 else "×".join(map(str, array.shape))


def spot(index: Index) -> str:
    """`[1, 2]`; nothing for a scalar."""
    return f"[{', '.join(map(str, index))}]" if index else ""


def listed(items: list[str]) -> str:
    """The first of many, with their number if some are left out."""
    more = f" … ({len(items)})" if len(items) > MOST_LISTED else ""
    return ", ".join(items[:MOST_LISTED]) + more


def titled(subject: Subject, title: Message) -> Message:
    """A picture's title, which is that of a failing case unless this is an example."""
    return EXAMPLE if subject.is_example else title


def name_due(subject: Subject) -> Message:
    """What the side that is due is called."""
    return RESULT if subject.is_example else EXPECTED


def part(subject: Subject) -> list[Message]:
    """Which part of the result is drawn, if it is not the whole."""
    if not subject.path or subject.is_example:
        return []
    return [Message(f"The first part that differs: {subject.where}.", f"首个不同的部分：{subject.where}。")]


def differences(pair: Pair) -> list[Note]:
    """How much differs, and where; each place with the kind of ring that marks it."""
    if pair.wrong is None:
        shapes = pair.due.shape, pair.given.shape
        en, zh = "The shapes differ: expected {}, got {}.", "形状不同：应为 {}，得到 {}。"
        return [Note(Message(en.format(*shapes), zh.format(*shapes)))]
    first, largest = pair.first, pair.largest
    if first is None or largest is None:
        return []
    count, total = int(pair.wrong.sum()), pair.due.size
    due, given = (number(float(floats(array[first])), 6) for array in (pair.due, pair.given))
    place = f" {spot(first)}" if first else ""
    notes = [
        Note(Message(f"{count} of {total} values differ.", f"{total} 个值中有 {count} 个不同。")),
        Note(
            Message(
                f"First difference{place}: expected {due}, got {given}.", f"首处差异{place}：应为 {due}，得到 {given}。"
            ),
            FIRST,
        ),
    ]
    if largest != first:
        size = number(float(abs(pair.gap[largest])), 4)
        notes.append(
            Note(
                Message(f"Largest difference {spot(largest)}: {size}.", f"最大差异 {spot(largest)}：{size}。"), LARGEST
            )
        )
    return notes


def extent(array: Array, name: Message) -> Message:
    """Shape and range of an array in words."""
    values = floats(array)
    finite = values[np.isfinite(values)]
    shape = shape_of(array)
    if not finite.size:
        return Message(f"{name.en.capitalize()} {shape}.", f"{name.zh} {shape}。")
    low, high = number(float(finite.min()), 4), number(float(finite.max()), 4)
    return Message(f"{name.en.capitalize()} {shape}, from {low} to {high}.", f"{name.zh} {shape}，从 {low} 到 {high}。")
