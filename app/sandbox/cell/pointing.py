"""A line of source text with a mark under the place that is meant.

The mark stands right in any font of one width for Latin and twice that for Chinese: what stands before it is padded
with blanks of the same width.
"""

from __future__ import annotations

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n|\r|\n")
_INDENT = "    "
_BEFORE, _AFTER = 60, 40  # characters shown around the place on a long line
_WIDE_BLANK = "\u3000"


def lines_of(source: str) -> list[str]:
    """The lines as Python counts them, each with a newline: a form feed or U+2028 ends none."""
    return [f"{line}\n" for line in _LINE_ENDS.split(source)]


def point_at(line: str, column: int, end: int | None = None) -> str:
    """Return `line` and, below it, a mark from `column` to before `end` (characters from 1); one mark without `end`."""
    text = "".join(_visible(character) for character in line.rstrip("\r\n"))
    start = min(max(column - 1, 0), len(text))
    stop = min(max((end or column + 1) - 1, start + 1), max(len(text), start + 1))
    first, last = max(0, start - _BEFORE), min(len(text), max(stop, start + 1) + _AFTER)
    stop = min(stop, max(last, start + 1))
    shown = f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"
    before = ("…" if first else "") + text[first:start]
    marked = text[start:stop] or " "
    return f"{_INDENT}{shown}\n{_INDENT}{_blank(before)}{'^' * max(1, sum(map(_width, marked)))}"


def _visible(character: str) -> str:
    return character if character.isprintable() or character == "\t" else "\ufffd"


def _blank(text: str) -> str:
    return "".join("\t" if character == "\t" else ("", " ", _WIDE_BLANK)[_width(character)] for character in text)


def _width(character: str) -> int:
    """Columns on a terminal."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
