"""The cast of the keepers' pages: a school's server with an editor, a colleague, an admin and a learner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from fastapi.testclient import TestClient

from app.accounts import service
from app.accounts.models import Role
from app.authoring import revisions
from app.authoring.models import Origin
from app.authoring.revisions import Fresh, Version
from app.bank.chunks import chunks
from app.db import Database
from app.main import create_app
from app.settings import Settings

PASSWORD = "correct horse battery"
CAST = {"ada": Role.learner, "eve": Role.editor, "ernie": Role.editor, "root": Role.admin}


@contextmanager
def school(settings: Settings, clock: Any) -> Iterator[TestClient]:
    """A server that others can reach, with everybody of the cast; nobody is logged in."""
    database = Database(settings.database_url)
    database.migrate()
    with database.write() as connection:
        for name, role in CAST.items():
            service.add(connection, name, PASSWORD, role, clock())
    database.close()
    app = create_app(replace(settings, host="0.0.0.0"), clock, lambda: clock.at.timestamp())
    with TestClient(app, follow_redirects=False) as made:
        yield made


def log_in(client: TestClient, name: str | None) -> None:
    """As `name`; None as a stranger."""
    client.cookies.clear()
    if name is not None:
        assert client.post("/login", data={"name": name, "password": PASSWORD}).status_code == 303


def services(client: TestClient) -> Any:
    return client.app.state.services  # type: ignore[attr-defined]  # the test client's type does not tell


def text_in_folder(client: TestClient, question_id: str) -> str:
    """The question's own text, as its topic's file has it."""
    path = services(client).bank.questions[question_id].path
    return next(it.text for it in chunks(path.read_text(encoding="utf-8")) if it.question_id == question_id)


def revised(client: TestClient, question_id: str) -> Version:
    """The question's newest revision; its first, published one is made of the folder's text if there is none yet."""
    held = services(client)
    with held.db.write() as connection:
        known = revisions.head(connection, question_id)
        if known:
            return revisions.version(connection, question_id, known.head_number)
        entry = held.bank.questions[question_id]
        yaml = text_in_folder(client, question_id)
        fresh = Fresh(question_id, entry.topic.id, "published", yaml, entry.hash, Origin.folder)
        return revisions.save(connection, fresh, None, held.clock(), base_number=None, publish=True)
