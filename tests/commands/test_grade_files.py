"""`whetstone grade` on files as people have them: any bytes are graded or told to be no source, and nothing crashes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_command import run

RIGHT = """\
def iou(a, b):
    a, b = [float(v) for v in a], [float(v) for v in b]
    w, h = (max(0.0, min(a[i + 2], b[i + 2]) - max(a[i], b[i])) for i in (0, 1))
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h
    return w * h / union if union > 0 else 0.0
"""
FILES = {
    "plain.py": (RIGHT.encode(), "accepted", ""),
    "windows.py": (b"\xef\xbb\xbf" + RIGHT.replace("\n", "\r\n").encode(), "accepted", ""),
    "mac.py": (RIGHT.replace("\n", "\r").encode(), "accepted", ""),
    "latin.py": ("# -*- coding: latin-1 -*-\n# é\n".encode("latin-1") + RIGHT.encode(), "accepted", ""),
    "full.py": (RIGHT.encode() + b"#" * (65_536 - len(RIGHT)), "accepted", ""),
    "over.py": (RIGHT.encode() + b"#" * (65_537 - len(RIGHT)), "compile_error", "65,537 bytes; at most 65,536"),
    "gbk.py": ("# 数据\n".encode("gbk") + RIGHT.encode(), "compile_error", "Line 1: the byte 0xCA is not UTF-8"),
    "utf16.py": (RIGHT.encode("utf-16"), "compile_error", "UTF-16; save it as UTF-8"),
    "null.py": (RIGHT.encode() + b"\0", "compile_error", "Line 6, column 1: source code string cannot contain null"),
    "empty.py": (b"", "compile_error", "does not define the function iou"),
    "comment.py": (b"# soon", "compile_error", "does not define the function iou"),
    "binary.py": (bytes(range(256)) * 9, "compile_error", "byte 0x80 is not UTF-8"),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_file_gets_its_verdict(tmp_path: Path, lang: str) -> None:
    for name, (data, _, _) in FILES.items():
        (tmp_path / name).write_bytes(data)
    done = run(tmp_path, "grade", "iou", *FILES, "--json", "--lang", lang)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1, done.stderr
    assert {line["file"]: line["verdict"] for line in lines} == {name: due for name, (_, due, _) in FILES.items()}
    if lang == "en":
        for line in lines:
            assert FILES[line["file"]][2] in line["message"]


def test_endless_file_is_too_long(tmp_path: Path) -> None:
    done = run(tmp_path, "grade", "iou", "/dev/zero", "--json")
    assert json.loads(done.stdout)["verdict"] == "compile_error"


def test_folder_is_no_source(tmp_path: Path) -> None:
    done = run(tmp_path, "grade", "iou", str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
