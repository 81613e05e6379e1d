"""The desk takes up what a stopped server left behind, stores every report once, and says when no code is run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from databases import new_database
from fastapi.testclient import TestClient
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError

from app.accounts import service
from app.authoring import graded
from app.bank.loader import load_bank
from app.bank.schema import Code
from app.bank.shelf import Shelf
from app.db import Database
from app.errors import Unavailable
from app.grading import queue as grading_queue
from app.grading.example import Example
from app.grading.models import Submission
from app.grading.queue import Running
from app.grading.verdict import BrokenQuestion, Report, Verdict
from app.languages import Message
from app.practice import coding
from app.practice.coding import submissions
from app.practice.frozen import frozen_question
from app.sandbox import Run, SandboxError
from app.settings import ROOT
from app.web import examples, grading_desk, walls
from app.web.grading_desk import GradingDesk

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WITHIN_S = 20.0
LEFT_BEHIND = 20


def accepted(submission_id: str) -> Report:
    return Report(question=submission_id, verdict=Verdict.accepted, score=1, wall_ms=1, cases=(), seed=0)


class StandIn:
    """A sandbox whose walls stand once `standing` is set."""

    def __init__(self, **_: object) -> None:
        self.closed = False

    standing = threading.Event()

    def available(self, _library: str) -> bool:
        return True

    def run(self, *_: object, **__: object) -> Run:
        if not self.standing.is_set():
            raise SandboxError("no Landlock here")
        return Run(load="returned")  # type: ignore[arg-type]  # of no interest

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(new_database(tmp_path))
    made.migrate()
    with made.write() as connection:
        service.make_local(connection, NOW)
        for number in range(LEFT_BEHIND):
            row = Submission(
                id=f"s{number}", account_id=1, question_id="iou", question_hash="", code="", mode="run", seed=0,
                created_at=NOW,
            )  # fmt: skip
            connection.execute(insert(submissions).values(row.model_dump()))
    return made


@pytest.fixture
def desk(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[GradingDesk]:
    """A desk whose walls stand, not started; every submission is accepted as soon as it is graded."""
    StandIn.standing.set()
    monkeypatch.setattr(grading_desk, "Sandbox", StandIn)
    monkeypatch.setattr(walls, "RETRY_S", 0.01)
    monkeypatch.setattr(graded, "grade_code", lambda question, code, **_: accepted(question.id))
    monkeypatch.setattr(grading_queue, "FIRST_PAUSE_S", 0.01)
    made = GradingDesk(database, Shelf(load_bank(ROOT / "questions", None)[0]), lambda: NOW)
    yield made
    made.close()


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def ends(database: Database) -> set[tuple[str, str | None]]:
    """Every pair of status and verdict there is."""
    with database.read() as connection:
        found = connection.execute(select(submissions.c.status, submissions.c.verdict)).all()
    return {(row.status, row.verdict) for row in found}


def test_what_a_stopped_server_left_behind_is_graded(desk: GradingDesk, database: Database) -> None:
    desk.start()
    eventually(lambda: ends(database) == {("done", "accepted")})


def test_a_question_that_is_gone_ends_as_our_fault(desk: GradingDesk, database: Database, monkeypatch: Any) -> None:
    monkeypatch.setattr(desk._shelf, "bank", SimpleNamespace(questions={}))
    desk.start()
    eventually(lambda: ends(database) == {("done", "internal_error")})


def test_without_walls_no_code_is_taken_until_they_stand(desk: GradingDesk) -> None:
    StandIn.standing.clear()
    desk.start()
    eventually(lambda: not desk.available("numpy"))
    StandIn.standing.set()
    eventually(lambda: desk.available("numpy"))


def test_closing_ends_the_wait_for_walls(desk: GradingDesk) -> None:
    StandIn.standing.clear()
    desk.start()
    eventually(lambda: not desk.available("numpy"))


@pytest.mark.parametrize("refusal", [OperationalError("", {}, Exception("disk I/O error")), Unavailable("busy")])
def test_a_report_is_stored_once_the_database_takes_it(
    desk: GradingDesk, database: Database, monkeypatch: pytest.MonkeyPatch, refusal: Exception
) -> None:
    real, refused = coding.keep_report, []

    def keep_report(connection: Any, submission_id: str, report: Report | None, now: datetime) -> None:
        if refused.count(submission_id) < 3:
            refused.append(submission_id)
            raise refusal
        real(connection, submission_id, report, now)

    monkeypatch.setattr(coding, "keep_report", keep_report)
    desk.start()
    eventually(lambda: ends(database) == {("done", "accepted")})
    assert len(refused) == 3 * LEFT_BEHIND


def test_a_report_that_can_never_be_stored_ends_as_our_fault(
    desk: GradingDesk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = coding.keep_report

    def keep_report(connection: Any, submission_id: str, report: Report, now: datetime) -> None:
        if report.verdict is not Verdict.internal_error:
            raise TypeError("not serialisable")
        real(connection, submission_id, report, now)

    monkeypatch.setattr(coding, "keep_report", keep_report)
    desk.start()
    eventually(lambda: ends(database) == {("done", "internal_error")})


def test_closing_while_the_disk_is_full_leaves_the_rest_to_the_next_start(
    desk: GradingDesk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = threading.Event()

    def keep_report(*_: object) -> None:
        refused.set()
        raise OperationalError("", {}, Exception("disk I/O error"))

    monkeypatch.setattr(coding, "keep_report", keep_report)
    desk.start()
    assert refused.wait(WITHIN_S)
    desk.close()
    assert ends(database) == {("queued", None)}


@pytest.fixture
def held(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Grading waits for this event, or until it is cancelled."""
    go = threading.Event()

    def grade_code(question: Any, code: str, *, cancelled: Callable[[], bool], **_: object) -> Report:
        while not go.wait(0.005):
            if cancelled():
                raise grading_queue.Cancelled
        return accepted(question.id)

    monkeypatch.setattr(graded, "grade_code", grade_code)
    yield go
    go.set()


