"""Server-sent events of a submission: each change as it comes, then the end; to its owner alone, and not too many."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete

from app.authoring import graded
from app.db import Database
from app.grading.code import Cancelled
from app.grading.verdict import Report, Verdict
from app.practice.coding import submissions
from app.web import streams

WITHIN_S = 20.0
Event = tuple[str, str]


class Held:
    """Grading that goes on case by case, as it is told."""

    def __init__(self) -> None:
        self.steps = threading.Semaphore(0)

    def __call__(
        self,
        question: Any,
        code: str,
        *,
        on_progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
        **_: object,
    ) -> Report:
        for done in range(3):
            while not self.steps.acquire(timeout=0.005):
                if cancelled():
                    raise Cancelled
            on_progress(done, 2)
        return Report(question=question.id, verdict=Verdict.accepted, score=1, wall_ms=1, cases=(), seed=0)

    def step(self, times: int = 1) -> None:
        self.steps.release(times)


@pytest.fixture
def held(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    made = Held()
    monkeypatch.setattr(graded, "grade_code", made)
    yield made
    made.step(100)


class Heard:
    """What the streams have said so far, by name, however much of it has come through."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self._more = threading.Condition()
        self._really = streams._event

    def __call__(self, name: str, data: str) -> str:
        with self._more:
            self.said.append(name)
            self._more.notify_all()
        return self._really(name, data)

    def wait_for(self, number: int) -> None:
        with self._more:
            assert self._more.wait_for(lambda: len(self.said) >= number, WITHIN_S), self.said


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    made = Heard()
    monkeypatch.setattr(streams, "_event", made)
    return made


def send(client: TestClient) -> str:
    sent = client.post("/api/submissions", json={"question_id": "iou", "code": "x = 1", "mode": "run"})
    submission_id: str = sent.json()["id"]
    return submission_id


def events(text: str) -> list[Event]:
    """As a browser takes them apart."""
    found = []
    for block in text.split("\n\n")[:-1]:
        name, *data = block.split("\n")
        found.append((name.removeprefix("event: "), "\n".join(line.removeprefix("data: ") for line in data)))
    return found


@pytest.fixture
def follow(client: TestClient) -> Iterator[Callable[[str], Future[Any]]]:
    """Open a stream in a thread of its own: the test's client hands it over once it is over."""
    with ThreadPoolExecutor() as threads:
        yield lambda path: threads.submit(client.get, path)


def test_each_change_is_an_event_and_the_last_is_the_end(
    client: TestClient, held: Held, heard: Heard, follow: Callable[[str], Future[Any]]
) -> None:
    sent = send(client)
    stream = follow(f"/api/submissions/{sent}/events")
    heard.wait_for(1)
    held.step(3)
    answer = stream.result(WITHIN_S)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"
    came = [(name, json.loads(data)) for name, data in events(answer.text) if name != "still"]
    assert [name for name, _ in came[:1] + came[-1:]] == ["progress", "end"]
    assert {state["status"] for name, state in came[:-1]} <= {"queued", "running"}
    assert came[-1][1] == client.get(f"/api/submissions/{sent}").json()
    assert came[-1][1]["verdict"] == "accepted"


def test_page_gets_what_it_shows(
    client: TestClient, held: Held, heard: Heard, follow: Callable[[str], Future[Any]]
) -> None:
    sent = send(client)
    stream = follow(f"/code/submissions/{sent}/events")
    heard.wait_for(1)
    held.step()
    heard.wait_for(2)
    held.step()
    heard.wait_for(3)
    held.step()
    came = [(name, data) for name, data in events(stream.result(WITHIN_S).text) if name != "still"]
    assert any("Running case 2 of 2" in data for _, data in came)
    assert came[-1][0] == "end"
    assert came[-1][1] == client.get(f"/code/submissions/{sent}").text.replace("\r", "")


def test_what_has_ended_is_told_at_once(client: TestClient, held: Held) -> None:
    sent = send(client)
    client.post(f"/code/submissions/{sent}/cancel")
    ((name, data),) = events(client.get(f"/api/submissions/{sent}/events").text)
    assert (name, json.loads(data)["status"]) == ("end", "cancelled")


def test_cancelling_ends_the_stream(
    client: TestClient, held: Held, heard: Heard, follow: Callable[[str], Future[Any]]
) -> None:
    sent = send(client)
    stream = follow(f"/api/submissions/{sent}/events")
    heard.wait_for(1)
    client.post(f"/code/submissions/{sent}/cancel")
    assert events(stream.result(WITHIN_S).text)[-1][0] == "end"


def test_unknown_is_not_found(client: TestClient) -> None:
    assert client.get("/api/submissions/nobody/events").status_code == 404
    assert client.get("/code/submissions/nobody/events").status_code == 404


def test_each_look_asks_again_who_it_is(
    client: TestClient, held: Held, heard: Heard, follow: Callable[[str], Future[Any]], monkeypatch: Any
) -> None:
    monkeypatch.setattr(streams, "STILL_S", 0.01)
    sent = send(client)
    stream = follow(f"/api/submissions/{sent}/events")
    heard.wait_for(3)
    database: Database = client.app.state.services.db  # type: ignore[attr-defined]  # a FastAPI app
    with database.write() as connection:
        connection.execute(delete(submissions).where(submissions.c.id == sent))
    came = [name for name, _ in events(stream.result(WITHIN_S).text)]
    assert "still" in came
    assert "end" not in came


def test_one_person_cannot_hold_any_number_of_streams(
    client: TestClient, held: Held, heard: Heard, follow: Callable[[str], Future[Any]], monkeypatch: Any
) -> None:
    monkeypatch.setattr(streams, "MOST_OF_ONE", 1)
    sent = send(client)
    stream = follow(f"/api/submissions/{sent}/events")
    heard.wait_for(1)
    refused = client.get(f"/api/submissions/{sent}/events")
    assert refused.status_code == 429
    assert "wait for results" in refused.json()["detail"]
    held.step(3)
    assert events(stream.result(WITHIN_S).text)[-1][0] == "end"
    assert client.get(f"/api/submissions/{sent}/events").status_code == 200
    assert not streams._open


def test_lines_end_where_the_format_ends_them_and_nowhere_else() -> None:
    assert streams._event("end", "a\r\nb\rc\nd\u2028e") == "event: end\ndata: a\ndata: b\ndata: c\ndata: d\u2028e\n\n"
    assert streams._event("still", "") == "event: still\ndata: \n\n"
