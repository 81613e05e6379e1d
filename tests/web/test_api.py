"""The JSON API: its contract, its errors, and what happens on bad input."""

from __future__ import annotations

import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

RIGHT_IOU = """
def iou(a, b):
    a, b = [float(v) for v in a], [float(v) for v in b]
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    inter = max(w, 0.0) * max(h, 0.0)
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter
    return inter / union if union > 0 else 0.0
"""


def start(client: TestClient, **body: Any) -> int:
    response = client.post("/api/practice/sessions", json=body)
    assert response.status_code == 201, response.text
    return int(response.json()["id"])


def verdict(client: TestClient, submission_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        state: dict[str, Any] = client.get(f"/api/submissions/{submission_id}").json()
        if state["status"] in ("done", "cancelled"):
            return state
        time.sleep(0.05)
    raise AssertionError("the submission was not graded within a minute")


def test_flashcard_goes_through_next_answer_review_undo(client: TestClient) -> None:
    session = start(client, kinds=["flashcard"], limit=1)
    card = client.get(f"/api/practice/sessions/{session}/next").json()
    assert card["state"] == "waiting"
    answered = client.post(
        "/api/practice/answers", json={"card_id": card["card_id"], "seed": card["seed"], "answer": {}}
    ).json()
    assert answered["correct"] is None
    assert answered["explanation"]["answer_html"]
    good = next(button for button in answered["previews"] if button["value"] == 3)
    rated = client.post("/api/practice/reviews", json={"card_id": card["card_id"], "rating": 3}).json()
    assert good["interval_label"] == f"{rated['interval_days']} d"
    assert client.post("/api/practice/undo").json() == {"session_id": session}
    assert client.get(f"/api/practice/sessions/{session}/next").json() == card


def test_question_shows_no_answer(client: TestClient) -> None:
    for line in client.get("/api/questions?limit=1000").json():
        shown = client.get(f"/api/questions/{line['id']}?seed=3").json()
        assert "correct" not in shown
        assert "reference" not in str(shown.get("code"))


def test_right_code_is_accepted_and_wrong_code_says_where(client: TestClient) -> None:
    sent = client.post("/api/submissions", json={"question_id": "iou", "code": RIGHT_IOU, "mode": "submit"})
    assert sent.status_code == 202
    right = verdict(client, sent.json()["id"])
    assert right["verdict"] == "accepted"
    assert right["score"] == 1
    plus_one = RIGHT_IOU.replace("w = min(a[2], b[2]) - max(a[0], b[0])", "w = min(a[2], b[2]) - max(a[0], b[0]) + 1")
    sent = client.post("/api/submissions", json={"question_id": "iou", "code": plus_one, "mode": "run"})
    wrong = verdict(client, sent.json()["id"])
    assert wrong["verdict"] == "wrong_answer"
    failing = next(case for case in wrong["cases"] if case["verdict"] != "accepted")
    assert failing["message"]
    assert failing["expected"]


def test_hidden_cases_give_nothing_away(client: TestClient) -> None:
    code = "def iou(a, b):\n    print(a, b)\n    return -1.0\n"
    sent = client.post("/api/submissions", json={"question_id": "iou", "code": code, "mode": "submit"})
    hidden = [case for case in verdict(client, sent.json()["id"])["cases"] if case["hidden"]]
    assert hidden
    for case in hidden:
        assert [case[name] for name in ("args", "expected", "got", "diff", "picture_svg")] == [None] * 5
        assert case["tries_left"] == 2


ENDLESS = "def iou(a, b):\n    while True:\n        pass\n"


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8000", None])
def test_a_page_that_goes_away_cancels_its_run(client: TestClient, origin: str | None) -> None:
    """As a browser's `sendBeacon` says it: no body, no answer waited for, its origin in the headers."""
    body = {"question_id": "iou", "code": ENDLESS, "mode": "run"}
    sent = client.post("/api/submissions", json=body).json()["id"]
    site = {"origin": origin} if origin else {"sec-fetch-site": "same-origin"}
    foreign = client.post(f"/code/submissions/{sent}/cancel?leaving=true", headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    told = client.post(f"/code/submissions/{sent}/cancel?leaving=true", headers=site)
    assert (told.status_code, told.content) == (204, b"")
    assert verdict(client, sent)["status"] == "cancelled"


def test_submission_whose_turn_has_come_is_running(client: TestClient) -> None:
    sent = client.post("/api/submissions", json={"question_id": "iou", "code": ENDLESS, "mode": "run"}).json()["id"]
    deadline = time.monotonic() + 60
    while (told := client.get(f"/api/submissions/{sent}").json()["status"]) == "queued":
        assert time.monotonic() < deadline
    assert told == "running"
    client.post(f"/code/submissions/{sent}/cancel", headers={"sec-fetch-site": "same-origin"})
    assert verdict(client, sent)["status"] == "cancelled"


def test_sending_again_cancels_what_was_sent_before(client: TestClient) -> None:
    body = {"question_id": "iou", "code": ENDLESS, "mode": "submit"}
    first = client.post("/api/submissions", json=body).json()["id"]
    second = client.post("/api/submissions", json=body | {"code": RIGHT_IOU}).json()["id"]
    assert verdict(client, second)["verdict"] == "accepted"
    assert verdict(client, first)["status"] == "cancelled"


def test_oversized_code_is_refused_with_the_limit(client: TestClient) -> None:
    response = client.post(
        "/api/submissions", json={"question_id": "iou", "code": "#" * (64 * 1024 + 1), "mode": "submit"}
    )
    assert response.status_code == 413
    assert "64 KiB" in response.json()["detail"]
    assert response.headers["content-type"] == "application/problem+json"


def test_text_that_is_no_unicode_is_refused(client: TestClient) -> None:
    response = client.post(
        "/api/submissions",
        content=b'{"question_id": "iou", "code": "\\ud800", "mode": "run"}',
        headers={"content-type": "application/json"},
    )
    assert response.status_code == 422


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/practice/sessions", b"{"),
        ("/api/practice/sessions", b"[]"),
        ("/api/practice/sessions", b'{"limit": false}'),
        ("/api/practice/sessions", b'{"limit": 0}'),
        ("/api/practice/sessions", b'{"topics": ["nowhere"]}'),
        ("/api/practice/sessions", b'{"surprise": 1}'),
        ("/api/practice/answers", b'{"card_id": "1", "seed": 1, "answer": {}}'),
        ("/api/practice/reviews", b'{"card_id": 1, "rating": 5}'),
        ("/api/submissions", b'{"question_id": "iou", "code": 1, "mode": "run"}'),
        ("/api/submissions", b'{"question_id": "iou", "code": "", "mode": "walk"}'),
    ],
)
def test_bad_body_is_problem_json(client: TestClient, path: str, body: bytes) -> None:
    response = client.post(path, content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422
    problem = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert set(problem) >= {"type", "title", "status", "detail", "advice"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/practice/sessions/99/next", 404),
        ("GET", "/api/submissions/none", 404),
        ("GET", "/api/questions/none", 404),
        ("GET", "/api/nothing", 404),
        ("DELETE", "/api/questions", 405),
        ("POST", "/api/practice/undo", 409),
    ],
)
def test_what_is_not_there_is_problem_json(client: TestClient, method: str, path: str, status: int) -> None:
    response = client.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


def test_answering_twice_is_a_conflict(client: TestClient) -> None:
    session = start(client, kinds=["single-choice"], limit=1)
    card = client.get(f"/api/practice/sessions/{session}/next").json()
    body = {"card_id": card["card_id"], "seed": card["seed"], "answer": {"choice": "A"}}
    first = client.post("/api/practice/answers", json=body)
    second = client.post("/api/practice/answers", json=body | {"answer": {"choice": "B"}})
    assert (first.status_code, second.status_code) == (200, 409)


def test_open_answer_is_locked_before_the_rubric_is_scored(client: TestClient) -> None:
    session = start(client, kinds=["open"], limit=1)
    card = client.get(f"/api/practice/sessions/{session}/next").json()
    body = {"card_id": card["card_id"], "seed": card["seed"], "answer": {"text": "Mine."}}
    assert client.post("/api/practice/answers", json=body).json()["correct"] is None
    points = list(range(card["question"]["rubric_points"]))
    scored = client.post("/api/practice/answers", json=body | {"answer": {"text": "Another.", "points": points}}).json()
    assert scored["correct"] is True
    assert scored["score"] == 1
    assert "Mine." in client.get(f"/practice/{session}").text


def test_nothing_due_is_said(client: TestClient) -> None:
    client.post(
        "/settings",
        data={"language": "en", "zone": "UTC", "new_per_day": "0", "reviews_per_day": "0", "theme": "auto"},
    )
    assert client.post("/api/practice/sessions", json={}).status_code == 409
    assert client.post("/api/practice/sessions", json={"mode": "more", "limit": 3}).status_code == 201


def test_problem_is_told_in_the_reader_s_language(client: TestClient) -> None:
    chinese = client.get("/api/questions/none", headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.5"}).json()
    assert chinese["title"] == "没有找到"


def test_run_takes_input_of_one_s_own(client: TestClient) -> None:
    body = {"question_id": "iou", "code": RIGHT_IOU, "mode": "run", "custom": "[[0, 0, 2, 2], [1, 0, 3, 2]]"}
    report = verdict(client, client.post("/api/submissions", json=body).json()["id"])
    assert len(report["cases"]) == 1
    assert report["cases"][0]["got"].startswith("0.3333")
    assert report["verdict"] == "accepted"


@pytest.mark.parametrize("custom", ["[", "__import__('os')", "42", "[" * 5000])
def test_own_input_that_cannot_be_read_is_refused(client: TestClient, custom: str) -> None:
    body = {"question_id": "iou", "code": RIGHT_IOU, "mode": "run", "custom": custom}
    assert client.post("/api/submissions", json=body).status_code == 422