def send(client: TestClient, question: str = "iou") -> Any:
    return client.post("/api/submissions", json={"question_id": question, "code": "x = 1", "mode": "run"})


def status(client: TestClient, submission_id: str) -> str:
    found: str = client.get(f"/api/submissions/{submission_id}").json()["status"]
    return found


def test_sending_again_cancels_the_one_before(held: threading.Event, client: TestClient) -> None:
    desk = client.app.state.services.grading  # type: ignore[attr-defined]  # a FastAPI app
    first, second = send(client).json()["id"], send(client).json()["id"]
    assert status(client, first) == "cancelled"
    eventually(lambda: desk.progress(None, first) is None and desk.progress(None, second) == Running(0, 0))
    held.set()
    eventually(lambda: status(client, second) == "done")
    assert status(client, first) == "cancelled"


def test_question_is_kept_as_it_was_asked_with_the_first_submission(held: threading.Event, client: TestClient) -> None:
    services = client.app.state.services  # type: ignore[attr-defined]  # as above
    asked = services.bank.questions["iou"]
    with services.db.read() as connection:
        assert frozen_question(connection, asked.hash) is None
    send(client)
    with services.db.read() as connection:
        assert frozen_question(connection, asked.hash) == asked.question


def test_cancelling_ends_it_at_once_and_for_good(held: threading.Event, client: TestClient) -> None:
    sent = send(client).json()["id"]
    assert client.post(f"/code/submissions/{sent}/cancel").status_code == 303
    assert status(client, sent) == "cancelled"
    eventually(lambda: client.app.state.services.grading.progress(None, sent) is None)  # type: ignore[attr-defined]  # as above
    assert client.post(f"/code/submissions/{sent}/cancel").status_code == 303
    assert status(client, sent) == "cancelled"


