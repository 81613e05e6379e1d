"""Undo restores everything: also a coding question's desk, and never leaves two sessions open."""

from __future__ import annotations

import time
from typing import Any

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


def start(client: TestClient, **body: Any) -> tuple[int, dict[str, Any]]:
    session = client.post("/api/practice/sessions", json=body).json()["id"]
    return session, client.get(f"/api/practice/sessions/{session}/next").json()


def solve_iou(client: TestClient) -> None:
    sent = client.post("/api/submissions", json={"question_id": "iou", "code": RIGHT_IOU, "mode": "submit"}).json()
    deadline = time.monotonic() + 60
    while client.get(f"/api/submissions/{sent['id']}").json()["status"] != "done":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_undo_of_code_brings_back_its_draft_and_the_hint_taken(client: TestClient) -> None:
    _, card = start(client, topics=["iou"], kinds=["code"], limit=1, mode="more")
    assert client.post("/code/iou/hint").status_code == 303
    solve_iou(client)
    sent = {"card_id": card["card_id"], "seed": card["seed"], "answer": {}}
    assert client.post("/api/practice/answers", json=sent).json()["suggested_rating"] == 2
    before = client.get("/code/iou?session=1").text
    assert client.post("/api/practice/reviews", json={"card_id": card["card_id"], "rating": 4}).status_code == 200
    assert "union = (a[2]" not in client.get("/code/iou").text
    assert client.post("/api/practice/undo").status_code == 200
    assert client.get("/code/iou?session=1").text == before
    assert client.post("/api/practice/answers", json=sent).json()["suggested_rating"] == 2


def test_undo_keeps_a_draft_begun_since(client: TestClient) -> None:
    _, card = start(client, topics=["iou"], kinds=["code"], limit=1, mode="more")
    solve_iou(client)
    client.post("/practice/1/rate", data={"card_id": card["card_id"], "rating": "3"})
    client.put("/code/iou/draft", content="# a second attempt")
    client.post("/api/practice/undo")
    assert "# a second attempt" in client.get("/code/iou").text


def test_code_is_answered_once(client: TestClient) -> None:
    _, card = start(client, topics=["iou"], kinds=["code"], limit=1, mode="more")
    client.post("/code/iou/reveal")
    sent = {"card_id": card["card_id"], "seed": card["seed"], "answer": {}}
    assert client.post("/api/practice/answers", json=sent).status_code == 200
    assert client.post("/api/practice/answers", json=sent).status_code == 409


def test_undo_in_an_older_session_closes_the_newer_one(client: TestClient) -> None:
    older, card = start(client, kinds=["flashcard"], limit=2)
    client.post("/api/practice/answers", json={"card_id": card["card_id"], "seed": card["seed"], "answer": {}})
    client.post("/api/practice/reviews", json={"card_id": card["card_id"], "rating": 3})
    newer, _ = start(client, kinds=["flashcard"], limit=2)
    assert client.get("/practice").headers["location"] == f"/practice/{newer}"
    assert client.post(f"/practice/{older}/undo").status_code == 303
    assert client.get("/practice").headers["location"] == f"/practice/{older}"
    assert client.get(f"/api/practice/sessions/{newer}/next").json()["state"] == "finished"
    sent = {"card_id": card["card_id"], "seed": card["seed"], "answer": {}}
    assert client.post("/api/practice/answers", json=sent).status_code == 200
