"""Nested results as a tree: names, types, shapes and dtypes of what is due beside what came back, and where they part.

What agrees is one row however much it holds; what differs is opened down to the entries that do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from app.drawing.numbers import number
from app.drawing.sheet import WIDTH, Note, Sheet, width_of
from app.grading.arrays import Array, as_array
from app.grading.differences import short
from app.grading.pairs import Rule
from app.grading.pictures import words
from app.grading.pictures.subject import Subject
from app.languages import Message, same
from app.sandbox import Opaque, Tensor

MOST_ROWS, DEEPEST = 24, 6
MOST_PLACES = 8  # of a tuple of numbers whose places have each a meaning
MOST_TOLD = 8  # rows in the text alternative
LINE, SIZE, HEAD, INDENT = 20.0, 11.0, 22.0, 13.0
DUE, GOT = 110.0, 228.0  # where the columns begin
AIR = 6.0

TITLE = Message("The result of the failing case as a tree", "未通过用例的返回值结构")
ROOT = Message("result", "返回值")
ABSENT = "—"
MARKS = {"same": "✓", "parted": "", "differs": "✗", "missed": "○", "extra": "✗"}
MEANING = {
    "missed": Message("missing", "缺少"),
    "extra": Message("not due", "多出"),
    "differs": Message("differs", "不同"),
}


@dataclass(frozen=True)
class Row:
    """One entry: its name in its container, and both sides in words. `kind` is what became of it."""

    depth: int
    name: Message
    due: str
    given: str
    kind: str


def draw(subject: Subject) -> Message | None:
    """None unless a container is due, or one came back."""
    if _children(subject.expected) is None and _children(subject.got) is None:
        return None
    if subject.is_example:
        return _draw_example(subject)
    rows = list(islice(_rows(subject.expected, subject.got, ROOT, 0, subject.rule), MOST_ROWS + 1))
    is_cut, rows = len(rows) > MOST_ROWS, rows[:MOST_ROWS]
    sheet = Sheet()
    for x, name in ((DUE, words.EXPECTED), (GOT, words.GOT)):
        sheet.say(x, HEAD - 9, name, kind="soft")
    for place, row in enumerate(rows):
        _draw_row(sheet, row, HEAD + place * LINE)
    bottom = HEAD + len(rows) * LINE
    facts = [_told(row) for row in rows if row.kind in MEANING][:MOST_TOLD]
    return sheet.svg(bottom + 4, TITLE, facts, _notes(subject, rows, is_cut=is_cut))


def _draw_example(subject: Subject) -> Message:
    """What is due alone, opened as far as there is room."""
    sheet = Sheet()
    rows = list(islice(_opened(subject.expected, ROOT, 0), MOST_ROWS))
    for place, row in enumerate(rows):
        _draw_row(sheet, row, place * LINE)
    facts = [Message(f"{row.name.en}: {row.due}.", f"{row.name.zh}：{row.due}。") for row in rows[:MOST_TOLD]]
    return sheet.svg(len(rows) * LINE + 4, words.titled(subject, TITLE), facts, [])


def _opened(value: object, name: Message, depth: int) -> Iterator[Row]:
    yield Row(depth, name, _described(value), "", "parted")
    for key, entry in (_children(value) or {}).items() if depth < DEEPEST else ():
        yield from _opened(entry, _name(key), depth + 1)


def _rows(due: object, given: object, name: Message, depth: int, rule: Rule) -> Iterator[Row]:
    if rule.agree(due, given):
        yield Row(depth, name, _described(due), _described(given), "same")
        return
    ours, theirs = _children(due), _children(given)
    likes = isinstance(due, dict) == isinstance(given, dict)
    if ours is None or theirs is None or not likes or depth == DEEPEST or (rule.any_order and isinstance(due, list)):
        yield Row(depth, name, _described(due), _described(given), "differs")
        return
    yield Row(depth, name, _described(due), _described(given), "parted")
    for key, entry in ours.items():
        if key in theirs:
            yield from _rows(entry, theirs[key], _name(key), depth + 1, rule)
        else:
            yield Row(depth + 1, _name(key), _described(entry), ABSENT, "missed")
    for key, entry in theirs.items():
        if key not in ours:
            yield Row(depth + 1, _name(key), ABSENT, _described(entry), "extra")


def _children(value: object) -> dict[object, object] | None:
    """The entries of a container by key or place; None for what is one thing, such as a list that spells an array."""
    if isinstance(value, dict):
        return value
    if isinstance(value, tuple) and len(value) <= MOST_PLACES:
        return dict(enumerate(value))
    return dict(enumerate(value)) if isinstance(value, list | tuple) and as_array(value) is None else None


def _name(key: object) -> Message:
    return same(f"[{short(key)}]")


def _described(value: object) -> str:
    """What a value is: dtype and shape of an array (a tensor is called one), a container's size, all else itself."""
    match value:
        case Tensor():
            return f"tensor {_of_array(np.asarray(value.array))}"
        case np.ndarray():
            return _of_array(value)
        case dict() | set() | list() | tuple():
            return f"{type(value).__name__}, {len(value)}"
        case bool() | np.bool_():
            return str(bool(value))
        case float() | np.floating():
            return number(float(value), 6)
        case Opaque():
            return f"<{value.type_name}>"
    return short(value)


def _of_array(array: Array) -> str:
    """Its dtype and shape; a single number as itself."""
    return short(array) if array.size == 1 else f"{array.dtype} {words.shape_of(array)}"


def _draw_row(sheet: Sheet, row: Row, top: float) -> None:
    base, left = top + LINE - 6, row.depth * INDENT
    if row.kind in MEANING:
        sheet.rect(0, top + 1, WIDTH, LINE - 2, row.kind if row.kind != "differs" else "extra")
    if row.depth:  # the corner that leads to it from its container
        x = left - INDENT + 5
        sheet.path(f"M{x:g} {top:g}v{LINE / 2:g}h6", "axis-line")
    name = [_cut(words_, DUE - left - AIR) for words_ in (row.name.en, row.name.zh)]
    sheet.say(left + 4, base, Message(*name), SIZE)
    sheet.say(DUE, base, same(_cut(row.due, GOT - DUE - AIR)), SIZE)
    mark = f"{MARKS[row.kind]} ".lstrip()
    sheet.say(GOT, base, same(_cut(f"{mark}{row.given}", WIDTH - GOT - 2)), SIZE)


def _cut(text: str, room: float) -> str:
    if width_of(text, SIZE) <= room:
        return text
    while text and width_of(f"{text}…", SIZE) > room:
        text = text[:-1]
    return f"{text}…"


def _told(row: Row) -> Message:
    name = row.name
    return Message(f"{name.en}: expected {row.due}, got {row.given}.", f"{name.zh}：应为 {row.due}，得到 {row.given}。")


def _notes(subject: Subject, rows: list[Row], *, is_cut: bool) -> list[Note]:
    notes = []
    for kind, meaning in MEANING.items():
        if count := sum(row.kind == kind for row in rows):
            mark, key = MARKS[kind], kind if kind != "differs" else "extra"
            en, zh = f"{mark} {meaning.en}: {count}.", f"{mark} {meaning.zh}：{count} 项。"
            notes.append(Note(Message(en, zh), key))
    if is_cut:
        notes.append(Note(Message(f"The first {MOST_ROWS} rows are shown.", f"图中为前 {MOST_ROWS} 行。")))
    pair = subject.pair
    if pair is not None and not pair.agrees and pair.due.ndim:  # numbers stand in their rows
        notes += [Note(it) for it in words.part(subject)]
        notes += [Note(note.words) for note in words.differences(pair)]
    return notes