def test_a_report_that_comes_too_late_changes_nothing(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go = threading.Event(), threading.Event()

    def grade_code(question: Any, *_: object, **__: object) -> Report:
        begun.set()
        assert go.wait(WITHIN_S)
        return accepted(question.id)

    monkeypatch.setattr(graded, "grade_code", grade_code)
    sent = send(client).json()["id"]
    assert begun.wait(WITHIN_S)
    client.post(f"/code/submissions/{sent}/cancel")
    go.set()
    eventually(lambda: client.app.state.services.grading.progress(None, sent) is None)  # type: ignore[attr-defined]  # as above
    assert status(client, sent) == "cancelled"


def test_cancelling_somebody_elses_is_not_found(client: TestClient) -> None:
    assert client.post("/code/submissions/nobody/cancel").status_code == 404


@pytest.mark.parametrize(
    ("limit", "said"),
    [("MAX_UNFINISHED_OF_ONE", "1 of your submissions wait"), ("MAX_UNFINISHED", "Too much code waits")],
)
def test_too_much_that_waits_is_refused_and_nothing_stored(
    held: threading.Event, client: TestClient, monkeypatch: pytest.MonkeyPatch, limit: str, said: str
) -> None:
    monkeypatch.setattr(coding, limit, 1)
    first = send(client).json()["id"]
    refused = send(client, "nms")
    assert refused.status_code == 503
    assert said in refused.json()["detail"]
    assert "Nothing was sent" in refused.json()["advice"]
    again = send(client)  # in place of the first
    assert again.status_code == 202
    assert status(client, first) == "cancelled"
    with client.app.state.services.db.read() as connection:  # type: ignore[attr-defined]  # as above
        assert len(connection.execute(select(submissions.c.id)).all()) == 2


def test_the_page_says_how_many_are_ahead_and_about_how_long(held: threading.Event, client: TestClient) -> None:
    desk = client.app.state.services.grading  # type: ignore[attr-defined]  # as above
    send(client)
    send(client, "nms")
    eventually(lambda: len(desk._queue._underway) == 2)
    sent = send(client, "soft-nms").json()["id"]
    last = send(client, "conv2d").json()["id"]
    assert "Waiting, 1 ahead<" in client.get(f"/code/submissions/{last}").text
    desk._queue._took_s.append(3.5)
    assert "Waiting, 1 ahead, about 4 s<" in client.get(f"/code/submissions/{last}").text
    client.cookies.set("whetstone_lang", "zh")
    assert "排队中，前面还有 1 份，大约还要 4 秒<" in client.get(f"/code/submissions/{last}").text
    assert "排队中<" in client.get(f"/code/submissions/{sent}").text


def test_example_is_drawn_once_and_left_out_while_code_is_not_run(
    desk: GradingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = desk._shelf.bank.questions["iou"].question
    assert isinstance(question, Code)
    drawn = Example(None, "[0, 1]", Message("<svg/>", "<svg/>"))
    asked: list[str] = []
    answers: list[Example | Exception] = [SandboxError("no Landlock here"), drawn, BrokenQuestion("no cases")]

    def answer(asked_of: Code, _: object) -> Example:
        asked.append(asked_of.id)
        if isinstance(found := answers[len(asked) - 1], Exception):
            raise found
        return found

    monkeypatch.setattr(examples, "example_of", answer)
    assert [desk.example(question) for _ in range(4)] == [None, drawn, drawn, drawn]
    assert desk.example(question.model_copy(update={"tags": ("other",)})) is drawn
    assert asked == ["iou"] * 2
    broken = question.model_copy(update={"cases": "def cases(rng):\n    return []\n"})
    assert [desk.example(broken) for _ in range(3)] == [None] * 3
    assert asked == ["iou"] * 3
    monkeypatch.setattr(desk._walls, "stand", False)
    assert desk.example(question.model_copy(update={"signature": "other"})) is None
    assert len(asked) == 3
