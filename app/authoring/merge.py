"""Two people's changes of one text brought together line by line: taken over where they don't touch, else both kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

MINE, BETWEEN, THEIRS = "<<<<<<< mine", "=======", ">>>>>>> theirs"


@dataclass(frozen=True)
class Merged:
    """`text` has both sides' changes. Where they touch, both stand between the marks; `conflicts` counts these."""

    text: str
    conflicts: int


@dataclass(frozen=True)
class Line:
    """A line of a comparison: in both texts, only in the `old`, or only in the `new` one."""

    side: Literal["same", "old", "new"]
    text: str


@dataclass(frozen=True)
class _Change:
    """Lines `start` to `end` of the base become `lines`."""

    start: int
    end: int
    lines: tuple[str, ...]


def merge3(base: str, mine: str, theirs: str) -> Merged:
    """Both sides' changes of `base`. Changes touch if no line of it stands between them."""
    lines = base.splitlines(keepends=True)
    merged: list[str] = []
    conflicts = at = 0
    for start, end, ours, others in _regions(_changes(lines, mine), _changes(lines, theirs)):
        merged += lines[at:start]
        one, other = _applied(lines, start, end, ours), _applied(lines, start, end, others)
        if not others or one == other:
            merged += one
        elif not ours:
            merged += other
        else:
            conflicts += 1
            merged += [f"{MINE}\n", *_ended(one), f"{BETWEEN}\n", *_ended(other), f"{THEIRS}\n"]
        at = end
    return Merged("".join(merged + lines[at:]), conflicts)


def is_unresolved(text: str) -> bool:
    """Whether marks of a merge are left in the text."""
    return any(line in (MINE, BETWEEN, THEIRS) for line in text.splitlines())


def compared(old: str, new: str) -> list[Line]:
    """Every line of both texts, those that went before those that came."""
    before, after = old.splitlines(), new.splitlines()
    lines: list[Line] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [Line("same", text) for text in before[a:b]]
        else:
            lines += [Line("old", text) for text in before[a:b]] + [Line("new", text) for text in after[c:d]]
    return lines


def _changes(base: Sequence[str], text: str) -> list[_Change]:
    after = text.splitlines(keepends=True)
    codes = SequenceMatcher(None, base, after, autojunk=False).get_opcodes()
    return [_Change(a, b, tuple(after[c:d])) for tag, a, b, c, d in codes if tag != "equal"]


def _regions(
    ours: Sequence[_Change], others: Sequence[_Change]
) -> Iterator[tuple[int, int, list[_Change], list[_Change]]]:
    """Stretches of the base with the changes in them, those that touch together."""
    waiting = sorted([(change, True) for change in ours] + [(change, False) for change in others], key=_place)
    while waiting:
        group = [waiting.pop(0)]
        end = group[0][0].end
        while waiting and waiting[0][0].start <= end:
            group.append(waiting.pop(0))
            end = max(end, group[-1][0].end)
        mine = [change for change, is_mine in group if is_mine]
        theirs = [change for change, is_mine in group if not is_mine]
        yield group[0][0].start, end, mine, theirs


def _place(change: tuple[_Change, bool]) -> tuple[int, int]:
    return change[0].start, change[0].end


def _applied(base: Sequence[str], start: int, end: int, changes: Sequence[_Change]) -> list[str]:
    lines: list[str] = []
    at = start
    for change in changes:
        lines += [*base[at : change.start], *change.lines]
        at = change.end
    return lines + list(base[at:end])


def _ended(lines: list[str]) -> list[str]:
    """The lines, the last one ended too, so that a mark can follow."""
    return [line if line.endswith("\n") else f"{line}\n" for line in lines]
