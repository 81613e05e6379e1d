"""PostgreSQL without a byte of room: what can't be stored is refused in plain words, and what was acknowledged is kept.

Its files are in a small file system of their own. Where none may be mounted, there is no such test.
"""

from __future__ import annotations

import http.client
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import shortage_stage
from cluster import Web, eventually
from postgres_server import PostgresServer
from small_server import filled
from sqlalchemy.exc import SQLAlchemyError
from town import INTERVIEW, write_town
from workers_yard import RIGHT, yard_in

from app.db import Database
from app.errors import Unavailable

MIB = 320  # the server's programs may be among the files
FULL = "The server's disk is full, so nothing more can be stored."


@pytest.fixture
def small() -> Iterator[tuple[PostgresServer, str, Path]]:
    """A server, its address, and the small folder as the server sees it."""
    with TemporaryDirectory(prefix="whetstone-disk-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # it is nobody's server
        stage = [sys.executable, shortage_stage.__file__, json.dumps({"small": {name: MIB}, "gone": []})]
        if subprocess.run([*stage, sys.executable, "-c", ""], check=False).returncode == shortage_stage.NOT_ALLOWED:
            pytest.skip("neither root nor a user namespace may mount here")
        server = PostgresServer(durable=True, through=stage, folder=folder)
        try:
            yield server, server.start(), folder
        finally:
            server.end()


@pytest.fixture
def web(small: tuple[PostgresServer, str, Path], tmp_path: Path) -> Iterator[Web]:
    env = {"WHETSTONE_DATABASE_URL": small[1], "WHETSTONE_GRADERS": "here"}
    env["WHETSTONE_QUESTIONS_DIR"] = str(write_town(tmp_path / "questions"))
    made = Web("web", tmp_path, env)
    made.start()
    try:
        eventually(made.is_ready, made.log.read_text)
        yield made
    finally:
        made.stop()


def ask(web: Web, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
    with closing(http.client.HTTPConnection(web.address, timeout=60)) as connection:
        data = None if body is None else json.dumps(body)
        connection.request(method, path, data, {"content-type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def test_what_was_acknowledged_is_kept_what_is_refused_is_told_and_then_all_goes_on(
    small: tuple[PostgresServer, str, Path], web: Web
) -> None:
    server, _, folder = small
    status, paper = ask(web, "POST", "/api/interviews", {"blueprint": INTERVIEW})
    assert status == 201, paper
    place = f"/api/interviews/{paper['id']}"

    def save() -> tuple[int, dict[str, Any], str]:
        code = "# " + secrets.token_hex(30_000)  # nothing that could be packed
        return *ask(web, "PUT", f"{place}/answers/1", {"answer": {"code": code}}), code

    def answer() -> str:
        return str(ask(web, "GET", place)[1]["sections"][0]["questions"][0]["answer"]["code"])

    status, said, kept = save()
    assert status == 200, said
    told = set()
    with filled(Path(f"/proc/{server.pid}/root{folder}")):
        for _ in range(400):
            status, said, code = save()
            if status == 200:
                kept = code
                continue
            assert status == 503, said
            told.add(said["detail"])
            if told and not server.answers():
                break  # it gives up where it cannot write its log: its keeper starts it again
            assert answer() == kept
            if len(told) > 1:
                break
    assert FULL in told
    server.revive()
    eventually(web.is_ready, web.log.read_text)
    assert answer() == kept
    status, said, kept = save()
    assert status == 200, said
    assert answer() == kept
    assert web.starts == 1


def test_workers_grade_all_that_was_acknowledged_once_there_is_room(
    small: tuple[PostgresServer, str, Path], tmp_path: Path
) -> None:
    server, url, folder = small
    db = Database(url)
    db.migrate()
    db.close()
    with yard_in(tmp_path, url) as yard:
        yard.hire("one", "--concurrency", "2")
        for number in range(40):
            yard.send(number, "# hold go\n" + RIGHT)
        yard.wait_until_begun(1)
        acknowledged = list(range(40))
        with filled(Path(f"/proc/{server.pid}/root{folder}")):
            for number in range(100, 2000):  # until not even a short one finds room in what there is
                try:
                    yard.send(number)
                    acknowledged.append(number)
                except (SQLAlchemyError, Unavailable):
                    break
            yard.open("go")  # what was held ends, and others begin, while there is no room
            eventually(lambda: "cannot be" in yard.said("one") or not server.answers(), yard.describe)
        server.revive()
        eventually(lambda: {yard.ends().get(number) for number in acknowledged} == {"accepted"}, yard.describe)
        eventually(lambda: yard.line() == [], yard.describe)
        yard.send(9999)
        yard.wait_for({9999: "accepted"})
