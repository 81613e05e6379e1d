"""Turns what went wrong with the learner's program into plain data: type, message, place; and nothing of ours.

Whatever the exception's own class does when it is looked at (a `__str__` that raises, a type that lies) must not break
this.
"""

from __future__ import annotations

import linecache
import re
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType

from .pointing import lines_of, point_at

FILENAME = "solution.py"
_MESSAGE_CAP = 2_000
_TRACEBACK_CAP = 8_000
_OUTER, _INNER = 3, 5  # calls shown of a deep recursion, of its start and of its end
_CHAINED = 50  # exceptions looked at
_OWN_CLASS = re.compile(r"^([ |]*)solution\.", re.MULTILINE)  # of the learner's own exception
_NULL = "source code string cannot contain null bytes"
_SURROGATE = "invalid character: half of a surrogate pair"
_TOO_DEEP = "too large or too deeply nested to compile"

# What travels: type, message, traceback, line, column.
Described = tuple[str, str, str, int | None, int | None]


def describe(error: BaseException) -> Described:
    """Return what a running program raised as data. MemoryError alone gets out, whatever its own methods do."""
    name = _name_of(error)
    message = clip(_text_of(error), _MESSAGE_CAP)
    line, column = _last_place(_traceback_of(error))
    try:
        rendered = _OWN_CLASS.sub(r"\1", _own_frames(error))
    except MemoryError:
        raise
    except BaseException:  # the exception's own attributes raised
        rendered = f"{name}: {message}\n"
    return name, message, clip(scrub(rendered), _TRACEBACK_CAP), line, column


def describe_syntax(error: BaseException, source: str) -> Described:
    """Return why `source` does not compile as data; the traceback is the line meant, with a mark under the place."""
    line: int | None
    if isinstance(error, SyntaxError):
        name, message = type(error).__name__, str(error.msg)
        line, column, end = error.lineno, error.offset or 1, _end_of(error)
    elif isinstance(error, MemoryError | RecursionError):  # what the compiler says of thousands of nested brackets
        name, message, line, column, end = "SyntaxError", _TOO_DEEP, None, 1, None
    else:  # a text that is none to the compiler
        name, message, line, column, end = "SyntaxError", str(error), None, 1, None
    if (odd := _unreadable(source)) is not None and not line:
        message, line, column = odd
    lines = lines_of(source)
    if not line or not 0 < line <= len(lines):
        return name, message, "", None, None
    text = lines[line - 1]
    if isinstance(error, SyntaxError) and (inside := _within_f_string(error, text)) is not None:
        column, end = inside
    if isinstance(error, IndentationError):  # the compiler points at the end of the line
        column, end = len(text) - len(text.lstrip()) + 1, None
    column = min(max(column, 1), max(len(text.rstrip("\n")), 1) + 1)
    return name, message, f"{point_at(text, column, end)}\n", line, column


def _end_of(error: SyntaxError) -> int | None:
    """Where the place in question ends, if that is on its first line."""
    end = error.end_offset
    if not end or end < 1 or error.end_lineno != error.lineno:
        return None
    return end


def _within_f_string(error: SyntaxError, line: str) -> tuple[int, int | None] | None:
    """The place of an error that Python 3.11 counts in an expression of an f-string, which it puts in brackets."""
    counted = (error.text or "").rstrip("\n")
    if not (counted.startswith("(") and counted.endswith(")")) or counted in line:
        return None
    start = line.find(counted[1:-1])
    if start < 0:
        return None
    end = _end_of(error)
    return start + (error.offset or 1) - 1, None if end is None else start + end - 1


def _unreadable(source: str) -> tuple[str, int, int] | None:
    """A character that no source may hold: what is wrong with it, its line and its column."""
    for line, text in enumerate(lines_of(source), start=1):
        for column, character in enumerate(text, start=1):
            if character == "\0":
                return _NULL, line, column
            if 0xD800 <= ord(character) < 0xE000:
                return f"{_SURROGATE} (U+{ord(character):04X})", line, column
    return None


def _text_of(error: BaseException) -> str:
    try:
        text = str(error.msg) if isinstance(error, SyntaxError) else str(error)
        return scrub(str.__getitem__(text, slice(0, 4 * _MESSAGE_CAP)))
    except MemoryError:
        raise
    except BaseException as inner:
        return f"(its message could not be read: {_name_of(inner)})"


