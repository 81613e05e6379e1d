"""The server killed in the middle of mock interviews: no acknowledged answer lost, no second gained, all marked."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from processes import eventually
from small_bank import RIGHT, busy, write_bank
from whetstone_server import Server

KILLS = 5
MINUTES = 0.3
BLUEPRINT = """id: hasty
title: {en: Hasty, zh: 匆忙}
summary: {en: Hasty., zh: 匆忙。}
minutes: %(minutes)s
sections:
- {title: {en: Code, zh: 代码}, minutes: %(minutes)s, count: 1, kinds: [code]}
"""


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[float], Server]]:
    """A server over a bank of small coding questions, with one interview of so many minutes."""
    made: list[Server] = []

    def start(minutes: float) -> Server:
        bank = write_bank(tmp_path / "questions")
        topic = bank / "cnn" / "doubling.yaml"
        topic.write_text(topic.read_text().replace("minutes: 1", "minutes: 0.1"))
        (bank / "interviews").mkdir()
        (bank / "interviews" / "hasty.yaml").write_text(BLUEPRINT % {"minutes": minutes})
        server = Server(tmp_path, env={"WHETSTONE_QUESTIONS_DIR": str(bank)})
        made.append(server)
        server.start()
        return server

    yield start
    for server in made:
        server.end()


def begin(server: Server) -> dict[str, Any]:
    status, interview = server.post("/api/interviews", {"blueprint": "hasty"})
    assert status == 201, interview
    return interview


def put(server: Server, interview: dict[str, Any], code: str) -> int:
    """The status of saving code as the answer to the only question; OSError while the server is down."""
    body = json.dumps({"answer": {"code": code}})
    with_type = {"content-type": "application/json"}
    with closing(http.client.HTTPConnection(urlsplit(server.origin).netloc, timeout=30)) as connection:
        connection.request("PUT", f"/api/interviews/{interview['id']}/answers/1", body, with_type)
        with connection.getresponse() as response:
            response.read()
            return response.status


def state(server: Server, interview: dict[str, Any]) -> dict[str, Any]:
    return server.json(f"/api/interviews/{interview['id']}")


def report(server: Server, interview: dict[str, Any]) -> dict[str, Any]:
    return server.json(f"/api/interviews/{interview['id']}/report")


def test_killed_again_and_again_no_acknowledged_answer_is_lost_and_no_second_gained(
    serve: Callable[[float], Server],
) -> None:
    server = serve(10)
    interview = begin(server)
    acknowledged = [""]
    enough = threading.Event()

    def write() -> None:
        number = 0
        while not enough.is_set():
            number += 1
            code = f"{RIGHT}\n# {number}\n"
            with suppress(OSError, http.client.HTTPException):
                if put(server, interview, code) == 200:
                    acknowledged.append(code)
            time.sleep(0.002)

    writer = threading.Thread(target=write)
    writer.start()
    rng = Random(5)
    for _ in range(KILLS):
        time.sleep(rng.uniform(0.1, 0.5))
        server.kill()
        server.start()
    enough.set()
    writer.join()
    now = state(server, interview)
    assert now["deadline"] == interview["deadline"]
    assert datetime.fromisoformat(now["now"]) > datetime.fromisoformat(interview["now"])
    kept = now["sections"][0]["questions"][0]["answer"]["code"]
    assert len(acknowledged) > 20
    # The last that was acknowledged, or one on its way as the server went: never an older one.
    assert int(kept.rpartition("# ")[2]) >= int(acknowledged[-1].rpartition("# ")[2])
    server.post(f"/api/interviews/{interview['id']}/finish", {})
    eventually(lambda: report(server, interview)["final"], lambda: report(server, interview))
    assert report(server, interview)["questions"][0]["state"] == "right"


def test_killed_while_its_code_is_graded_the_paper_is_graded_once(serve: Callable[[float], Server]) -> None:
    server = serve(10)
    interview = begin(server)
    assert put(server, interview, busy(4_000_000)) == 200
    server.post(f"/api/interviews/{interview['id']}/finish", {})
    server.kill()
    server.start()
    eventually(lambda: report(server, interview)["final"], lambda: report(server, interview))
    first = report(server, interview)
    assert first["questions"][0]["state"] == "right"
    server.end()
    server.start()
    assert report(server, interview) == first


def test_deadline_that_passes_while_the_server_is_down_is_the_end(serve: Callable[[float], Server]) -> None:
    server = serve(MINUTES)
    interview = begin(server)
    assert put(server, interview, RIGHT) == 200
    server.kill()
    time.sleep(max((datetime.fromisoformat(interview["deadline"]).timestamp() - time.time()) + 0.5, 0))
    server.start()
    assert put(server, interview, "def double(x):\n    return x\n") == 409
    eventually(lambda: report(server, interview)["final"], lambda: report(server, interview))
    told = report(server, interview)
    assert told["ended_at"] == interview["deadline"].replace("Z", "+00:00")
    assert told["questions"][0]["state"] == "right"
