"""Values and learners' text as short plain text, safe for a page and a terminal.

What is shown may have been made to harm: megabytes of text, nests of 60 levels, arrays of 30 axes. Never more of it is
looked at than is shown.
"""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

from app.sandbox import Opaque, Tensor

LONGEST = 800
_CUT = " …"
_MOST_NUMBERS = 60  # an array of more is shown by its corners
_CORNER = 3
# Control characters, and the marks that turn or hide text (bidirectional overrides, fillers of no width, tags, line
# separators).
_HOSTILE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff"
    "\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)


def plain(text: str) -> str:
    """`text` with line ends as newlines and anything that steers a terminal or hides text written as its escape."""
    return _HOSTILE.sub(lambda mark: ascii(mark.group())[1:-1], text.replace("\r\n", "\n"))


def cut(text: str, longest: int) -> str:
    """`plain` text, in at most `longest` characters."""
    text = plain(text)
    return text if len(text) <= longest else text[: longest - len(_CUT)] + _CUT


def preview(value: object, longest: int = LONGEST) -> str:
    """What `value` looks like, in at most about `longest` characters."""
    shown = _Shown(longest)
    shown.add(value)
    return cut("".join(shown.pieces), longest)


def preview_args(args: tuple[object, ...], longest: int = LONGEST) -> str:
    """Positional arguments, one a line."""
    each = max(longest // max(len(args), 1), 60)
    return "\n".join(preview(arg, each) for arg in args)


class _Shown:
    """Text as it grows, until there is no room left."""

    def __init__(self, room: int) -> None:
        self.pieces: list[str] = []
        self._room = room

    def add(self, value: object) -> None:
        match value:
            case Tensor():
                self._put(f"tensor({_array(np.asarray(value.array), self._room)})")
            case Opaque():
                self._put(f"<{value.type_name}>")
            case np.ndarray():
                self._put(f"array({_array(value, self._room)})")
            case np.generic():
                self._scalar(value)
            case str() | bytes():
                self._text(value)
            case list() | tuple() | set() if value:
                self._entries(value)
            case dict():
                self._pairs(value)
            case int() if value.bit_length() > 400:
                self._put(f"{value:#x}")
            case _:
                self._put(repr(value))

    def _put(self, text: str) -> None:
        self.pieces.append(text)
        self._room -= len(text)

    def _scalar(self, value: np.generic) -> None:
        plain_value = value.item()
        if isinstance(plain_value, np.generic):  # long double
            self._put(str(plain_value))
        else:
            self.add(plain_value)

    def _text(self, value: str | bytes) -> None:
        most = max(self._room, 20)
        self._put(repr(value[:most]))
        if len(value) > most:
            self._put(f"… ({len(value):,} in all)")

    def _entries(self, values: list[object] | tuple[object, ...] | set[object]) -> None:
        opening, closing = "[]" if isinstance(values, list) else "{}" if isinstance(values, set) else "()"
        self._put(opening)
        for place, value in enumerate(values):
            if place:
                self._put(", ")
            if self._room <= 0:
                self._put("…")
                break
            self.add(value)
        self._put(f",{closing}" if isinstance(values, tuple) and len(values) == 1 else closing)

    def _pairs(self, value: dict[object, object]) -> None:
        self._put("{")
        for place, (key, entry) in enumerate(value.items()):
            if place:
                self._put(", ")
            if self._room <= 0:
                self._put("…")
                break
            self.add(key)
            self._put(": ")
            self.add(entry)
        self._put("}")


def preview_numbers(array: NDArray[np.generic], room: int) -> str:
    """What an array holds. Text is cut like other text; where there are many axes, only the first numbers are shown."""
    if array.dtype.kind in "US":
        inner = _Shown(room)
        inner.add(array.ravel()[: _MOST_NUMBERS + 1].tolist())
        return plain("".join(inner.pieces))
    if array.size > _MOST_NUMBERS and math.prod(min(side, 2 * _CORNER + 1) for side in array.shape) > 1000:
        return f"[{', '.join(map(str, array.ravel()[:_CORNER].tolist()))}, …]"
    text = np.array2string(
        array, separator=", ", threshold=_MOST_NUMBERS, edgeitems=_CORNER, precision=6, max_line_width=76
    )
    return text if len(text) <= 2 * room else text[:room] + _CUT


def _array(array: NDArray[np.generic], room: int) -> str:
    return f"{preview_numbers(array, room)}, dtype={array.dtype}, shape={array.shape}"
