"""Each request's id and its line in the log: what is there, and above all what is not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import logs
from app.accounts import service
from app.main import create_app
from app.settings import Settings
from app.web.routes import browse

LOCAL = "http://127.0.0.1:8000"


@pytest.fixture
def lenient(settings: Settings) -> Iterator[TestClient]:
    """A browser that is shown failures, as browsers are, with the log as JSON."""
    app = create_app(replace(settings, log="json"))
    with TestClient(app, base_url=LOCAL, follow_redirects=False, raise_server_exceptions=False) as made:
        yield made
    logs.configure()


def lines(capsys: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_each_request_is_one_line_with_its_route_and_whose_it_was(lenient: TestClient, capsys: Any) -> None:
    lenient.get("/")
    capsys.readouterr()
    lenient.get("/browse?q=whatIamLookingFor")
    (line,) = lines(capsys)
    assert (line["event"], line["method"], line["route"], line["status"]) == ("request", "GET", "/browse", 200)
    assert isinstance(line["account"], int)
    assert line["ms"] > 0
    assert set(line) == {"event", "level", "timestamp", "method", "route", "status", "ms", "account", "request_id"}


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/q/vit-patches-count", "/q/{question_id}", None),
        ("GET", "/healthz", "/healthz", 200),
        ("GET", "/reset/a-link-s-secret-key", "/reset/{key}", 404),
        ("GET", "/invite/a-link-s-secret-key", "/invite/{key}", 404),
        ("GET", "/static/dist/none-a-link-s-secret-key.js", "/static/dist/…", 404),
        ("GET", "/nowhere/a-link-s-secret-key", "(no such route)", 404),
        ("GET", "/resets/a-link-s-secret-key?key=a-link-s-secret-key", "(no such route)", 404),
        ("BREW", "/healthz", "/healthz", 405),
    ],
)
def test_line_names_the_route_never_the_path(
    lenient: TestClient, capsys: Any, method: str, path: str, route: str, status: int | None
) -> None:
    capsys.readouterr()
    answer = lenient.request(method, path, headers={"cookie": "whetstone_login=a-link-s-secret-key"})
    said = capsys.readouterr().err
    line = json.loads(said)
    assert line["route"] == route
    assert line["status"] == answer.status_code == (status or answer.status_code)
    assert line["method"] == ("OTHER" if method == "BREW" else "GET")
    assert "secret" not in said
    assert "vit-patches" not in said


def test_nothing_of_a_login_but_that_it_happened_is_in_the_log(settings: Settings, capsys: Any) -> None:
    app = create_app(replace(settings, host="0.0.0.0", log="json"))
    with TestClient(app, base_url="http://here", follow_redirects=False) as client:
        services = app.state.services
        with services.db.write() as connection:
            account = service.add(connection, "ada", "correct horse battery", service.Role.learner, services.clock())
        capsys.readouterr()
        client.post("/login", data={"name": "ada", "password": "wrong battery staple"})
        client.post("/login", data={"name": "ada", "password": "correct horse battery"})
        cookie = client.cookies["whetstone_login"]
        client.get("/")
        said = capsys.readouterr().err
    logs.configure()
    assert [json.loads(line).get("account") for line in said.splitlines()] == [None, None, account]
    for secret in ("battery", "ada", cookie, cookie.partition(".")[0]):
        assert secret not in said


def test_id_is_made_and_returned_and_each_request_has_its_own(lenient: TestClient, capsys: Any) -> None:
    capsys.readouterr()
    ids = [lenient.get("/healthz").headers["x-request-id"] for _ in range(2)]
    assert ids[0] != ids[1]
    assert all(re.fullmatch("[0-9a-f]{16}", it) for it in ids)
    assert [line["request_id"] for line in lines(capsys)] == ids


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0b4f2c1e-7f0a-4d39-9a43-7d0a3b1c5e6f", True),
        ("proxy.1_23456", True),
        ("short", False),
        ("a" * 65, False),
        ("with space here", False),
        ('quote"quote"', False),
        ("<script>alert(1)</script>", False),
        ("-leading-dash", False),
    ],
)
def test_proxy_s_id_is_taken_if_it_is_no_more_than_a_name(lenient: TestClient, given: str, kept: bool) -> None:
    assert (lenient.get("/healthz", headers={"x-request-id": given}).headers["x-request-id"] == given) is kept


def test_every_line_of_a_failed_request_and_its_page_carry_the_id(
    lenient: TestClient, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(browse, "html", broken)
    lenient.get("/")
    capsys.readouterr()
    answer = lenient.get("/browse")
    failure, line = lines(capsys)
    assert answer.status_code == line["status"] == 500
    assert failure["event"] == "unexpected failure"
    assert "broken on purpose" in failure["exception"]
    assert failure["request_id"] == line["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["x-request-id"] in answer.text
    assert "tell this number" in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]  # on such a page too


def test_problem_of_the_api_names_the_id(lenient: TestClient) -> None:
    answer = lenient.get("/api/questions/no-such-question")
    assert answer.status_code == 404
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_refusal_before_any_route_has_an_id_and_a_line(lenient: TestClient, capsys: Any) -> None:
    capsys.readouterr()
    answer = lenient.post("/language", data={"lang": "zh"}, headers={"sec-fetch-site": "cross-site"})
    (line,) = lines(capsys)
    assert answer.status_code == line["status"] == 403
    assert line["request_id"] == answer.headers["x-request-id"]
    assert "account" not in line
