"""Values and learners' text as short plain text, safe for a page and a terminal."""

from __future__ import annotations

import re

import numpy as np

from app.sandbox import Opaque, Tensor

LONGEST = 800
_CUT = " …"
# Control characters, and the marks that turn or hide text (bidirectional overrides, zero-width, line separators).
_HOSTILE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def plain(text: str) -> str:
    """`text` with line ends as newlines and anything that steers a terminal or hides text written as its escape."""
    return _HOSTILE.sub(lambda mark: ascii(mark.group())[1:-1], text.replace("\r\n", "\n"))


def cut(text: str, longest: int) -> str:
    """`plain` text, in at most `longest` characters."""
    text = plain(text)
    return text if len(text) <= longest else text[: longest - len(_CUT)] + _CUT


def preview(value: object, longest: int = LONGEST) -> str:
    """What `value` looks like, in at most about `longest` characters."""
    return cut(_shown(value, longest), longest)


def preview_args(args: tuple[object, ...], longest: int = LONGEST) -> str:
    """Positional arguments, one a line."""
    each = max(longest // max(len(args), 1), 60)
    return "\n".join(preview(arg, each) for arg in args)


def _shown(value: object, longest: int) -> str:
    match value:
        case Tensor():
            return f"tensor({_array(np.asarray(value.array))})"
        case Opaque():
            return f"<{value.type_name}>"
        case np.ndarray():
            return f"array({_array(value)})"
        case np.generic():
            return repr(value.item())
        case str() | bytes():
            return repr(value[:longest])
        case list():
            return f"[{_entries(value, longest)}]"
        case tuple():
            return f"({_entries(value, longest)}{',' if len(value) == 1 else ''})"
        case dict():
            inner = (f"{_shown(key, 40)}: {_shown(entry, longest)}" for key, entry in list(value.items())[:50])
            return "{" + ", ".join(inner) + "}"
        case int() if value.bit_length() > 2000:
            return f"{value:#x}"
        case _:
            return repr(value)


def _entries(values: list[object] | tuple[object, ...], longest: int) -> str:
    """The first entries that fit; a nest is never walked further than what is shown."""
    shown: list[str] = []
    room = longest
    for value in values:
        if room <= 0:
            return ", ".join(shown) + ", …"
        shown.append(_shown(value, room))
        room -= len(shown[-1]) + 2
    return ", ".join(shown)


def _array(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> str:
    text = np.array2string(array, separator=", ", threshold=60, edgeitems=3, precision=6, max_line_width=76)
    return f"{text}, dtype={array.dtype}, shape={array.shape}"
