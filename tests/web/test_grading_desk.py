"""Submissions that a stopped server left behind are taken up again, however many there are."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.accounts import service
from app.bank.loader import load_bank
from app.db import Database
from app.grading.models import Submission
from app.grading.queue import QueueFull
from app.practice.coding import submissions
from app.sandbox import SandboxError
from app.settings import ROOT
from app.web import grading_desk
from app.web.grading_desk import GradingDesk

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    made.migrate()
    with made.write() as connection:
        service.make_local(connection, NOW)
        for number in range(5):
            row = Submission(
                id=f"s{number}", account_id=1, question_id="iou", question_hash="", code="", mode="run", seed=0,
                created_at=NOW,
            )  # fmt: skip
            connection.execute(insert(submissions).values(row.model_dump()))
    return made


class NarrowQueue:
    """Takes one submission, then is full until it is asked twice."""

    def __init__(self, _sandbox: object) -> None:
        self.taken: list[str] = []
        self.asked = 0
        self.all_taken = threading.Event()

    def submit(self, id: str, *_: object, **__: object) -> None:  # noqa: A002  (the queue's own name for it)
        self.asked += 1
        if self.asked % 2 == 0:
            raise QueueFull
        self.taken.append(id)
        if len(self.taken) == 5:
            self.all_taken.set()

    def close(self) -> None:
        pass


def test_a_full_queue_at_the_start_drops_nothing(database: Database, monkeypatch: Any) -> None:
    queues: list[NarrowQueue] = []

    def queue(sandbox: object) -> NarrowQueue:
        queues.append(NarrowQueue(sandbox))
        return queues[0]

    monkeypatch.setattr(grading_desk, "Sandbox", lambda **_: SimpleNamespace(close=lambda: None))
    monkeypatch.setattr(grading_desk, "GradingQueue", queue)
    monkeypatch.setattr(grading_desk, "FULL_RETRY_S", 0.01)
    desk = GradingDesk(database, load_bank(ROOT / "questions", None)[0], lambda: NOW)
    desk.start()
    deadline = time.monotonic() + 10
    while not (queues and queues[0].all_taken.wait(0.1)):
        assert time.monotonic() < deadline
    assert queues[0].taken == ["s0", "s1", "s2", "s3", "s4"]
    desk.close()
    with database.read() as connection:
        assert set(connection.execute(select(submissions.c.status)).scalars()) == {"queued"}


def test_without_walls_nothing_is_run_and_what_waits_is_ended(database: Database, monkeypatch: Any) -> None:
    def no_walls(**_: object) -> None:
        raise SandboxError("no user namespaces")

    monkeypatch.setattr(grading_desk, "Sandbox", no_walls)
    desk = GradingDesk(database, load_bank(ROOT / "questions", None)[0], lambda: NOW)
    desk.start()
    assert not desk.available("numpy")
    deadline = time.monotonic() + 10
    statuses: set[str] = set()
    while statuses != {"cancelled"}:
        with database.read() as connection:
            statuses = set(connection.execute(select(submissions.c.status)).scalars())
        assert time.monotonic() < deadline
    desk.close()


def test_walls_that_never_come_up_are_waited_for_once(database: Database, monkeypatch: Any) -> None:
    never = threading.Event()

    def hang(**_: object) -> None:
        never.wait(10)
        raise SandboxError("late")

    monkeypatch.setattr(grading_desk, "Sandbox", hang)
    monkeypatch.setattr(grading_desk, "PATIENCE_S", 0.2)
    desk = GradingDesk(database, load_bank(ROOT / "questions", None)[0], lambda: NOW)
    desk.start()
    began = time.monotonic()
    for _ in range(50):  # a page asks once a coding question
        assert not desk.available("numpy")
    assert time.monotonic() - began < 2
    never.set()
    desk.close()
