"""Requests of editors made to harm: too large, not text, full of markup. Nothing is stored, the server goes on."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.authoring.gate_runs import runs
from app.authoring.revisions import revisions
from app.authoring.single import MAX_TEXT_BYTES
from app.web.security import MAX_BODY_BYTES, body_limit

GATE = "/admin/questions/fresh-card/gate"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"
CARD: dict[str, Any] = {
    "id": "fresh-card",
    "kind": "flashcard",
    "difficulty": 2,
    "minutes": 1,
    "prompt": {"en": "Why?", "zh": "为何？"},
    "answer": {"en": "So.", "zh": "所以。"},
    "sources": ["A book"],
}


def stored(client: TestClient) -> tuple[int, int]:
    """How many runs of the gate, and how many revisions, there are."""
    services = client.app.state.services  # type: ignore[attr-defined]  # Starlette's app
    with services.db.read() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar_one() for table in (runs, revisions)
        ]
    return counts[0], counts[1]


def ended(client: TestClient, yaml: str) -> tuple[dict[str, Any], str]:
    """What the gate says of a text: from the API, and its page."""
    answer = client.post(GATE, data={"yaml": yaml, "topic": "iou"})
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    pause = threading.Event()
    while (told := client.get(f"/api{address}").json())["state"] in ("queued", "running"):
        pause.wait(0.02)
    return told, client.get(address).text


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/practice", MAX_BODY_BYTES),
        ("/adminfoo", MAX_BODY_BYTES),
        ("/api/submissions", MAX_BODY_BYTES),
        ("/admin", 2 << 20),
        ("/admin/questions/iou/edit", 2 << 20),
        ("/api/admin/questions/iou", 2 << 20),
        ("/admin/import", 20 << 20),
        ("/admin/import/anki", 20 << 20),
        ("/admin/importance", 2 << 20),
    ],
)
def test_only_keepers_pages_take_large_requests(path: str, limit: int) -> None:
    assert body_limit(path) == limit


def test_ten_megabytes_are_refused_before_they_are_read(client: TestClient) -> None:
    before = stored(client)
    answer = client.post(GATE, content=b"yaml=" + b"x" * 10_000_000, headers={"content-type": FORM})
    assert answer.status_code == 413
    assert "2048 KiB" in answer.json()["title"]
    assert stored(client) == before
    assert client.get("/healthz").status_code == 200


def test_endless_request_without_a_length_is_refused(client: TestClient) -> None:
    answer = client.post(GATE, content=(b"x" * 65_536 for _ in range(100)), headers={"content-type": FORM})
    assert answer.status_code == 413
    assert "2048" in answer.text


def test_text_longer_than_any_question_is_refused_with_its_limit(client: TestClient) -> None:
    before = stored(client)
    answer = client.post(GATE, data={"yaml": "x" * (MAX_TEXT_BYTES + 1), "topic": "iou"})
    assert answer.status_code == 413
    assert "256 KiB" in answer.text
    assert stored(client) == before


FORM = "application/x-www-form-urlencoded"


def test_bytes_that_are_no_utf_8_become_a_finding_or_a_refusal(client: TestClient) -> None:
    answer = client.post(GATE, content=b"topic=iou&yaml=id%3A+%ff%fe%0A", headers={"content-type": FORM})
    assert answer.status_code in (303, 400, 422)
    assert client.get("/healthz").status_code == 200


def test_text_with_nul_is_refused(client: TestClient) -> None:
    before = stored(client)
    answer = client.post(GATE, data={"topic": "iou", "yaml": "id: \0\n"})
    assert answer.status_code == 422
    assert "NUL" in answer.text
    assert stored(client) == before


@pytest.mark.parametrize("yaml", ["id: \x07\n", "[" * 9000, "a: &a [*a]\n", "id: !!python/name:os []\n"])
def test_text_that_is_no_question_gets_a_finding_and_nothing_is_published(client: TestClient, yaml: str) -> None:
    before = stored(client)
    told, page = ended(client, yaml)
    assert not told["passed"]
    assert told["findings"]
    assert all(it["step"] == "schema" and not it["can_be_waived"] for it in told["findings"])
    assert "notice--wrong" in page
    assert stored(client)[1] == before[1]


def with_script(value: Any) -> list[Any]:
    """The value with the script in the place of each of its texts in turn, and as the name of a field."""
    if isinstance(value, str):
        return [SCRIPT]
    if isinstance(value, list):
        return [[*value[:n], it, *value[n + 1 :]] for n, inner in enumerate(value) for it in with_script(inner)]
    if isinstance(value, dict):
        made = [value | {name: it} for name, inner in value.items() for it in with_script(inner)]
        return [*made, value | {SCRIPT: "x"}]
    return [SCRIPT]


@pytest.mark.parametrize("question", with_script(CARD), ids=range(len(with_script(CARD))))
def test_script_in_any_field_is_shown_as_text(client: TestClient, question: dict[str, Any]) -> None:
    _, page = ended(client, json.dumps(question))
    assert "<script>alert" not in page
    assert "<img" not in page
