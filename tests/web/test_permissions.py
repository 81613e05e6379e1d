"""Every route with everybody: strangers, learners, the owner of a thing, editors, admins. See `permission_matrix`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import new_database
from fastapi.testclient import TestClient
from httpx2 import Response
from permission_matrix import CAST, OWNED, ROLES, RULES, Operation, described, markdown, operations

from app.accounts import logins, people, service
from app.accounts.models import Role
from app.accounts.signup import SignUp
from app.db import Database
from app.main import create_app
from app.settings import ROOT, Settings
from app.web.services import LOGIN_COOKIE, Services

PASSWORD = "correct horse battery"
OPERATIONS = list(operations(described()))


class Stage:
    """A server that others can reach, the cast's accounts, and things of the owner's."""

    def __init__(self, client: TestClient, ids: dict[str, int]) -> None:
        self.client = client
        self.services: Services = client.app.state.services  # type: ignore[attr-defined]
        self.ids = ids
        self.places = {"account_id": str(ids["extra"]), **self._things()}

    def ask(self, member: str, method: str, path: str, **body: Any) -> Response:
        """Each request in a browser of its own that has just logged in: one that logs out leaves the others."""
        self.client.cookies.clear()
        headers = {}
        if member != "stranger":
            with self.services.db.write() as connection:
                key = logins.log_in(connection, self.ids[member], self.services.clock())
            headers["cookie"] = f"{LOGIN_COOKIE}={self.services.signer.sign(key).decode()}"
        return self.client.request(method, path, headers=headers, **body)

    def _things(self) -> dict[str, str]:
        def made(path: str, body: dict[str, Any]) -> str:
            return str(self.ask("owner", "POST", path, json=body).json()["id"])

        return {
            "session_id": made("/api/practice/sessions", {"mode": "more", "limit": 3}),
            "interview_id": made("/api/interviews", {"blueprint": "warm-up-20"}),
            "submission_id": made("/api/submissions", {"question_id": "iou", "code": "x = 1", "mode": "run"}),
        }


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("permissions")
    settings = Settings(folder, ROOT / "questions", new_database(folder), "0.0.0.0", 8000)
    app = create_app(settings)
    database = Database(settings.database_url)
    database.migrate()
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as client:
        with database.write() as connection:
            now = client.app.state.services.clock()  # type: ignore[attr-defined]
            roles = ROLES | {"extra": Role.learner}
            ids = {name: service.add(connection, name, PASSWORD, role, now) for name, role in roles.items()}
            people.set_sign_up(connection, None, SignUp.open, now)
        database.close()
        yield Stage(client, ids)


def outcome(response: Response, operation: Operation) -> str:
    """What became of a request, in the matrix's words."""
    if response.status_code == 303 and response.headers["location"].startswith("/login?next="):
        return "asked to log in"
    if response.status_code == 401 and operation.path != "/login":  # which says so itself of a wrong password
        return "asked to log in"
    if response.status_code == 403:
        return "forbidden"
    return "not found" if response.status_code == 404 and operation.is_owned else "let in"


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_everybody_is_let_in_where_they_may_and_nowhere_else(stage: Stage, operation: Operation) -> None:
    """An owner may be told that a thing has no such part, or is over: what matters is who is told that it is there."""
    for member in CAST:
        response = stage.ask(member, operation.method, operation.address(stage.places), **operation.body())
        said = f"{operation} for {member}: {response.status_code} {response.text[:300]}"
        assert response.status_code < 500, said
        expected = operation.expected(member)
        if expected == "let in" and operation.is_owned and operation.method != "GET":
            assert outcome(response, operation) in ("let in", "not found"), said
        else:
            assert outcome(response, operation) == expected, said


def test_every_rule_is_of_use() -> None:
    """A rule that no route needs may hide a slip of the pen."""
    expected_later = {"/admin/settings"}
    assert set(RULES) - {operation.rule for operation in OPERATIONS} <= expected_later


def test_route_that_the_matrix_does_not_know_is_found() -> None:
    with pytest.raises(AssertionError, match="RULES"):
        Operation("GET", "/secrets").expected("learner")


def test_only_these_are_for_everybody() -> None:
    public = {rule for rule, least in RULES.items() if least is None}
    assert public == {
        "/healthz", "/readyz", "/static/dist", "/language", "/login", "/logout", "/signup", "/invite", "/reset",
    }  # fmt: skip


def test_admin_pages_are_never_for_learners() -> None:
    for operation in OPERATIONS:
        if "admin" in operation.path.split("/"):
            assert operation.expected("learner") == "forbidden"


def test_what_is_owned_is_named_in_the_paths() -> None:
    paths = " ".join(operation.path for operation in OPERATIONS)
    assert all(f"{{{name}" in paths for name in OWNED)


def test_matrix_is_shown_whole() -> None:
    assert len(markdown().splitlines()) == len(OPERATIONS) + 2
