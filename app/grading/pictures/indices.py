"""Lists of indices or labels, place by place: in place, in another place, missed, not due."""

from __future__ import annotations

from collections import Counter

import numpy as np

from app.drawing.numbers import number
from app.drawing.sheet import SMALL, WIDTH, Note, Sheet, width_of
from app.grading.arrays import Array
from app.grading.pairs import Rule, floats
from app.grading.pictures import words
from app.grading.pictures.subject import Subject
from app.grading.pictures.words import listed
from app.languages import Message, same

MOST_ENTRIES = 5_000
BEFORE = 3  # entries shown before the first difference
LABEL, CHIP, WIDEST, HEIGHT = 76.0, 28.0, 70.0, 34.0

TITLE = Message("Entries of the failing case", "未通过用例的各项")
MARKS = {"kept": "✓", "moved": "↔", "missed": "○", "extra": "✗"}
MEANING = {
    "kept": Message("in place", "位置正确"),
    "moved": Message("in the wrong place", "位置不对"),
    "missed": Message("missed", "漏掉"),
    "extra": Message("not due", "多出"),
}


def draw(subject: Subject) -> Message | None:
    """None unless both are lists of whole numbers, and short enough to be read."""
    pair = subject.pair
    if pair is None or not 0 < pair.due.size + pair.given.size <= MOST_ENTRIES:
        return None
    if not all(array.ndim == 1 and _is_whole(array) for array in (pair.due, pair.given)):
        return None
    texts = [[number(value, 12) for value in array.tolist()] for array in (pair.due, pair.given)]
    due, given = pair.due, pair.given
    kinds = (_kinds(due, given, "missed", subject.rule), _kinds(given, due, "extra", subject.rule))
    shown, chip = _shown(kinds, texts)
    sheet = Sheet()
    sheet.numbers([(LABEL + (place - shown.start + 0.5) * chip, SMALL, str(place)) for place in shown], kind="soft")
    top = SMALL + 6
    sides = list(zip((words.name_due(subject), words.GOT), texts, kinds, strict=True))[: 1 if subject.is_example else 2]
    for name, row, side in sides:
        sheet.say(0, top + HEIGHT / 2 + 4, name)
        _chips(sheet, row, side, shown, chip, top)
        top += HEIGHT + 8
    facts = [_told(row, name) for name, row, _ in sides]
    notes = [] if subject.is_example else _notes(texts, kinds, shown)
    return sheet.svg(top, words.titled(subject, TITLE), facts, notes, words.part(subject))


def _is_whole(array: Array) -> bool:
    values = floats(array)
    return bool((np.isfinite(values) & (values == np.round(values))).all())


def _shown(kinds: tuple[list[str], list[str]], texts: list[list[str]]) -> tuple[range, float]:
    """The places round the first difference that there is room for, and how wide each is."""
    widest = max((width_of(text, 11) for row in texts for text in row), default=0.0)
    chip = min(max(widest + 8, CHIP), WIDEST)
    room, longest = int((WIDTH - LABEL - 14) // chip), max(map(len, texts))
    first = min(next((n for n, kind in enumerate(side) if kind != "kept"), longest) for side in kinds)
    start = max(0, min(first - BEFORE, longest - room))
    return range(start, min(start + room, longest)), chip


def _kinds(own: Array, other: Array, lacking: str, rule: Rule) -> list[str]:
    """What each entry of a list is, seen from the other: of like entries as many are `moved` as the other has."""
    common = min(own.size, other.size)
    kept = rule.close(own[:common], other[:common])
    spare = Counter([*other[:common][~kept].tolist(), *other[common:].tolist()])
    kinds = []
    for place, value in enumerate(own.tolist()):
        if place < common and kept[place]:
            kinds.append("kept")
            continue
        spare[value] -= 1
        kinds.append("moved" if spare[value] >= 0 else lacking)
    return kinds


def _chips(sheet: Sheet, row: list[str], kinds: list[str], shown: range, chip: float, top: float) -> None:
    for place in shown[: max(0, len(row) - shown.start)]:
        kind, text = kinds[place], row[place]
        x = LABEL + (place - shown.start + 0.5) * chip
        sheet.rect(x - chip / 2 + 1, top, chip - 2, HEIGHT, kind)
        sheet.say(x, top + 15, same(text), min(11.0, 11.0 * (chip - 5) / width_of(text, 11)), "middle")
        sheet.say(x, top + 28, same(MARKS[kind]), 10, "middle")
    if shown.start:
        sheet.say(LABEL - 2, top + HEIGHT / 2 + 3, same("…"), anchor="end")
    if len(row) > shown.stop:
        sheet.say(LABEL + len(shown) * chip + 2, top + HEIGHT / 2 + 3, same("…"))


def _notes(texts: list[list[str]], kinds: tuple[list[str], list[str]], shown: range) -> list[Note]:
    """What each mark means, with the entries that bear it."""
    notes = []
    for kind, meaning in MEANING.items():
        side = 0 if kind == "missed" else 1
        some = [text for text, own in zip(texts[side], kinds[side], strict=True) if own == kind]
        if some:
            told = "" if kind == "kept" else listed(some)
            notes.append(Note(_told_of(kind, meaning, told), kind))
    due, given = map(len, texts)
    told_ = []
    if due != given:
        told_.append(Message(f"Expected {due} entries, got {given}.", f"应有 {due} 项，得到 {given} 项。"))
    if len(shown) < max(due, given):
        seen = f"{shown.start}–{shown.stop - 1}"
        told_.append(Message(f"Entries {seen} are shown.", f"图中为下标 {seen}。"))
    return [*notes, *(Note(it) for it in told_)]


def _told_of(kind: str, meaning: Message, entries: str) -> Message:
    mark = MARKS[kind]
    if not entries:
        return Message(f"{mark} {meaning.en}.", f"{mark} {meaning.zh}。")
    return Message(f"{mark} {meaning.en}: {entries}.", f"{mark} {meaning.zh}：{entries}。")


def _told(row: list[str], name: Message) -> Message:
    """The first entries in words."""
    entries = listed(row) or "-"
    return Message(f"{name.en.capitalize()}: {entries}.", f"{name.zh}：{entries}。")
