"""A learner's mock interviews move to another server whole: the report there is the report here."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from databases import new_database
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts import service as accounts
from app.errors import Conflict, Invalid
from app.interop.learner_data import LearnerExport, export_data, import_data
from app.interop.learner_store import gather, restore
from app.interview.store import interviews
from app.main import create_app
from app.settings import Settings

LOCAL = "http://127.0.0.1:8000"
WITHIN_S = 20.0


@pytest.fixture
def moved(client: TestClient, clock: Any) -> tuple[LearnerExport, dict[str, Any]]:
    """The learner's data after an interview with an open answer and graded code, and the report of that."""
    form = {"quick_count": "2", "quick_minutes": "10", "open_count": "1", "open_minutes": "10"}
    form |= {"code_count": "1", "code_minutes": "20", "seed": "7"}
    address = client.post("/interviews/own", data=form).headers["location"]
    client.post(f"{address}/move-on")
    client.put(f"{address}/3/draft", data={"text": "First."})
    clock.forward(minutes=1)
    client.put(f"{address}/3/draft", data={"text": "Then."})
    client.post(f"{address}/move-on")
    client.put(f"{address}/4/draft", content=b"def nothing():\n    pass\n", headers={"content-type": "text/plain"})
    client.post(f"{address}/hand-in")
    until = time.monotonic() + WITHIN_S
    while (report := client.get(f"{address}/report.json").json())["grading"]:
        assert time.monotonic() < until
    client.post(f"{address}/3/score", data={"points": ["0"]})
    report = client.get(f"{address}/report.json").json()
    services = client.app.state.services  # type: ignore[attr-defined]  # a FastAPI app
    with services.db.read() as connection:
        me = accounts.local_learner(connection)
        assert me is not None
        return import_data(export_data(gather(connection, me.id, services.clock()))), report


def elsewhere(tmp_path: Path, settings: Settings, clock: Any) -> TestClient:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    there = Settings(folder, settings.questions_dir, new_database(folder), "127.0.0.1", 8000)
    return TestClient(create_app(there, clock, lambda: clock.at.timestamp()), base_url=LOCAL, follow_redirects=False)


def test_report_and_replay_are_the_same_there(
    moved: tuple[LearnerExport, dict[str, Any]], tmp_path: Path, settings: Settings, clock: Any
) -> None:
    learner, report = moved
    with elsewhere(tmp_path, settings, clock) as client:
        services = client.app.state.services  # type: ignore[attr-defined]  # a FastAPI app
        with services.db.write() as connection:
            me = accounts.local_learner(connection)
            assert me is not None
            restore(connection, me.id, learner)
            made = connection.execute(select(interviews.c.id)).scalar_one()
        assert client.get(f"/interviews/{made}/report.json").json() == report | {"id": made}
        replay = client.get(f"/interviews/{made}/replay").text
        for words in ("First.", "Then.", "def nothing()"):
            assert words in replay
        with pytest.raises(Conflict), services.db.write() as connection:
            restore(connection, me.id, learner)


@pytest.mark.parametrize("broken", ["plan", "question", "missing", "graded"])
def test_interview_that_is_none_is_refused_whole(
    moved: tuple[LearnerExport, dict[str, Any]], tmp_path: Path, settings: Settings, clock: Any, broken: str
) -> None:
    learner, _ = moved
    found = learner.interviews[0]
    change: dict[str, Any] = {
        "plan": {"plan": {"id": "<script>"}},
        "question": {"questions": {name: {"kind": "open"} for name in found.questions}},
        "missing": {"questions": {}},
        "graded": {"slots": (found.slots[0].model_copy(update={"graded": 7}), *found.slots[1:])},
    }[broken]
    changed = learner.model_copy(update={"interviews": (found.model_copy(update=change),)})
    with elsewhere(tmp_path, settings, clock) as client:
        services = client.app.state.services  # type: ignore[attr-defined]  # a FastAPI app
        with services.db.read() as connection:
            me = accounts.local_learner(connection)
            assert me is not None
        with pytest.raises(Invalid), services.db.write() as connection:
            restore(connection, me.id, changed)
        with services.db.read() as connection:
            assert connection.execute(select(interviews.c.id)).first() is None
