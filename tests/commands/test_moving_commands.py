"""`whetstone backup`, `restore` and `migrate-data` as people and cron run them."""

from __future__ import annotations

import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from databases import on_postgresql
from whetstone_server import Server

from app.settings import ROOT

IN_USE = re.compile("another process has it open|is connected to it")
WHETSTONE = (sys.executable, "-c", "from app.cli import main; main()")  # of this tree, installed or not


class Shell:
    """Runs the command over a data folder and a bank of its own."""

    def __init__(self, folder: Path, server: Server | None = None) -> None:
        self.env = server.env if server else {}
        self.data = folder / "data"
        self.bank = folder / "questions"
        self.file = self.data / "whetstone.sqlite3"
        self.url = f"sqlite:///{self.file}"

    def __call__(
        self, *arguments: str | Path, stdin: str = "", limit: Callable[[], None] | None = None
    ) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("WHETSTONE_")}
        env |= {"WHETSTONE_DATA_DIR": str(self.data), "WHETSTONE_QUESTIONS_DIR": str(self.bank)}
        env |= self.env
        return subprocess.run(
            [*WHETSTONE, *map(str, arguments)],
            cwd=ROOT,
            env=env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            preexec_fn=limit,
        )

    def names(self) -> set[str]:
        connection = sqlite3.connect(self.file)
        try:
            return {name for (name,) in connection.execute("SELECT name FROM account")}
        finally:
            connection.close()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """An instance with one account."""
    made = Shell(tmp_path / "one")
    shutil.copytree(ROOT / "questions", made.bank)
    assert made("user", "add", "ada", "--password-stdin", stdin="correct horse\n").returncode == 0
    return made


