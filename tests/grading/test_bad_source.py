"""Source that is odd but sound is graded as Python would run it; what is not gets a clear compile error."""

from __future__ import annotations

from typing import Any

import pytest
from made_questions import code_question

from app.grading.code import MAX_SOURCE_BYTES, grade_code, grade_file
from app.grading.source_bytes import decode
from app.grading.verdict import Report, Verdict
from app.sandbox import Sandbox

RIGHT = "def double(x):\n    return x + x\n"
DROPS_OUT = "import requests\ndef double(x):\n    return x\n"


def graded(sandbox: Sandbox, source: str, **fields: Any) -> Report:
    return grade_code(code_question(**fields), source, sandbox=sandbox, mode="run", seed=0)


def padded(source: str, size: int, filler: str = "#") -> str:
    """`source` and a comment, `size` bytes long in UTF-8."""
    left = size - len(source.encode()) - 2
    width = len(filler.encode())
    return source + "\n#" + filler * (left // width) + "#" * (left % width)


ODD = {
    "Windows lines": RIGHT.replace("\n", "\r\n"),
    "old Mac lines": RIGHT.replace("\n", "\r"),
    "lines of all kinds": "x = 1\r\ry = 2\r\n" + RIGHT,
    "a byte order mark": "\ufeff" + RIGHT,
    "tabs": RIGHT.replace("    ", "\t"),
    "tabs and spaces apart": "if 1:\n\tx = 1\n" + RIGHT,
    "form feeds": "\f\n\f" + RIGHT,
    "an encoding line": "# -*- coding: latin-1 -*-\n# é 数据\n" + RIGHT,
    "an encoding line that means nothing": "# -*- coding: nonsense -*-\n" + RIGHT,
    "60,000 empty lines": "\n" * 60_000 + RIGHT,
    "60,000 empty Windows lines": "\r\n" * 30_000 + RIGHT,
    "a string of 60,000": RIGHT + f"s = '{'x' * 60_000}'\n",
    "a line that goes on": RIGHT + "y = 1 + \\\n  2\n",
    "no newline at the end": RIGHT.rstrip("\n"),
    "separators of other scripts": "s = 'a\u2028b\x0bc\x85d'\n" + RIGHT,
    "exactly 64 KiB": padded(RIGHT, MAX_SOURCE_BYTES),
    "exactly 64 KiB of Chinese": padded(RIGHT, MAX_SOURCE_BYTES, "数"),
    "Chinese names": "def double(数):\n    return 数 + 数\n",
}


@pytest.mark.parametrize("name", ODD)
def test_odd_source_that_python_runs_is_accepted(sandbox: Sandbox, name: str) -> None:
    assert graded(sandbox, ODD[name]).verdict is Verdict.accepted


@pytest.mark.parametrize(
    ("before", "line"),
    [("\ufeff", 1), ("\r\n\r\n", 3), ("\r\r", 3), ("\f\n", 2), ("s = '\u2028'\n", 2), ("\n" * 60_000, 60_001)],
)
def test_what_is_refused_before_it_runs_is_placed_in_odd_source_too(sandbox: Sandbox, before: str, line: int) -> None:
    report = graded(sandbox, before + DROPS_OUT)
    assert report.verdict is Verdict.forbidden
    assert report.message.en.startswith(f"Line {line}, column 8: import of requests")
    assert "\n    import requests\n           ^^^^^^^^" in report.message.en


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("", "does not define the function double"),
        ("\n\n", "does not define the function double"),
        ("# only a comment", "does not define the function double"),
        ("\ufeff", "does not define the function double"),
        (RIGHT + "\0", "Line 3, column 1: source code string cannot contain null bytes"),
        ("\0" * 1000, "Line 1, column 1: source code string cannot contain null bytes"),
        (RIGHT + "s = '\udc80'", "Line 3, column 6: invalid character: half of a surrogate pair (U+DC80)"),
        ("if 1:\n\tx = 1\n        y = 2\n" + RIGHT, "Line 3"),
        (RIGHT + "\ufeffx = 1\n", "Line 3, column 1: invalid non-printable character U+FEFF"),
        (RIGHT + "x = 1\x00\n", "null bytes"),
        (RIGHT + "x = \x1b[31m\n", "Line 3, column 5: invalid non-printable character U+001B"),
        (padded(RIGHT, MAX_SOURCE_BYTES + 1), "65,537 bytes; at most 65,536 (64 KiB)"),
        (padded(RIGHT, MAX_SOURCE_BYTES + 1, "数"), "65,537 bytes"),
        ("数" * 21_846, "65,538 bytes"),
        (RIGHT + "x = " + "[" * 30_000, "too many nested parentheses"),
        (RIGHT + "x = " + "not " * 15_000 + "1", "too deeply nested"),
        (RIGHT + "x = 1" + "+1" * 32_000, "too deeply nested"),
        (RIGHT + "x = " + "9" * 60_000, "Line 3"),
    ],
)
def test_source_that_python_refuses_is_a_compile_error_that_says_why(sandbox: Sandbox, source: str, says: str) -> None:
    report = graded(sandbox, source)
    assert (report.verdict, report.cases) == (Verdict.compile_error, ())
    assert says in report.message.en
    assert report.message.zh != report.message.en
    assert not {"\0", "\x1b", "\udc80"} & set(report.message.en)


