"""Two real servers on one database: what one publishes all show, and one that is killed leaves nothing behind."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from databases import new_database
from processes import eventually
from sqlalchemy import func, select
from sync_stage import Stage, made
from two_apps import write_hasty_bank
from whetstone_server import Server

from app.db import Database
from app.interview.store import interviews
from app.practice.coding import submissions

Serve = Callable[[str, Path], Server]


@pytest.fixture
def serve(postgresql: None, tmp_path: Path) -> Iterator[Serve]:
    """Start one more server with that folder of questions, on the same database."""
    begun: list[Server] = []

    def start(name: str, bank: Path) -> Server:
        (tmp_path / name).mkdir()
        address = {
            "WHETSTONE_QUESTIONS_DIR": str(bank),
            "WHETSTONE_DATABASE_URL": new_database(tmp_path),
            "WHETSTONE_GRADERS": "here",  # no worker is needed for what is tried here
        }
        begun.append(Server(tmp_path / name, env=address))
        begun[-1].start()
        return begun[-1]

    yield start
    for server in begun:
        server.end()


@pytest.fixture
def stage(postgresql: None, tmp_path: Path) -> Iterator[Stage]:
    it = made(tmp_path)
    yield it
    it.db.close()


def shows(server: Server, words: str) -> bool:
    with urllib.request.urlopen(f"{server.origin}/q/pool-kind", timeout=30) as page:
        return words in page.read().decode()


def test_what_is_published_or_edited_anywhere_is_shown_by_all_and_a_killed_server_holds_nothing_up(
    stage: Stage, serve: Serve
) -> None:
    one, other = serve("one", stage.root), serve("other", stage.root)
    assert shows(one, "Name a kind of pooling.")
    assert shows(other, "Name a kind of pooling.")
    stage.publish("Name a kind of pooling.", "Name one kind.")  # by a third process
    for server in (one, other):
        eventually(lambda server=server: shows(server, "Name one kind."))
    eventually(lambda: "Name one kind." in stage.file.read_text("utf-8"))
    one.kill()
    number = iter(range(1000))

    def noticed() -> bool:  # the watch may begin a moment after the server
        stage.file.write_text(stage.file.read_text("utf-8") + f"# {next(number)}\n", "utf-8")
        return shows(other, "Name any kind.")

    stage.in_file("Name one kind.", "Name any kind.")
    eventually(noticed)
    one.start()
    assert shows(one, "Name any kind.")
    assert stage.newest().number == 3
    one.stop()
    other.stop()


def test_a_sitting_whose_server_was_killed_goes_on_at_another_and_is_marked_once(serve: Serve, tmp_path: Path) -> None:
    bank = write_hasty_bank(tmp_path / "questions")
    hasty = bank / "interviews" / "hasty.yaml"
    hasty.write_text(hasty.read_text("utf-8").replace("minutes: 1", "minutes: 0.2"), "utf-8")
    one, other, third = (serve(name, bank) for name in ("one", "other", "third"))
    status, interview = one.post("/api/interviews", {"blueprint": "hasty"})
    assert status == 201, interview
    code = {"answer": {"code": "def double(x):\n    return x + x\n"}}
    put(one, f"/api/interviews/{interview['id']}/answers/1", code)
    one.kill()
    there = other.json(f"/api/interviews/{interview['id']}")
    assert there["deadline"] == interview["deadline"]
    db = Database(new_database(tmp_path))

    def is_over() -> bool:
        with db.read() as connection:
            return connection.execute(select(interviews.c.ended_at)).scalar_one() is not None

    eventually(is_over)  # nobody asks for it: a sweeper sees to it
    with db.read() as connection:
        assert connection.execute(select(func.count()).select_from(submissions)).scalar_one() == 1
    db.close()
    other.stop()
    third.stop()


def put(server: Server, path: str, body: object) -> None:
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(server.origin + path, json.dumps(body).encode(), headers, method="PUT")
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200
