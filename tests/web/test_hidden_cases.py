"""A hidden case keeps its input, results and picture to itself until it is due: at every door of the server."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.bank.loader import load_bank
from app.bank.schema import Code
from app.interop.learner_data import export_data
from app.interop.learner_store import gather
from app.practice.coding import submissions
from app.settings import ROOT

NMS = load_bank(ROOT / "questions", None)[0].questions["nms"].question
# Right, but for crowds of one: no visible case has one, so the first failure is hidden.
ALMOST = f"""{NMS.reference if isinstance(NMS, Code) else ""}

right = nms


def nms(boxes, scores, iou_thr):
    return np.zeros(0, dtype=int) if len(boxes) == 1 else right(boxes, scores, iou_thr)
"""


def submit(client: TestClient, code: str, question_id: str = "nms") -> str:
    sent = client.post("/api/submissions", json={"question_id": question_id, "code": code, "mode": "submit"})
    made: str = sent.json()["id"]
    deadline = time.monotonic() + 60
    while client.get(f"/api/submissions/{made}").json()["status"] != "done":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return made


def stored(client: TestClient, submission_id: str) -> dict[str, Any]:
    """The failing hidden case as the database has it."""
    with client.app.state.services.db.read() as connection:  # type: ignore[attr-defined]  # an ASGI app in general
        report = connection.execute(select(submissions.c.report).where(submissions.c.id == submission_id)).scalar_one()
    failing = [case for case in report["cases"] if case["verdict"] != "accepted"]
    assert [case["hidden"] for case in failing] == [True]
    found: dict[str, Any] = failing[0]
    return found


def doors(client: TestClient, submission_id: str) -> Iterator[tuple[str, str]]:
    """Whatever a learner can get hold of, as text."""
    yield "page", unescape(client.get("/code/nms").text)
    yield "side", unescape(client.get("/code/nms/side").text)
    yield "fragment", unescape(client.get(f"/code/submissions/{submission_id}", headers={"hx-request": "true"}).text)
    yield (
        "cancelled",
        unescape(client.post(f"/code/submissions/{submission_id}/cancel", headers={"hx-request": "true"}).text),
    )
    yield "api", json.dumps(client.get(f"/api/submissions/{submission_id}").json(), ensure_ascii=False)
    services = client.app.state.services  # type: ignore[attr-defined]  # as above
    with services.db.read() as connection:
        yield "export", export_data(gather(connection, 1, services.clock()))


def secrets(case: dict[str, Any]) -> dict[str, str]:
    """Words that only the kept parts of the case hold."""
    return {
        "input": case["args_preview"].splitlines()[0],
        "result": case["got_preview"],
        "diff": case["diff"].splitlines()[-1].strip(),
        "picture": 'role="img"',
        "facts": "○ missed: 0.",
    }


SHOWN = {"input", "diff", "picture", "facts"}  # on pages, where the diff holds the result


def leaks(text: str, case: dict[str, Any]) -> set[str]:
    text = text.replace('\\"', '"').replace("\\n", "\n")
    return {name for name, words in secrets(case).items() if words in text}


@pytest.mark.parametrize("way", ["tries", "giving up"])
def test_nothing_leaks_before_it_is_due_and_everything_shows_after(client: TestClient, way: str) -> None:
    first = submit(client, ALMOST)
    case = stored(client, first)
    assert all(case[name] for name in ("args_preview", "got_preview", "expected_preview", "diff", "picture_svg"))
    for name, text in doors(client, first):
        assert leaks(text, case) == set(), name
        assert name == "side" or case["message"]["en"] in text, "where it parts is told from the beginning"
    assert "Its input shows after 2 more tries, or when you give up." in client.get("/code/nms").text

    if way == "giving up":
        client.post("/code/nms/reveal")
    else:
        second = submit(client, ALMOST + "# again\n")
        assert "Its input shows after 1 more try, or when you give up." in client.get("/code/nms").text
        assert leaks(client.get(f"/code/submissions/{second}").text, case) == set()
        submit(client, ALMOST + "# once more\n")
    for name, text in doors(client, first):
        if name != "side":
            assert leaks(text, case) >= SHOWN, name
    assert "more tr" not in client.get("/code/nms").text


def test_a_rating_covers_hidden_cases_again(client: TestClient) -> None:
    session = client.post("/api/practice/sessions", json={"topics": ["nms"], "kinds": ["code"], "mode": "more"}).json()
    card = client.get(f"/api/practice/sessions/{session['id']}/next").json()
    first = submit(client, ALMOST)
    case = stored(client, first)
    client.post("/code/nms/reveal")
    assert leaks(unescape(client.get("/code/nms").text), case) == SHOWN
    client.app.state.services.clock.forward(minutes=1)  # type: ignore[attr-defined]  # as above
    assert client.post("/api/practice/reviews", json={"card_id": card["card_id"], "rating": 1}).status_code == 200
    assert leaks(unescape(client.get("/code/nms").text), case) == set()
    client.post("/api/practice/undo")
    assert leaks(unescape(client.get("/code/nms").text), case) == SHOWN


EPSILON = """import numpy as np

def iou(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    inter = (np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])).clip(min=0).prod()
    return inter / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - inter + 1e-6)
"""


def test_known_slip_is_told_on_the_page_and_in_the_api_though_only_hidden_cases_show_it(client: TestClient) -> None:
    body = client.get(f"/api/submissions/{submit(client, EPSILON, 'iou')}").json()
    assert (body["recognised"], "falsifies small boxes" in body["recognised_note"]) == ("epsilon", True)
    assert [case["tries_left"] for case in body["cases"] if case["verdict"] != "accepted"] == [2]
    page = client.get("/code/iou").text
    assert "Your results match a known slip" in page
    assert "falsifies small boxes" in page
    client.post("/language", data={"lang": "zh", "next": "/"})
    assert "你的结果与一个常见错误完全吻合" in client.get("/code/iou").text
    body = client.get(f"/api/submissions/{submit(client, ALMOST)}").json()
    assert (body["verdict"], body["recognised"]) == ("wrong_answer", None)
    assert "常见错误" not in client.get("/code/nms").text


def test_statement_gets_the_picture_of_a_visible_case_and_of_no_other(client: TestClient) -> None:
    assert 'hx-get="/code/nms/example"' in client.get("/code/nms").text
    shown = client.get("/code/nms/example")
    assert shown.status_code == 200
    assert "<svg" in shown.text
    assert "kept: 1, 2." in unescape(shown.text)
    assert "Example: " in shown.text
    assert client.get("/code/iou-touching-boxes/example").status_code == 404
