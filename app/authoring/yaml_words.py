"""Values written as the bank's authors write YAML: short ones in one line, long texts as literal blocks.

Owns how a new or changed value reads; where it goes in a question's text is `yaml_edit`'s.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from app.bank.yaml_source import read

WIDTH = 110  # columns up to which a group of short values stands in one line
_ESCAPED = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_ODD_START = re.compile(r"[-?:,\[\]{}#&*!|>'\"%@`~=<\s]|$")


@dataclass(frozen=True)
class Raw:
    """YAML that an author typed, and what it says. It is put in as it is."""

    text: str
    data: object
    block: bool = False  # a mapping or list in lines, which can't follow on the line of its key


def plain(value: object) -> object:
    """The data that a value says, without how it is written."""
    if isinstance(value, Raw):
        return value.data
    if isinstance(value, dict):
        return {key: plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [plain(child) for child in value]
    return value


def after_colon(value: object, column: int) -> str:
    """What follows `key:` where the key stands at `column`: a space and a value, or lines of their own."""
    if isinstance(value, Raw):
        return _raw_after_colon(value, column)
    if not isinstance(value, dict | list) or not value:
        return " " + scalar(value, column)
    one_line = in_flow(value)
    if not has_lines(value) and len(one_line) + column <= WIDTH:
        return " " + one_line
    if isinstance(value, dict):
        return "".join(f"\n{' ' * (column + 2)}{entry(key, child, column + 2)}" for key, child in value.items())
    return "".join(f"\n{' ' * column}- {after_dash(child, column)}" for child in value)


def after_dash(value: object, column: int, *, one_line: bool = True) -> str:
    """What follows `- ` where the dash stands at `column`. `one_line`: groups that fit in a line are written so."""
    if isinstance(value, Raw):
        return _hung(value.text, column + 2)
    if not isinstance(value, dict | list) or not value:
        return scalar(value, column)
    short = in_flow(value)
    if isinstance(value, list) or (one_line and not has_lines(value) and len(short) + column <= WIDTH):
        return short
    return f"\n{' ' * (column + 2)}".join(entry(key, child, column + 2) for key, child in value.items())


def entry(key: str, value: object, column: int) -> str:
    """`key: value`, where the key stands at `column`."""
    return f"{key_text(key)}:{after_colon(value, column)}"


def key_text(key: str) -> str:
    """A name as a key."""
    return text(key, 0, flow=True) if not re.fullmatch(r"[A-Za-z_][\w-]*", key) else key


def in_flow(value: object) -> str:
    """A value in one line: `{en: …, zh: …}`, `[a, b]`."""
    if isinstance(value, Raw):
        return value.text if not value.block and "\n" not in value.text else in_flow(value.data)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key_text(key)}: {in_flow(child)}" for key, child in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(in_flow(child) for child in value) + "]"
    return scalar(value, 0, flow=True)


def has_lines(value: object) -> bool:
    """Whether a text of several lines is in a value."""
    if isinstance(value, Raw):
        return value.block or "\n" in value.text
    if isinstance(value, dict | list):
        return any(has_lines(child) for child in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, str) and "\n" in value


def scalar(value: object, column: int, *, flow: bool = False, like: str | None = None) -> str:
    """One value. `column` is that of its key or dash; `like` the quotes to keep, if they can hold it."""
    match value:
        case str():
            return text(value, column, flow=flow, like=like)
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case dict():
            return "{}"
        case list():
            return "[]"
    return repr(value)


def text(value: str, column: int, *, flow: bool = False, like: str | None = None) -> str:
    """A text, in the quotes `like` if they can hold it; of several lines as a literal block where one may stand."""
    if not flow and "\n" in value and _fits_block(value):
        return _block(value, column)
    if like == '"':
        return _double(value)
    ways = [value] if like is None or like in "|>" else []
    if like == "'" or (ways and ("\\" in value or '"' in value)):
        ways.append("'" + value.replace("'", "''") + "'")
    return next((way for way in ways if _reads_as(way, value, flow=flow)), None) or _double(value)


def _reads_as(written: str, value: str, *, flow: bool) -> bool:
    """Whether a text in one line is read back as it is, by readers of YAML 1.1 and 1.2 alike."""
    if _ESCAPED.search(value) or "\n" in value or "\t" in value:
        return False
    if written == value and (_ODD_START.match(value) or value != value.strip()):
        return False
    source = read((f"{{k: {written}, j: 0}}" if flow else f"k: {written}\nj: 0").encode())
    return not source.faults and source.data == {"k": value, "j": 0}


def _double(value: str) -> str:
    quoted = json.dumps(value, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _fits_block(value: str) -> bool:
    """Whether a literal block says this text, and still does once the ends of lines are tidied."""
    lines = value.split("\n")
    return bool(value.strip()) and not value.endswith("\n\n") and not _ESCAPED.search(value) and all(
        line == line.rstrip() for line in lines
    )  # fmt: skip


def _block(value: str, column: int) -> str:
    first = next(line for line in value.split("\n") if line)
    head = "|" + ("2" if first[0] in " \t" else "") + ("" if value.endswith("\n") else "-")
    margin = " " * (column + 2)
    return head + "".join(f"\n{margin}{line}" if line else "\n" for line in value.removesuffix("\n").split("\n"))


def _raw_after_colon(value: Raw, column: int) -> str:
    if not value.block:
        return " " + _hung(value.text, column + 2)
    margin = " " * (column if isinstance(value.data, list) else column + 2)
    lines = value.text.strip("\n").split("\n")
    return "".join(f"\n{margin}{line}" if line.strip() else "\n" for line in lines)


def _hung(lines: str, column: int) -> str:
    """Lines that begin where they are put; all but the first are set in."""
    first, *rest = lines.strip("\n").split("\n")
    return first + "".join(f"\n{' ' * column}{line}" if line.strip() else "\n" for line in rest)
