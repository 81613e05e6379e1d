"""A server that others can reach, and who comes to it: an admin, an editor, a learner, a stranger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime

from fastapi.testclient import TestClient

from app.accounts import service
from app.accounts.models import Role
from app.authoring.revisions import Fresh, head, save
from app.authoring.single import read_single
from app.db import Database
from app.main import create_app
from app.settings import Settings

PASSWORD = "correct horse battery"
MAY_NOT = {"stranger": 303, "learner": 403}


@contextmanager
def cast(settings: Settings, clock: Callable[[], datetime]) -> Iterator[dict[str, TestClient]]:
    """Each one's browser by role; all on one server, whose app is `client.app`."""
    database = Database(settings.database_url)
    database.migrate()
    with database.write() as connection:
        for role in Role:
            service.add(connection, role.value, PASSWORD, role, clock())
    database.close()
    app = create_app(replace(settings, host="0.0.0.0"), clock)
    with ExitStack() as stack:
        people = {"stranger": stack.enter_context(TestClient(app, follow_redirects=False))}
        for role in Role:
            browser = TestClient(app, follow_redirects=False)
            assert browser.post("/login", data={"name": role.value, "password": PASSWORD}).status_code == 303
            people[role.value] = browser
        yield people


def put(
    client: TestClient,
    question_id: str,
    yaml: str,
    *,
    topic: str = "iou",
    status: str = "draft",
    note: str = "",
) -> None:
    """Save a revision on top behind the pages' backs; a published one counts as seen by learners."""
    services = client.app.state.services  # type: ignore[attr-defined]  # Starlette's app
    single = read_single(yaml, services.bank.topics[topic], services.bank)
    fresh = Fresh(question_id, topic, status, yaml, single.entry.hash if single.entry else None, note=note)
    with services.db.write() as connection:
        known = head(connection, question_id)
        base = known.head_number if known else None
        save(connection, fresh, None, services.clock(), base_number=base, publish=status in ("published", "retired"))
