"""What changed between two texts, line by line and word by word, and who brought each line of a text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal

from app.authoring.revisions import Version

NEARBY = 2  # unchanged lines shown round a change
_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_CJK = re.compile(r"([\u3400-\u9fff])")
_FIELD = re.compile(r"([A-Za-z_]\w*):")
_ALIKE = 0.3  # two lines with less in common are simply other lines

Change = Literal["same", "gone", "new"]


@dataclass(frozen=True)
class Piece:
    """Part of a line; `marked` where this is what changed."""

    text: str
    marked: bool


@dataclass(frozen=True)
class Line:
    """One line of the comparison, with its number in the old text, the new one, or both."""

    change: Change
    before: int | None
    after: int | None
    pieces: tuple[Piece, ...]


@dataclass
class Hunk:
    """Lines that belong together, in the field of the question that they begin in."""

    name: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Blamed:
    """A line of the newest text, and the revision that brought it."""

    number: int
    text: str
    version: Version


def compare(old: str, new: str) -> list[Hunk]:
    """Every change with the lines near it, by field; nothing for equal texts."""
    before, after = old.splitlines(), new.splitlines()
    hunks: list[Hunk] = []
    for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(NEARBY):
        if group[0][0] == "equal" and len(group) == 1:
            continue
        hunks += _by_field(line for tag, *span in group for line in _lines(tag, before, after, *span))
    return hunks


def blame(versions: Sequence[Version]) -> list[Blamed]:
    """Each line of the newest text with the oldest revision since which it stands; `versions` newest first."""
    lines: list[str] = []
    origins: list[Version] = []
    for version in reversed(versions):
        fresh = version.yaml.splitlines()
        kept: list[Version] = []
        for tag, i, j, k, m in SequenceMatcher(None, lines, fresh, autojunk=False).get_opcodes():
            kept += origins[i:j] if tag == "equal" else [version] * (m - k)
        lines, origins = fresh, kept
    return [
        Blamed(number, text, version)
        for number, (text, version) in enumerate(zip(lines, origins, strict=True), start=1)
    ]


def _lines(tag: str, before: list[str], after: list[str], i: int, j: int, k: int, m: int) -> Iterator[Line]:
    if tag == "equal":
        for offset in range(j - i):
            yield Line("same", i + offset + 1, k + offset + 1, (Piece(before[i + offset], marked=False),))
        return
    gone, new = before[i:j], after[k:m]
    marks = [_words(a, b) for a, b in zip(gone, new, strict=False)]
    for offset, text in enumerate(gone):
        pieces = marks[offset][0] if offset < len(marks) else (Piece(text, marked=False),)
        yield Line("gone", i + offset + 1, None, pieces)
    for offset, text in enumerate(new):
        pieces = marks[offset][1] if offset < len(marks) else (Piece(text, marked=False),)
        yield Line("new", None, k + offset + 1, pieces)


def _words(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both lines with the words marked that differ; unmarked where nearly all of them do. A Chinese character is a
    word."""
    one, other = _split(old), _split(new)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return (Piece(old, marked=False),), (Piece(new, marked=False),)
    gone: list[Piece] = []
    came: list[Piece] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        gone += [Piece("".join(one[i:j]), tag != "equal")] if j > i else []
        came += [Piece("".join(other[k:m]), tag != "equal")] if m > k else []
    return tuple(gone), tuple(came)


def _split(line: str) -> list[str]:
    return [word for run in _WORD.findall(line) for word in _CJK.split(run) if word]


def _by_field(lines: Iterator[Line]) -> list[Hunk]:
    """Cut where another field of the question begins."""
    hunks: list[Hunk] = []
    for line in lines:
        found = _FIELD.match("".join(piece.text for piece in line.pieces))
        if not hunks or (found and found[1] != hunks[-1].name):
            hunks.append(Hunk(found[1] if found else ""))
        hunks[-1].lines.append(line)
    return [hunk for hunk in hunks if any(line.change != "same" for line in hunk.lines)]
