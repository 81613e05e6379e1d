"""Code that is odd, too long or no text, at every door of the web: the page's draft and submission, the JSON API."""

from __future__ import annotations

import time
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

LIMIT = 64 * 1024
RIGHT = """\
def iou(a, b):
    a, b = [float(v) for v in a], [float(v) for v in b]
    w, h = (max(0.0, min(a[i + 2], b[i + 2]) - max(a[i], b[i])) for i in (0, 1))
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h
    return w * h / union if union > 0 else 0.0
"""
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}


def graded(client: TestClient, submission_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        state: dict[str, Any] = client.get(f"/api/submissions/{submission_id}").json()
        if state["status"] == "done":
            return state
        time.sleep(0.05)
    raise AssertionError("not graded within a minute")


def send(client: TestClient, code: str) -> dict[str, Any]:
    sent = client.post("/api/submissions", json={"question_id": "iou", "code": code, "mode": "run"})
    assert sent.status_code == 202, sent.text
    return graded(client, sent.json()["id"])


def padded(size: int, filler: str = "#") -> str:
    left = size - len(RIGHT.encode()) - 1
    width = len(filler.encode())
    return RIGHT + "#" + filler * (left // width) + "#" * (left % width)


def test_odd_code_is_graded_as_python_runs_it(client: TestClient) -> None:
    for code in (
        RIGHT.replace("\n", "\r\n"),
        RIGHT.replace("\n", "\r"),
        "\ufeff" + RIGHT,
        RIGHT.replace("    ", "\t"),
        "\f" + RIGHT,
        "\n" * 60_000 + RIGHT,
        "# -*- coding: latin-1 -*-\n" + RIGHT,
        padded(LIMIT),
        padded(LIMIT, "数"),
    ):
        assert send(client, code)["verdict"] == "accepted"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("", "does not define the function iou"),
        ("# soon", "does not define the function iou"),
        ("if 1:\n\tx = 1\n        y = 2\n", "Line 3, column 9: inconsistent use of tabs"),
        ("x = [" * 5_000, "too many nested parentheses"),
    ],
)
def test_code_that_python_refuses_says_why(client: TestClient, code: str, says: str) -> None:
    state = send(client, code)
    assert state["verdict"] == "compile_error"
    assert says in state["message"]
    assert client.get("/code/iou").status_code == 200


def test_code_with_nul_is_refused_at_every_door(client: TestClient) -> None:
    """No database of ours keeps it, so it is not taken first and lost then."""
    refused = client.post("/api/submissions", json={"question_id": "iou", "code": RIGHT + "\0", "mode": "run"})
    assert refused.status_code == 422
    assert "NUL" in refused.json()["detail"]
    assert client.put("/code/iou/draft", content=b"x = 1\0").status_code == 422
    refused = client.post("/code/iou/submissions", data={"code": RIGHT + "\0", "mode": "submit"})
    assert refused.status_code == 422
    assert "NUL" in refused.text
    assert send(client, RIGHT)["verdict"] == "accepted"


@pytest.mark.parametrize("filler", ["#", "数"])
def test_one_byte_over_the_limit_is_refused_at_every_door(client: TestClient, filler: str) -> None:
    fits, over = padded(LIMIT, filler), padded(LIMIT + 1, filler)
    body = {"question_id": "iou", "code": over, "mode": "run"}
    refused = client.post("/api/submissions", json=body)
    assert refused.status_code == 413
    assert "64 KiB" in refused.json()["detail"]
    assert client.put("/code/iou/draft", content=over.encode()).status_code == 413
    assert client.put("/code/iou/draft", content=fits.encode()).status_code == 204
    assert client.post("/code/iou/submissions", data={"code": over, "mode": "run"}).status_code == 413
    assert client.post("/code/iou/submissions", data={"code": fits, "mode": "run"}).status_code == 303


@pytest.mark.parametrize("code", [b"# caf\xe9", b"\xed\xa0\x80", b"\xff\xfe#\0"])
def test_bytes_that_are_not_utf_8_are_refused_as_a_draft_and_in_json(client: TestClient, code: bytes) -> None:
    refused = client.put("/code/iou/draft", content=code)
    assert refused.status_code == 422
    assert "not valid Unicode text" in refused.text
    body = b'{"question_id": "iou", "mode": "run", "code": "' + code + b'"}'
    assert client.post("/api/submissions", content=body, headers=JSON).status_code in (400, 422)


def test_half_a_character_is_refused_in_json(client: TestClient) -> None:
    body = b'{"question_id": "iou", "mode": "run", "code": "x = \'\\ud83d\'"}'
    refused = client.post("/api/submissions", content=body, headers=JSON)
    assert refused.status_code == 422


def test_bytes_of_a_form_that_are_not_utf_8_are_named_by_the_compiler(client: TestClient) -> None:
    """What a form can't carry arrives as U+FFFD, which is no character of Python's."""
    sent = client.post("/code/iou/submissions", content=b"mode=run&code=x%20%3D%20%FF", headers=FORM)
    assert sent.status_code == 303
    page = client.get("/code/iou").text
    submission_id = page.split('data-id="')[1].split('"')[0]
    state = graded(client, submission_id)
    assert state["verdict"] == "compile_error"
    assert "invalid character '\ufffd' (U+FFFD)" in state["message"]


def test_draft_keeps_odd_text_as_it_is(client: TestClient) -> None:
    code = "\ufeffs = '\u2028\f\t数据'\n"
    assert client.put("/code/iou/draft", content=code.encode()).status_code == 204
    assert code in unescape(client.get("/code/iou").text)


def test_form_brings_windows_lines_and_is_graded(client: TestClient) -> None:
    form = f"mode=run&code={quote(RIGHT.replace(chr(10), chr(13) + chr(10)))}"
    assert client.post("/code/iou/submissions", content=form.encode(), headers=FORM).status_code == 303
    submission_id = client.get("/code/iou").text.split('data-id="')[1].split('"')[0]
    assert graded(client, submission_id)["verdict"] == "accepted"