def _name_of(error: BaseException) -> str:
    name: str = type.__dict__["__name__"].__get__(type(error))  # past whatever a metaclass says
    return str.__getitem__(name, slice(0, 200))  # and a name that is no plain text


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


def _traceback_of(error: BaseException) -> TracebackType | None:
    found: TracebackType | None = BaseException.__dict__["__traceback__"].__get__(error)
    return found


def _own(tb: TracebackType | None) -> Iterator[TracebackType]:
    """The learner's own calls, from the outermost in."""
    while tb is not None:
        if tb.tb_frame.f_code.co_filename == FILENAME:
            yield tb
        tb = tb.tb_next


def _last_place(tb: TracebackType | None) -> tuple[int | None, int | None]:
    calls = list(_own(tb))
    if not calls:
        return None, None
    last = calls[-1]
    positions = list(last.tb_frame.f_code.co_positions())
    index = last.tb_lasti // 2
    column = positions[index][2] if 0 <= index < len(positions) else None
    line = linecache.getline(FILENAME, last.tb_lineno)
    return last.tb_lineno, None if column is None else _characters(line, column) + 1


def _characters(line: str, offset: int) -> int:
    """How many characters the first `offset` bytes of a line are: what the interpreter counts in."""
    return len(line.encode("utf-8", "replace")[:offset].decode("utf-8", "replace"))


def _own_frames(error: BaseException) -> str:
    """The traceback as Python prints it, of the learner's own calls alone, deep recursions shortened."""
    left_out = {id(one): _trim(one) for one in _chain(error)}
    rendered = traceback.TracebackException(type(error), error, _traceback_of(error), compact=True)
    seen: set[int] = set()
    waiting: list[tuple[traceback.TracebackException | None, BaseException | None]] = [(rendered, error)]
    while waiting:
        part, raised = waiting.pop()
        if part is None or raised is None or id(part) in seen:
            continue
        seen.add(id(part))
        part.stack = _Stack(part.stack, left_out.get(id(raised), 0))
        if part.__context__ is not None and not part.__context__.stack and part.__cause__ is None:
            part.__context__ = None  # a library's own doing
        waiting += [(part.__cause__, raised.__cause__), (part.__context__, raised.__context__)]
        waiting += zip(part.exceptions or (), getattr(raised, "exceptions", ()), strict=False)
    return "".join(rendered.format())


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, those it came from and those it is a group of."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting and len(seen) < _CHAINED:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions


def _trim(error: BaseException) -> int:
    """Leave the exception its own calls, of a deep recursion its two ends. Returns how many calls are left out."""
    calls = list(_own(_traceback_of(error)))
    left_out = max(0, len(calls) - _OUTER - _INNER)
    kept = calls[:_OUTER] + calls[_OUTER + left_out :]
    made = None
    for call in reversed(kept):
        made = TracebackType(made, call.tb_frame, call.tb_lasti, call.tb_lineno)
    BaseException.with_traceback(error, made)
    return left_out


class _Stack(traceback.StackSummary):
    """Calls, each with its line and a mark under what failed in it, and a word where some are left out."""

    def __init__(self, calls: traceback.StackSummary, left_out: int) -> None:
        super().__init__(calls)
        self._left_out = left_out

    def format(self, **_: object) -> list[str]:
        shown = [_call(call) for call in self]
        if self._left_out:
            shown.insert(_OUTER, f"  … ({self._left_out:,} calls left out) …\n")
        return shown


def _call(call: traceback.FrameSummary) -> str:
    head = f'  File "{FILENAME}", line {call.lineno}, in {call.name}\n'
    whole = linecache.getline(FILENAME, call.lineno or 0)
    line = whole.strip()
    if not line:
        return head
    indent = len(whole) - len(whole.lstrip())
    start = _characters(whole, call.colno or 0) - indent
    end = _characters(whole, call.end_colno or 0) - indent if call.end_lineno == call.lineno else len(line)
    if call.colno is None or start < 0 or (start, end) == (0, len(line)):
        return f"{head}    {line}\n"
    return f"{head}{point_at(line, start + 1, end + 1)}\n"
