"""Two web processes in one: two apps, each with a data folder of its own, over one database and a small bank."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from databases import new_database
from fastapi.testclient import TestClient
from small_bank import write_bank
from sqlalchemy import text

from app.accounts import service
from app.accounts.models import Role
from app.db import Database
from app.main import create_app
from app.settings import Settings

PASSWORD = "correct horse battery"
CAST = {"ada": Role.learner, "eve": Role.editor, "root": Role.admin}
HASTY = """id: hasty
title: {en: Hasty, zh: 匆忙}
summary: {en: Hasty., zh: 匆忙。}
minutes: 1
sections:
- {title: {en: Code, zh: 代码}, minutes: 1, count: 1, kinds: [code]}
"""
_WORKER = (
    "INSERT INTO grading_worker (id, name, libs, places, seen_at) "
    "VALUES ('w', 'w', '{numpy}', 1, now() + interval '1 hour')"
)


def write_hasty_bank(folder: Path) -> Path:
    """A bank of small coding questions, and an interview that asks one of them for a minute."""
    bank = write_bank(folder)
    topic = bank / "cnn" / "doubling.yaml"
    topic.write_text(topic.read_text().replace("minutes: 1", "minutes: 0.1"))
    (bank / "interviews").mkdir()
    (bank / "interviews" / "hasty.yaml").write_text(HASTY, encoding="utf-8")
    return bank


class Pair:
    """`browsers(name)` are one browser of that person as both processes see it."""

    def __init__(self, one: TestClient, other: TestClient) -> None:
        self.apps = (one, other)

    def browsers(self, name: str | None = None, password: str = PASSWORD) -> tuple[TestClient, TestClient]:
        made = [TestClient(app.app, follow_redirects=False, raise_server_exceptions=False) for app in self.apps]
        if name is not None:
            answer = made[0].post("/login", data={"name": name, "password": password})
            assert answer.status_code == 303, answer.text
            made[1].cookies.update(made[0].cookies)
        return made[0], made[1]

    def services(self, number: int) -> Any:
        return self.apps[number].app.state.services  # type: ignore[attr-defined]


@contextmanager
def pair_of_apps(tmp_path: Path, clock: Any, graders: Literal["here", "workers"] = "here") -> Iterator[Pair]:
    """With `workers`, one is said to be there, so that code may be sent; nobody grades it."""
    url = new_database(tmp_path)
    db = Database(url)
    db.migrate()
    with db.write() as connection:
        for name, role in CAST.items():
            service.add(connection, name, PASSWORD, role, clock())
        if graders == "workers":
            connection.execute(text(_WORKER))
    db.close()
    bank = write_hasty_bank(tmp_path / "questions")
    made = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        settings = Settings(tmp_path / name, bank, url, "0.0.0.0", 8000, graders=graders)
        elapsed = lambda: clock.at.timestamp()  # noqa: E731
        made.append(create_app(settings, clock, elapsed, common_time=lambda _: clock.at))
    with TestClient(made[0]) as one, TestClient(made[1]) as other:
        for client in (one, other):
            client.get("/nothing-here")  # makes all routes ready, which the framework can't do for two threads at once
        yield Pair(one, other)
