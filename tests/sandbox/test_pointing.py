"""A mark under a place in a line stands right: after tabs, under wide characters, on long lines."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox import lines_of, point_at


def columns(text: str) -> int:
    """Terminal columns, a tab counted as one here: it stands in both lines."""
    return sum(0 if unicodedata.combining(it) else 2 if unicodedata.east_asian_width(it) in "WF" else 1 for it in text)


@pytest.mark.parametrize(
    ("line", "column", "end", "mark"),
    [
        ("def f(a)\n", 9, None, "            ^"),
        ("\tx = [1 2]\n", 7, 10, "    \t     ^^^"),
        ("名字 = [1 2]", 7, 10, "    \u3000\u3000    ^^^"),
        ("f(1，2)", 4, 5, "       ^^"),
        ("x", 0, None, "    ^"),
        ("x", 99, None, "     ^"),
        ("", 1, None, "    ^"),
        ("abc", 2, 99, "     ^^"),
        ("e\u0301 = )", 6, None, "        ^"),
    ],
)
def test_mark_stands_under_its_place(line: str, column: int, end: int | None, mark: str) -> None:
    assert point_at(line, column, end).split("\n")[1] == mark


def test_long_line_is_shown_around_the_place() -> None:
    shown, mark = point_at("x = [" + "1, " * 20_000 + "1 2]", 60_006, 60_009).split("\n")
    assert len(shown) < 120
    assert shown.startswith("    …1, ")
    assert shown.endswith("1 2]")
    assert shown[mark.index("^") :] == "1 2]"


def test_characters_that_cannot_be_seen_are_shown_as_one() -> None:
    assert point_at("a\u200b\0\xa0\u202eb", 5).split("\n") == ["    a\ufffd\ufffd\ufffd\ufffdb", "        ^"]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80), st.integers(0, 90), st.integers(0, 90))
def test_any_line_is_two_lines_and_the_mark_within_it(line: str, column: int, length: int) -> None:
    line = line.replace("\n", "").replace("\r", "")
    shown, mark = point_at(line, column, column + length).split("\n")
    before = mark[: mark.index("^")]
    assert columns(before) <= columns(shown) + 1
    if 0 < column <= len(line) and len(line) < 60:
        assert columns(before) == 4 + columns(shown[4 : 4 + column - 1])


@given(st.text(max_size=40))
def test_lines_are_those_that_python_counts(source: str) -> None:
    assert len(lines_of(source)) == 1 + source.replace("\r\n", "\n").replace("\r", "\n").count("\n")
