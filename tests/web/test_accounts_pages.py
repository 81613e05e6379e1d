"""Who gets in: the local person on loopback, accounts elsewhere; the language switch; the guard against other sites."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.accounts import logins, service
from app.accounts.models import Role
from app.db import Database
from app.main import create_app
from app.settings import Settings

PASSWORD = "correct horse battery"


@pytest.fixture
def school(settings: Settings, clock: Any) -> Iterator[TestClient]:
    """A server that others can reach, with one account, ada."""
    database = Database(settings.database_url)
    database.migrate()
    with database.write() as connection:
        service.add(connection, "ada", PASSWORD, Role.admin, clock())
    database.close()
    with TestClient(create_app(replace(settings, host="0.0.0.0"), clock), follow_redirects=False) as made:
        yield made


def log_in(client: TestClient, password: str = PASSWORD, **form: str) -> Any:
    return client.post("/login", data={"name": "Ada", "password": password} | form)


@pytest.mark.parametrize(
    "path", ["/", "/browse", "/topics", "/topics/iou", "/settings", "/practice/1", "/q/x", "/code/iou"]
)
def test_stranger_is_sent_to_the_login(school: TestClient, path: str) -> None:
    response = school.get(path)
    assert response.status_code == 303
    assert response.headers["location"].startswith("/login?next=")


@pytest.mark.parametrize("path", ["/api/questions", "/api/questions/iou", "/api/practice/sessions/1/next"])
def test_stranger_s_program_gets_401(school: TestClient, path: str) -> None:
    assert school.get(path).status_code == 401


def test_stranger_can_change_nothing(school: TestClient) -> None:
    assert school.post("/practice").status_code == 303
    assert school.post("/api/submissions", json={"question_id": "iou", "code": "", "mode": "run"}).status_code == 401


def test_login_leads_back_and_logout_ends_it(school: TestClient) -> None:
    response = log_in(school, next="/browse?kind=code")
    assert response.headers["location"] == "/browse?kind=code"
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert school.get("/browse").status_code == 200
    token = school.cookies["whetstone_login"]
    school.post("/logout")
    school.cookies.set("whetstone_login", token)
    assert school.get("/browse").status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_login_never_leads_elsewhere(school: TestClient, target: str) -> None:
    assert log_in(school, next=target).headers["location"] == "/"


def test_wrong_password_is_said_and_the_sixth_try_waits(school: TestClient) -> None:
    for _ in range(5):
        assert log_in(school, "wrong password").status_code == 401
    assert log_in(school).status_code == 429


def test_forged_cookie_is_nobody(school: TestClient) -> None:
    school.cookies.set("whetstone_login", "abc.def")
    assert school.get("/").status_code == 303


def test_login_expires(school: TestClient, clock: Any) -> None:
    log_in(school)
    clock.forward(days=logins.LOGIN_DAYS, seconds=1)
    assert school.get("/").status_code == 303


def test_new_password_logs_out_every_browser(school: TestClient, settings: Settings) -> None:
    log_in(school)
    database = Database(settings.database_url)
    with database.write() as connection:
        service.set_password(connection, "ada", "another password")
    database.close()
    assert school.get("/").status_code == 303


def test_password_is_asked_on_loopback_too_once_somebody_has_one(settings: Settings, clock: Any) -> None:
    database = Database(settings.database_url)
    database.migrate()
    with database.write() as connection:
        service.add(connection, "ada", PASSWORD, Role.admin, clock())
    database.close()
    with TestClient(create_app(settings, clock), follow_redirects=False) as client:
        assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_form_of_another_site_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/practice", headers=headers).status_code == 403
    assert client.post("/api/practice/undo", headers=headers).status_code == 403


def test_form_of_our_own_page_passes(client: TestClient) -> None:
    own = {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:8000"}
    assert client.post("/practice", headers=own).status_code == 303


@pytest.mark.parametrize("path", ["/", "/nothing", "/healthz", "/api/questions", "/static/dist/nothing.js"])
def test_every_response_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"


def test_oversized_request_is_refused_before_it_is_read(client: TestClient) -> None:
    declared = client.post("/practice", content=b"x" * (512 * 1024 + 1))
    assert declared.status_code == 413
    streamed = client.put("/code/iou/draft", content=(b"x" * 65536 for _ in range(20)))
    assert streamed.status_code == 413


def test_language_switch_keeps_the_place(client: TestClient) -> None:
    response = client.post("/language", data={"lang": "zh", "next": "/browse?kind=code"})
    assert response.headers["location"] == "/browse?kind=code"
    assert 'lang="zh' in client.get("/browse").text
    assert client.post("/language", data={"lang": "en", "next": "//evil.example"}).headers["location"] == "/"


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        ("zh-CN,zh;q=0.9", "zh"),
        ("de,en;q=0.8,zh;q=0.2", "en"),
        ("fr", "en"),
        ("", "en"),
        ("en;q=0.1,zh-TW;q=0.9", "zh"),
    ],
)
def test_first_visit_speaks_the_browser_s_language(client: TestClient, accepted: str, lang: str) -> None:
    assert f'<html lang="{lang}' in client.get("/", headers={"accept-language": accepted}).text


def test_settings_refuse_bad_values_and_lose_nothing(client: TestClient) -> None:
    bad = {
        "language": "xx",
        "zone": "Mars/Olympus",
        "new_per_day": "-1",
        "reviews_per_day": "many",
        "theme": "pink",
        "shortcuts": "on",
    }
    response = client.post("/settings", data=bad)
    assert response.status_code == 422
    assert "Mars/Olympus" in response.text
    assert 'value="20"' in client.get("/settings").text


def test_settings_are_kept(client: TestClient) -> None:
    good = {"language": "zh", "zone": "Asia/Shanghai", "new_per_day": "7", "reviews_per_day": "9", "theme": "dark"}
    assert client.post("/settings", data=good).status_code == 303
    page = client.get("/settings").text
    assert 'value="7"' in page
    assert 'data-theme="dark"' in page
    assert 'lang="zh' in page