@pytest.fixture
def other(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "two")


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one clear line of a command that could not be done."""
    assert done.returncode == 2, done
    assert done.stderr.startswith("whetstone: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    return done.stderr


def test_backup_of_a_server_that_serves_is_restored_and_served(tmp_path: Path, other: Shell) -> None:
    server = Server(tmp_path / "serving")
    server.start()
    serving = Shell(tmp_path / "serving", server)
    try:
        status, begun = server.post("/api/practice/sessions", {"limit": 3})
        assert status == 201, begun
        done = serving("backup", tmp_path / "b.tar.gz")
        assert done.returncode == 0, done.stderr
        assert "question files" in done.stdout
    finally:
        server.stop()
    done = other("restore", tmp_path / "b.tar.gz")
    assert done.returncode == 0, done.stderr
    if not on_postgresql():  # whose database has the key
        assert (other.data / "secret.key").read_bytes() == (serving.data / "secret.key").read_bytes()
    shutil.copytree(serving.data / "cache", other.data / "cache")  # it would be made anew; this is quicker
    again = Server(
        tmp_path / "two", env={"WHETSTONE_QUESTIONS_DIR": str(other.bank), "WHETSTONE_DATABASE_URL": other.url}
    )
    again.start()
    try:
        assert again.json(f"/api/practice/sessions/{begun['id']}/next")["card_id"]
    finally:
        again.stop()


def test_restore_and_move_are_refused_while_a_server_serves(tmp_path: Path, shell: Shell) -> None:
    assert shell("backup", tmp_path / "b.tar.gz").returncode == 0
    server = Server(tmp_path / "serving")
    server.start()
    serving = Shell(tmp_path / "serving", server)
    try:
        assert IN_USE.search(refused(serving("restore", tmp_path / "b.tar.gz", "--replace")))
        target = tmp_path / "target.sqlite3"
        source = serving.env.get("WHETSTONE_DATABASE_URL", f"sqlite:///{serving.file}")
        assert IN_USE.search(refused(serving("migrate-data", "--from", source, "--to", f"sqlite:///{target}")))
        assert not target.exists()
        assert server.post("/api/practice/sessions", {"limit": 3})[0] == 201, "and it serves as before"
    finally:
        server.stop()


def test_backup_on_a_full_disk_says_so_and_leaves_nothing(tmp_path: Path, shell: Shell) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    (tmp_path / "backups").mkdir()
    line = refused(shell("backup", tmp_path / "backups" / "b.tar.gz", limit=small_files))
    assert line.endswith("b.tar.gz: File too large. No backup was made, and nothing is left of it.\n")
    assert list((tmp_path / "backups").iterdir()) == []


def test_restore_on_a_full_disk_says_so_and_changes_nothing(tmp_path: Path, shell: Shell, other: Shell) -> None:
    assert shell("backup", tmp_path / "b.tar.gz").returncode == 0
    shutil.copytree(shell.bank, other.bank)
    (other.bank / "topics.yaml").write_text("mine")
    assert other("user", "add", "bob", "--password-stdin", stdin="correct horse\n").returncode == 0

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))

    refused(other("restore", tmp_path / "b.tar.gz", "--replace", limit=small_files))
    assert (other.bank / "topics.yaml").read_text() == "mine"
    assert other.names() == {"bob"}
    assert [it.name for it in other.data.iterdir() if "restor" in it.name] == []


def test_backup_into_a_folder_that_is_not_there_is_one_line(tmp_path: Path, shell: Shell) -> None:
    assert "No such file or directory" in refused(shell("backup", tmp_path / "nowhere" / "b.tar.gz"))


def test_restore_asks_before_it_replaces_and_says_where_the_old_is(tmp_path: Path, shell: Shell) -> None:
    assert shell("backup", tmp_path / "b.tar.gz").returncode == 0
    assert shell("user", "add", "bob", "--password-stdin", stdin="correct horse\n").returncode == 0
    assert "--replace" in refused(shell("restore", tmp_path / "b.tar.gz"))
    assert shell.names() == {"ada", "bob"}
    done = shell("restore", tmp_path / "b.tar.gz", "--replace")
    assert done.returncode == 0, done.stderr
    assert shell.names() == {"ada"}
    assert str(shell.data / "before-restore-") in done.stdout


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04"])
def test_restore_of_no_archive_is_one_line(content: bytes | None, tmp_path: Path, shell: Shell) -> None:
    if content is not None:
        (tmp_path / "b.tar.gz").write_bytes(content)
    assert "Nothing was changed." in refused(shell("restore", tmp_path / "b.tar.gz", "--replace"))
    assert shell.names() == {"ada"}


def test_rows_are_moved_and_both_sides_compared(tmp_path: Path, shell: Shell) -> None:
    target = tmp_path / "target.sqlite3"
    done = shell("migrate-data", "--from", f"sqlite:///{shell.file}", "--to", f"sqlite:///{target}")
    assert done.returncode == 0, done.stderr
    table, *rest = [line for line in done.stdout.splitlines() if line.startswith("account ")]
    assert table.split()[:2] == ["account", "1"]
    assert len(table.split()[2]) == 64
    assert rest == []
    before, after = (set(_dump(file)) for file in (shell.file, target))
    assert before == after
    again = shell("migrate-data", "--from", f"sqlite:///{shell.file}", "--to", f"sqlite:///{target}")
    assert "the target is not empty: it has rows (account 1, audit_event 1)" in refused(again)
    assert set(_dump(target)) == after


def _dump(file: Path) -> Iterator[str]:
    connection = sqlite3.connect(file)
    yield from connection.iterdump()
    connection.close()


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("nonsense", "sqlite:////tmp/x.sqlite3", "--from: not a database URL"),
        ("sqlite:///{file}", "mysql://host/db", "--to: it takes"),
        ("sqlite:///{file}", "sqlite:///{file}", "the same database"),
        ("sqlite:///{folder}/none.sqlite3", "sqlite:///{folder}/t.sqlite3", "there is no such file"),
        ("sqlite:///{folder}/old.sqlite3", "sqlite:///{folder}/t.sqlite3", "schema is not there, not this release's"),
        ("sqlite:///{file}", "sqlite:///{folder}/foreign.sqlite3", "a table songs that is not of Whetstone"),
        ("sqlite:///{file}", "sqlite:///{folder}/none/t.sqlite3", "unable to open database file"),
    ],
)
def test_addresses_that_can_not_be_are_one_line(
    source: str, target: str, said: str, tmp_path: Path, shell: Shell
) -> None:
    (tmp_path / "old.sqlite3").touch()
    foreign = sqlite3.connect(tmp_path / "foreign.sqlite3")
    foreign.execute("CREATE TABLE songs (title TEXT)")
    foreign.close()
    places = {"file": shell.file, "folder": tmp_path}
    line = refused(shell("migrate-data", "--from", source.format(**places), "--to", target.format(**places)))
    assert said in line
    assert not (tmp_path / "t.sqlite3").exists()
    assert not (tmp_path / "none.sqlite3").exists()
