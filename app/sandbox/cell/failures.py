"""Turns an exception of the learner's into plain data: type, message, and a traceback of the learner's own frames."""

from __future__ import annotations

import sys
import traceback
from types import TracebackType

FILENAME = "solution.py"
_MESSAGE_CAP = 2_000
_TRACEBACK_CAP = 8_000
_DEEPEST = 400  # frames looked at; a runaway recursion has thousands of the same

# What travels: type, message, traceback, line, column.
Described = tuple[str, str, str, int | None, int | None]


def describe(error: BaseException) -> Described:
    """Return the failure as data. Whatever the exception's own methods do, only MemoryError comes out of here."""
    name = str(type.__dict__["__name__"].__get__(type(error)))  # past whatever a metaclass says
    message = clip(_text_of(error), _MESSAGE_CAP)
    line, column = _last_place(error.__traceback__)
    try:
        if isinstance(error, SyntaxError) and error.filename == FILENAME:
            name, line, column = "SyntaxError", _place(error.lineno), _place(error.offset)
            rendered = "".join(traceback.format_exception_only(error))
        else:
            rendered = _own_frames(error)
    except MemoryError:
        raise
    except BaseException:  # the exception's own __str__ or attributes raised
        rendered = f"{name}: {message}\n"
    return name, message, clip(scrub(rendered), _TRACEBACK_CAP), line, column


def _text_of(error: BaseException) -> str:
    try:
        return scrub(str(error.msg if isinstance(error, SyntaxError) else error))
    except MemoryError:
        raise
    except BaseException as inner:
        return f"(its message could not be read: {type(inner).__name__})"


def _place(number: object) -> int | None:
    """Return a line or column that can be one; the learner may have raised a SyntaxError with any."""
    return number if type(number) is int and 0 < number < 1 << 31 else None


def clip(text: str, cap: int) -> str:
    """Return `text`, its middle left out when it is longer than `cap` characters."""
    if len(text) <= cap:
        return text
    half = cap // 2
    return f"{text[:half]}\n… ({len(text) - 2 * half:,} characters left out) …\n{text[-half:]}"


def scrub(text: str) -> str:
    """Take the machine's own paths out of a text: the learner's file is `solution.py`, everything else is a library."""
    for path in (*sys.path, *getattr(sys, "granted_roots", ())):
        if len(path) > 1:
            text = text.replace(path + "/", "")
    return text


def _last_place(tb: TracebackType | None) -> tuple[int | None, int | None]:
    last = None
    while tb is not None:
        if tb.tb_frame.f_code.co_filename == FILENAME:
            last = tb
        tb = tb.tb_next
    if last is None:
        return None, None
    positions = list(last.tb_frame.f_code.co_positions())
    index = last.tb_lasti // 2
    column = positions[index][2] if 0 <= index < len(positions) else None
    return last.tb_lineno, None if column is None else column + 1


def _shorten(tb: TracebackType | None) -> TracebackType | None:
    """Drop the outer frames of a very deep traceback, so that rendering it stays quick."""
    depth, at = 0, tb
    while at is not None:
        depth, at = depth + 1, at.tb_next
    for _ in range(max(0, depth - _DEEPEST)):
        tb = tb.tb_next if tb is not None else None
    return tb


def _own_frames(error: BaseException) -> str:
    rendered = traceback.TracebackException(type(error), error, _shorten(error.__traceback__), compact=True)
    seen: set[int] = set()
    waiting: list[traceback.TracebackException | None] = [rendered]
    while waiting:
        part = waiting.pop()
        if part is None or id(part) in seen:
            continue
        seen.add(id(part))
        part.stack[:] = [frame for frame in part.stack if frame.filename == FILENAME]
        waiting += [part.__cause__, part.__context__]
    return "".join(rendered.format())
