"""A server that others can reach, with ada (an admin), eve (an editor) and bob (a learner) in their own browsers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from fastapi.testclient import TestClient

from app.accounts import service
from app.accounts.models import Role
from app.db import Database
from app.main import create_app
from app.settings import Settings

PASSWORD = "correct horse battery"
NAMES = {"ada": Role.admin, "eve": Role.editor, "bob": Role.learner}


class Cast:
    """`browser("bob")` logs bob in anew in a browser of its own; `browser()` is a stranger's."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.services = client.app.state.services  # type: ignore[attr-defined]
        with self.services.db.read() as connection:
            self.ids = {name: service.id_of(connection, name) for name in NAMES}

    def browser(self, name: str | None = None, agent: str = "testclient", password: str = PASSWORD) -> TestClient:
        made = TestClient(self.client.app, follow_redirects=False, raise_server_exceptions=False)
        made.headers["user-agent"] = agent
        if name is not None:
            answer = made.post("/login", data={"name": name, "password": password})
            assert answer.status_code == 303, answer.text
        return made


@contextmanager
def school(settings: Settings, clock: Any) -> Iterator[Cast]:
    database = Database(settings.database_url)
    database.migrate()
    with database.write() as connection:
        for name, role in NAMES.items():
            service.add(connection, name, PASSWORD, role, clock())
    database.close()
    with TestClient(create_app(replace(settings, host="0.0.0.0"), clock)) as client:
        yield Cast(client)
