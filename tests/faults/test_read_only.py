"""A data folder that takes no changes: a start says so in a line, a running server in each answer, until it does."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from databases import new_database
from prepared import prepare
from processes import eventually
from small_bank import QUESTIONS, RIGHT
from whetstone_server import Server

from app.db import Database
from app.errors import Unavailable

pytestmark = pytest.mark.sqlite
DONE = ("done", "cancelled")
BESIDE = 16  # requests at a time, so that new connections are opened


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """The server's data folder read-only as it sees it; what it has opened already stays open."""

    def mount(*arguments: str) -> None:
        order = ["nsenter", f"--mount=/proc/{server.pid}/ns/mnt", *arguments]
        done = subprocess.run(order, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"nothing can be mounted under a running server here: {done.stderr}")

    if shutil.which("nsenter") is None:
        pytest.skip("no nsenter here")
    folder = str(server.data_dir)
    mount("mount", "--bind", folder, folder)
    mount("mount", "-o", "remount,bind,ro", folder)
    try:
        yield
    finally:
        mount("umount", "--lazy", folder)  # what was opened there meanwhile is as it was


def test_start_says_that_it_cannot_write_there(serve: Callable[..., Server], tmp_path: Path) -> None:
    with pytest.raises(AssertionError) as refused:
        serve(mounts={"gone": [str(tmp_path / "data")]})
    said = str(refused.value)
    assert "ended with 2" in said
    assert f"WHETSTONE_DATA_DIR={tmp_path / 'data'}: cannot write there (Read-only file system)" in said
    assert "Traceback" not in said


def test_running_server_says_so_keeps_what_it_acknowledged_and_goes_on(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(mounts={"small": {str(tmp_path / "data"): 48}})

    def send(number: int) -> tuple[int, str]:
        body = {"question_id": QUESTIONS[number % len(QUESTIONS)], "code": f"{RIGHT}# {number}\n", "mode": "submit"}
        status, said = server.post("/api/submissions", body)
        return status, str(said.get("id") or said.get("detail"))

    kept = [send(0)]
    with frozen(server), ThreadPoolExecutor(BESIDE) as threads:
        answers = list(threads.map(send, range(1, 8 * BESIDE)))
    assert {status for status, _ in answers} <= {202, 503}, answers
    assert all(said for _, said in answers)
    kept += [answer for answer in answers if answer[0] == 202]
    assert "The database takes no changes at the moment." in {said for status, said in answers if status == 503}
    again: list[tuple[int, str]] = []

    def goes_on() -> bool:  # each connection that was opened meanwhile is noticed once
        with ThreadPoolExecutor(BESIDE) as threads:
            now = list(threads.map(send, range(2 * BESIDE)))
        again.extend(answer for answer in now if answer[0] == 202)
        return len([answer for answer in now if answer[0] == 202]) == len(now)

    eventually(goes_on)
    for _, name in [*kept, *again]:
        eventually(lambda name=name: server.json(f"/api/submissions/{name}")["status"] in DONE)
    server.end()
    assert "Traceback" not in server.log.read_text()


def test_database_that_may_not_be_changed_is_no_fault_of_ours(tmp_path: Path) -> None:
    prepare(tmp_path)
    file = tmp_path / "whetstone.sqlite3"
    with closing(Database(f"sqlite:///file:{file}?mode=ro&uri=true")) as db:
        with db.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM revision").scalar_one() > 0
        with pytest.raises(Unavailable, match="takes no changes"), db.write() as connection:
            connection.exec_driver_sql("DELETE FROM revision")


def test_database_that_another_process_keeps_busy_is_no_fault_of_ours(tmp_path: Path) -> None:
    url = new_database(tmp_path)
    with closing(Database(url)) as db:
        db.migrate()
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as other, closing(Database(url, 0.05)) as db:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="Others keep the database busy"), db.write():
            pass


def test_database_that_is_gone_is_no_fault_of_ours(tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "whetstone.sqlite3"
    with (
        closing(Database(f"sqlite:///{missing}")) as db,
        pytest.raises(Unavailable, match="does not answer"),
        db.read(),
    ):
        pass
