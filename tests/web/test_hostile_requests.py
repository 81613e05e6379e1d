"""Requests made to harm: text that can't be stored, numbers beyond the database, endless bodies, other host names."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.accounts import passwords, service
from app.accounts.models import Role
from app.db import Database
from app.main import create_app
from app.settings import Settings

PASSWORD = "correct horse battery"
JSON = {"content-type": "application/json"}


@pytest.fixture
def school(settings: Settings, clock: Any) -> Iterator[TestClient]:
    """A server that others can reach, with two learners, ada and bob."""
    database = Database(settings.database_url)
    database.migrate()
    with database.write() as connection:
        service.add(connection, "ada", PASSWORD, Role.learner, clock())
        service.add(connection, "bob", PASSWORD, Role.learner, clock())
    database.close()
    with TestClient(create_app(replace(settings, host="0.0.0.0"), clock), follow_redirects=False) as made:
        yield made


def log_in(client: TestClient, name: str) -> None:
    client.cookies.clear()
    assert client.post("/login", data={"name": name, "password": PASSWORD}).status_code == 303


def start(client: TestClient, kind: str) -> tuple[int, dict[str, Any]]:
    session = client.post("/api/practice/sessions", json={"kinds": [kind], "limit": 1, "mode": "more"}).json()["id"]
    return session, client.get(f"/api/practice/sessions/{session}/next").json()


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("open", '{"text": "\\ud800"}'),
        ("flashcard", '{"more": NaN}'),
        ("flashcard", '{"more": "\\ud800"}'),
        ("flashcard", '{"more": ' + "[" * 50_000 + "]" * 50_000 + "}"),
    ],
)
def test_answer_that_cannot_be_kept_is_refused_and_the_session_goes_on(
    client: TestClient, kind: str, given: str
) -> None:
    session, card = start(client, kind)
    body = f'{{"card_id": {card["card_id"]}, "seed": {card["seed"]}, "answer": {given}}}'
    assert client.post("/api/practice/answers", content=body, headers=JSON).status_code in (400, 422)
    assert client.get(f"/practice/{session}").status_code == 200
    assert client.get(f"/api/practice/sessions/{session}/next").json()["state"] == "waiting"


def test_answer_of_half_a_megabyte_is_not_stored(client: TestClient) -> None:
    _, card = start(client, "flashcard")
    body = {"card_id": card["card_id"], "seed": card["seed"], "answer": {"more": "x" * 400_000}}
    assert client.post("/api/practice/answers", json=body).status_code == 413


@pytest.mark.parametrize("action", ["", "/answer", "/undo", "/finish"])
def test_session_number_beyond_the_database_is_not_found(client: TestClient, action: str) -> None:
    method = "POST" if action else "GET"
    assert client.request(method, f"/practice/{10**30}{action}").status_code == 404


def test_code_question_is_not_tried_as_a_form(client: TestClient) -> None:
    response = client.post("/q/iou/answer", data={"seed": "0"})
    assert (response.status_code, response.headers["location"]) == (303, "/code/iou")


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/api/practice/answers", "application/json"),
        ("POST", "/login", "application/x-www-form-urlencoded"),
        ("POST", "/practice/1/answer", "application/x-www-form-urlencoded"),
        ("PUT", "/code/iou/draft", "text/plain"),
    ],
)
def test_body_of_unknown_length_stops_at_the_limit(client: TestClient, method: str, path: str, kind: str) -> None:
    endless = (b"x" * 65_536 for _ in range(20))
    response = client.request(method, path, content=endless, headers={"content-type": kind})
    assert response.status_code == 413
    assert "512 KiB" in response.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "["])
def test_local_person_is_let_in_under_this_machine_s_names_only(client: TestClient, host: str) -> None:
    assert client.get("/api/questions", headers={"host": host}).status_code == 401
    assert client.get("/", headers={"host": host}).headers["location"].startswith("/login")


@pytest.mark.parametrize("host", ["localhost", "localhost:9000", "127.0.0.1:8000", "[::1]:8000", "whet.localhost"])
def test_local_person_may_use_any_name_of_this_machine(client: TestClient, host: str) -> None:
    assert client.get("/api/questions", headers={"host": host}).status_code == 200


def test_guesses_sent_together_are_counted_like_others(school: TestClient) -> None:
    statuses: list[int] = []

    def guess() -> None:
        statuses.append(school.post("/login", data={"name": "ada", "password": "wrong"}).status_code)

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(401) == 5
    assert statuses.count(429) == 15


def test_nothing_of_another_learner_can_be_seen_or_moved(school: TestClient) -> None:
    log_in(school, "ada")
    session, card = start(school, "flashcard")
    school.put("/code/iou/draft", content="# only ada's")
    sent = school.post("/api/submissions", json={"question_id": "iou", "code": "x = 1", "mode": "run"}).json()["id"]
    log_in(school, "bob")
    of_ada = {"card_id": card["card_id"], "seed": card["seed"], "answer": {}}
    assert school.get(f"/practice/{session}").status_code == 404
    assert school.get(f"/api/practice/sessions/{session}/next").status_code == 404
    assert school.post("/api/practice/answers", json=of_ada).status_code == 404
    assert school.post("/api/practice/reviews", json={"card_id": card["card_id"], "rating": 1}).status_code == 404
    for step in ("answer", "rate", "bury", "suspend", "flag"):
        form = {"card_id": str(card["card_id"]), "seed": str(card["seed"]), "rating": "1"}
        assert school.post(f"/practice/{session}/{step}", data=form).status_code == 404
    for step in ("undo", "finish"):
        assert school.post(f"/practice/{session}/{step}").status_code == 404
    assert school.get(f"/api/submissions/{sent}").status_code == 404
    assert school.get(f"/code/submissions/{sent}?wait=true").status_code == 404
    assert school.post(f"/code/submissions/{sent}/cancel").status_code == 404
    assert "only ada's" not in school.get("/code/iou").text
    log_in(school, "ada")
    assert school.get(f"/api/practice/sessions/{session}/next").json()["state"] == "waiting"


def test_stranger_changes_the_language_of_the_login_page(school: TestClient) -> None:
    response = school.post("/language", data={"lang": "zh", "next": "/login"})
    assert response.headers["location"] == "/login"
    assert 'lang="zh"' in school.get("/login").text


def test_login_leads_back_with_the_whole_address(school: TestClient) -> None:
    assert school.get("/code/iou?session=3").headers["location"] == "/login?next=/code/iou%3Fsession%3D3"


def test_log_of_a_failure_holds_no_password(settings: Settings, monkeypatch: Any, capsys: Any) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(passwords, "verify", broken)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        assert client.post("/login", data={"name": "ada", "password": PASSWORD}).status_code == 500
    logged = "".join(capsys.readouterr())
    assert "broken on purpose" in logged
    assert PASSWORD not in logged


def test_answers_of_the_api_are_not_kept_by_caches(client: TestClient) -> None:
    assert client.get("/api/questions").headers["cache-control"] == "no-store"


def test_practising_beyond_the_plan_stays_within_a_session_s_size(client: TestClient) -> None:
    whole = client.post("/api/practice/sessions", json={"mode": "more"}).json()["total"]
    few = client.post("/api/practice/sessions", json={"mode": "more", "limit": 3}).json()["total"]
    assert few == 3 < whole <= 500
