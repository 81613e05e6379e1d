"""Questions that are changed in, or taken from, the bank while a session is open: the session goes on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from sqlalchemy import update

from app.main import create_app
from app.practice.sessions import items
from app.settings import ROOT, Settings

LOCAL = "http://127.0.0.1:8000"


@pytest.fixture
def own_bank(settings: Settings, tmp_path: Path) -> Settings:
    """A server over a copy of the bank that a test may change between two starts."""
    shutil.copytree(ROOT / "questions", tmp_path / "questions")
    return replace(settings, questions_dir=tmp_path / "questions")


def serve(settings: Settings, clock: Any) -> TestClient:
    return TestClient(create_app(settings, clock), base_url=LOCAL, follow_redirects=False)


def change(settings: Settings, question_id: str, mend: Callable[[list[Any], dict[str, Any]], None]) -> None:
    """Rewrite the file of a question after `mend(questions of the file, the question)`."""
    for path in settings.questions_dir.rglob("*.yaml"):
        document = yaml.safe_load(path.read_text())
        questions = document.get("questions", []) if isinstance(document, dict) else []
        if question := next((it for it in questions if it["id"] == question_id), None):
            mend(questions, question)
            path.write_text(yaml.safe_dump(document, allow_unicode=True))
            return
    raise AssertionError(f"{question_id} is nowhere")


def start(client: TestClient, kind: str) -> tuple[int, dict[str, Any]]:
    session = client.post("/api/practice/sessions", json={"kinds": [kind], "limit": 1}).json()["id"]
    return session, client.get(f"/api/practice/sessions/{session}/next").json()


def test_answered_question_that_was_changed_stays_as_it_was_answered(own_bank: Settings, clock: Any) -> None:
    with serve(own_bank, clock) as client:
        session, card = start(client, "ordering")
        order = [item["key"] for item in card["question"]["items"]]
        sent = {"card_id": card["card_id"], "seed": card["seed"], "answer": {"order": order}}
        assert client.post("/api/practice/answers", json=sent).status_code == 200
    change(own_bank, card["question"]["id"], lambda _, question: question["items"].pop())
    with serve(own_bank, clock) as client:
        page = client.get(f"/practice/{session}")
        assert page.status_code == 200
        assert "was changed after you answered it" not in page.text
        assert client.get(f"/api/practice/sessions/{session}/next").json()["question"] == card["question"]
        assert client.post("/api/practice/answers", json=sent).status_code == 409


def test_answer_that_no_longer_fits_its_question_is_asked_for_again(own_bank: Settings, clock: Any) -> None:
    with serve(own_bank, clock) as client:
        session, card = start(client, "ordering")
        order = [item["key"] for item in card["question"]["items"]]
        sent = {"card_id": card["card_id"], "seed": card["seed"], "answer": {"order": order}}
        assert client.post("/api/practice/answers", json=sent).status_code == 200
    change(own_bank, card["question"]["id"], lambda _, question: question["items"].pop())
    with serve(own_bank, clock) as client:
        with client.app.state.services.db.write() as connection:  # type: ignore[attr-defined]
            connection.execute(update(items).values(question_hash=None))  # as sessions were before versions were kept
        page = client.get(f"/practice/{session}")
        assert page.status_code == 200
        assert "was changed after you answered it" in page.text
        shown = client.get(f"/api/practice/sessions/{session}/next").json()["question"]["items"]
        sent["answer"] = {"order": [item["key"] for item in shown]}
        assert client.post("/api/practice/answers", json=sent).status_code == 200
        assert client.post("/api/practice/answers", json=sent).status_code == 409


def test_session_whose_last_question_left_the_bank_is_over(own_bank: Settings, clock: Any) -> None:
    with serve(own_bank, clock) as client:
        session, card = start(client, "flashcard")
        assert client.post(f"/api/admin/questions/{card['question']['id']}/retire", json={}).status_code == 200
        assert client.get("/practice").headers["location"] == "/"
        assert f'href="/practice/{session}"' not in client.get("/").text
        assert client.get(f"/practice/{session}").status_code == 200
        assert client.post("/practice", data={"limit": "1"}).headers["location"] != "/"
