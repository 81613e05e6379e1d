"""The server killed, stopped, out of room or out of descriptors: what it has acknowledged is graded, once."""

from __future__ import annotations

import http.client
import json
import re
import resource
import tempfile
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from databases import new_database, on_postgresql
from processes import command, descendants, descriptors, eventually, running
from small_bank import QUESTIONS, RIGHT, busy
from small_server import full
from whetstone_server import Server

from app.db import Database

DONE = ("done", "cancelled")


def send(server: Server, question: str, code: str = RIGHT) -> str:
    status, answer = server.post("/api/submissions", {"question_id": question, "code": code, "mode": "submit"})
    assert status == 202, answer
    return str(answer["id"])


def state(server: Server, submission_id: str) -> dict[str, Any]:
    return server.json(f"/api/submissions/{submission_id}")


def verdict(server: Server, submission_id: str) -> str:
    eventually(lambda: state(server, submission_id)["status"] in DONE, lambda: state(server, submission_id))
    return str(state(server, submission_id)["verdict"])


def progress(server: Server, submission_id: str) -> str:
    """What the page says of a submission that is not done."""
    with urllib.request.urlopen(f"{server.origin}/code/submissions/{submission_id}", timeout=30) as page:
        found = re.search(r'data-progress="([^"]*)"', page.read().decode())
    assert found
    return found[1]


def rows(server: Server) -> dict[str, tuple[str, str | None, str | None, str | None]]:
    """Status, verdict, report and the moment of the end of each submission, from the database."""
    database = Database(new_database(server.data_dir))
    with closing(database), database.read() as connection:
        kept = connection.exec_driver_sql(
            "select id, status, verdict, cast(report as varchar), cast(finished_at as varchar) from submission"
        )
        return {row[0]: tuple(row[1:]) for row in kept}


def sandbox_of(server: Server) -> list[int]:
    return [pid for pid in descendants(server.pid) if "cell" in command(pid)]


@pytest.mark.parametrize("how", ["kill", "end"])
def test_server_that_goes_while_it_grades_loses_nothing_and_grades_nothing_twice(
    serve: Callable[..., Server], how: str
) -> None:
    server = serve()
    sent = [send(server, QUESTIONS[0])]
    assert verdict(server, sent[0]) == "accepted"
    sent += [send(server, question, busy(4_000_000)) for question in QUESTIONS[1:]]
    eventually(lambda: sum(status == "done" for status, *_ in rows(server).values()) >= 3)
    left = sandbox_of(server)
    assert left
    getattr(server, how)()
    eventually(lambda: not any(map(running, left)))
    before = rows(server)
    assert set(before) == set(sent)
    assert "queued" in {status for status, *_ in before.values()}
    server.start()
    assert [verdict(server, submission_id) for submission_id in sent] == ["accepted"] * len(sent)
    after = rows(server)
    assert set(after) == set(sent)
    assert {name: after[name] for name, row in before.items() if row[0] == "done"} == {
        name: row for name, row in before.items() if row[0] == "done"
    }
    assert verdict(server, send(server, QUESTIONS[0])) == "accepted"


def test_server_killed_as_soon_as_it_has_acknowledged_loses_nothing(serve: Callable[..., Server]) -> None:
    server = serve()
    sent = [send(server, question) for question in QUESTIONS[:3]]
    server.kill()
    server.start()
    assert [verdict(server, submission_id) for submission_id in sent] == ["accepted"] * 3
    assert set(rows(server)) == set(sent)


@pytest.mark.sqlite  # whose file is on the full disk; test_full_disk_of_postgresql.py has a full server's
def test_submission_that_cannot_be_stored_is_refused_in_plain_words(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(mounts={"small": {str(tmp_path / "data"): 24}})
    first = send(server, QUESTIONS[0])
    assert verdict(server, first) == "accepted"
    with full(server):
        status, problem = server.post(
            "/api/submissions", {"question_id": QUESTIONS[1], "code": "#" * 60_000, "mode": "submit"}
        )
        assert status == 503
        assert problem["detail"] == "The server's disk is full, so nothing more can be stored."
        assert "this was not saved" in problem["advice"]
        assert state(server, first)["verdict"] == "accepted"
    assert verdict(server, send(server, QUESTIONS[1])) == "accepted"


@pytest.mark.sqlite  # whose file is on the full disk; test_full_disk_of_postgresql.py has a full server's
def test_report_that_cannot_be_stored_is_stored_once_there_is_room(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(mounts={"small": {str(tmp_path / "data"): 24}})
    sent = [send(server, question, busy(10_000_000)) for question in QUESTIONS[:4]]
    eventually(lambda: "Running" in progress(server, sent[0]))
    with full(server):
        eventually(lambda: progress(server, sent[0]).startswith("Graded."), lambda: progress(server, sent[0]))
        assert state(server, sent[0])["status"] == "running"
    assert [verdict(server, submission_id) for submission_id in sent] == ["accepted"] * 4


def test_without_shared_memory_and_temporary_folder_everything_works(serve: Callable[..., Server]) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        server = serve(Path(folder), {"gone": ["/dev/shm", "/tmp"]})
        assert verdict(server, send(server, QUESTIONS[0])) == "accepted"
        server.stop()


def test_server_out_of_descriptors_says_so_and_recovers(serve: Callable[..., Server]) -> None:
    server = serve()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

    def ask(method: str, path: str, body: object = None) -> dict[str, Any]:
        """Over a connection that is there already."""
        data = None if body is None else json.dumps(body)
        connection.request(method, path, data, {"content-type": "application/json"})
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        return answer

    for question in QUESTIONS:
        send(server, question)
    assert all(verdict(server, name) == "accepted" for name in rows(server))
    soft, hard = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
    opened = descriptors(server.pid)
    body = {"question_id": QUESTIONS[0], "code": RIGHT, "mode": "submit"}
    ask("GET", "/healthz")
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (3, hard))
    answers = [ask("POST", "/api/submissions", body | {"question_id": question}) for question in QUESTIONS[:3]]
    sent = [answer["id"] for answer in answers if "id" in answer]
    if on_postgresql():  # whose connections take descriptors too, where SQLite has its file open
        assert all("id" in answer or answer["status"] == 503 for answer in answers), answers
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (soft, hard))
    else:
        assert len(sent) == 3
    eventually(lambda: all(ask("GET", f"/api/submissions/{name}")["status"] == "done" for name in sent))
    refused = {ask("GET", f"/api/submissions/{name}")["verdict"] for name in sent}
    assert "internal_error" in refused or on_postgresql()
    assert refused <= {"internal_error", "accepted"}
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (soft, hard))
    connection.close()
    assert verdict(server, send(server, QUESTIONS[0])) == "accepted"
    most = opened + 16 * on_postgresql()  # the connections that a process may keep
    eventually(lambda: descriptors(server.pid) <= most, lambda: (descriptors(server.pid), most))