BYTES = {
    "UTF-8": (RIGHT.encode(), RIGHT),
    "UTF-8 with a mark": (b"\xef\xbb\xbf" + RIGHT.encode(), RIGHT),
    "Latin-1, named": ("# -*- coding: latin-1 -*-\n# é\n".encode("latin-1"), "# -*- coding: latin-1 -*-\n# é\n"),
    "GBK, named on line 2": ("#!\n# coding=gbk\n# 数据\n".encode("gbk"), "#!\n# coding=gbk\n# 数据\n"),
    "nothing": (b"", ""),
}


@pytest.mark.parametrize("name", BYTES)
def test_bytes_are_read_as_python_reads_a_file(name: str) -> None:
    data, text = BYTES[name]
    assert decode(data) == text


@pytest.mark.parametrize(
    ("data", "english", "chinese"),
    [
        (b"# caf\xe9\n", "Line 1: the byte 0xE9 is not UTF-8.", "第 1 行：字节 0xE9 不是 UTF-8"),
        (b"x = 1\r\ny = 2\rz = '\xff'\n", "Line 3: the byte 0xFF is not UTF-8.", "第 3 行"),
        (b"\xed\xa0\x80", "Line 1: the byte 0xED is not UTF-8.", "0xED"),
        ("# 数据\n".encode("gbk"), "or name its encoding in the first line", "coding: gbk"),
        (RIGHT.encode("utf-16"), "The file is UTF-16; save it as UTF-8.", "UTF-16"),
        (b"# coding: nonsense\n", "can't be read: unknown encoding: nonsense", "无法按文件注明的编码读取"),
        (b"# coding: hex\n00", "can't be read", "无法"),
        (b"# coding: ascii\n# \xe9\n", "can't be read", "无法"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "can't be read", "无法"),
    ],
)
def test_bytes_that_are_no_text_are_a_compile_error_with_the_line(
    sandbox: Sandbox, data: bytes, english: str, chinese: str
) -> None:
    report = grade_file(code_question(), data, sandbox=sandbox, seed=0)
    assert (report.verdict, report.cases) == (Verdict.compile_error, ())
    assert english in report.message.en
    assert chinese in report.message.zh


def test_a_file_at_the_limit_is_graded_and_one_over_is_not(sandbox: Sandbox) -> None:
    def verdict(size: int) -> Verdict:
        return grade_file(code_question(), padded(RIGHT, size).encode(), sandbox=sandbox, seed=0).verdict

    assert verdict(MAX_SOURCE_BYTES) is Verdict.accepted
    assert verdict(MAX_SOURCE_BYTES + 1) is Verdict.compile_error
