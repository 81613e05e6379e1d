"""The text of single questions inside the text of a topic file: cut out, put back, added, removed.

Works on lines, not on parsed YAML, so that everything else in the file stays as it is to the byte: comments, order,
quotes, blank lines. A question's text is a mapping at column 0; in the file it is an item of the list `questions`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LIST = re.compile(r"^questions:\s*(#.*)?$")
_ITEM = re.compile(r"^( *)- ")
_ID = re.compile(r"^id:\s*[\"']?([^\s\"'#]+)")


@dataclass(frozen=True)
class Chunk:
    """A question's place: lines `start` to `end` of the file, counted from 0, `end` not included."""

    question_id: str
    start: int
    end: int
    text: str


def chunks(file_text: str) -> list[Chunk]:
    """Every question of a topic file, in its order. Blank lines and comments between two belong to neither."""
    lines = file_text.split("\n")
    begins = _begins(lines)
    found = []
    for begin, end in zip(begins, [*begins[1:], len(lines)], strict=False):
        indent = len(lines[begin]) - len(lines[begin].lstrip(" ")) + 2
        while end > begin + 1 and not _belongs(lines[end - 1], indent):
            end -= 1
        body = [lines[begin][indent:], *(line[indent:] for line in lines[begin + 1 : end])]
        text = "\n".join(line.rstrip("\r") for line in body) + "\n"
        names = (_ID.match(line) for line in body)
        found.append(Chunk(next((name[1] for name in names if name), ""), begin, end, text))
    return found


def replaced(file_text: str, question_id: str, text: str | None) -> str:
    """The file with that question's text put in place of the one it has; added at the end if it has none.

    `text` None takes the question out, with the blank lines before it. The file keeps its manner of ending lines, and
    whether it ends with one.
    """
    lines = file_text.split("\n")
    ending = "\r" if "\r\n" in file_text else ""
    known = {chunk.question_id: chunk for chunk in chunks(file_text)}
    begins = _begins(lines)
    margin = len(lines[begins[0]]) - len(lines[begins[0]].lstrip(" ")) if begins else 0
    chunk = known.get(question_id)
    if chunk is None:
        if text is None:
            return file_text
        return "\n".join(_with_another(lines, list(known.values()), as_item(text, margin), ending))
    if text is None:
        start = chunk.start
        while start and not lines[start - 1].strip():
            start -= 1
        return "\n".join(lines[:start] + lines[chunk.end :])
    item = [f"{line}{ending}" for line in as_item(text, margin)]
    if chunk.end == len(lines):
        item[-1] = item[-1].removesuffix("\r")
    return "\n".join(lines[: chunk.start] + item + lines[chunk.end :])


def as_item(text: str, margin: int = 0) -> list[str]:
    """A question's text as the lines of a list item that starts `margin` columns in."""
    first, *rest = text.rstrip("\n").split("\n")
    return [f"{' ' * margin}- {first}", *(f"{' ' * (margin + 2)}{line}" if line.strip() else "" for line in rest)]


def _with_another(lines: list[str], there: list[Chunk], item: list[str], ending: str) -> list[str]:
    """The file's lines with an item more: below the last one, or at the end."""
    at = there[-1].end if there else len(lines)
    while not there and at and not lines[at - 1].strip():
        at -= 1
    before, after = lines[:at], lines[at:]
    before[-1] = before[-1].removesuffix("\r") + ending
    added = [f"{line}{ending}" for line in ([""] if there else []) + item]
    if not after:
        added[-1] = added[-1].removesuffix("\r")
    return before + added + after


def _begins(lines: list[str]) -> list[int]:
    """Where the items of `questions` begin."""
    top = next((number for number, line in enumerate(lines) if _LIST.match(line.rstrip("\r"))), len(lines))
    begins: list[int] = []
    margin = ""
    for number in range(top + 1, len(lines)):
        item = _ITEM.match(lines[number])
        if item and (not begins or item[1] == margin):
            margin = item[1]
            begins.append(number)
    return begins


def _belongs(line: str, indent: int) -> bool:
    """Whether a line at the end of an item is part of it: neither blank nor a comment further out."""
    return bool(line.strip()) and line[:indent].isspace()
