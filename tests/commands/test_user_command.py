"""`whetstone user …`: what it does, and that the audit log has it as done by the server."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from databases import environment, new_database

from app.accounts import audit
from app.cli import main
from app.db import Database


def run(monkeypatch: Any, folder: Path, *arguments: str, password: str = "") -> int:
    monkeypatch.setenv("WHETSTONE_DATA_DIR", str(folder))
    for name, value in environment(folder).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    with pytest.raises(SystemExit) as ended:
        main(["user", *arguments])
    return int(ended.value.code or 0)


def test_every_act_of_the_command_line_is_in_the_log(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    def user(*arguments: str, password: str = "") -> int:
        return run(monkeypatch, tmp_path, *arguments, password=password)

    assert user("add", "ada", "--role", "admin", "--password-stdin", password="correct horse") == 0
    assert user("add", "bob", "--password-stdin", password="battery staple") == 0
    assert user("passwd", "BOB", "--password-stdin", password="another password") == 0
    assert user("promote", "bob", "--role", "editor") == 0
    assert user("disable", "bob") == 0
    capsys.readouterr()
    assert user("list") == 0
    listed = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [(line[0], line[1], line[3], line[4]) for line in listed] == [
        ("ada", "admin", "-", "active"),
        ("bob", "editor", "-", "disabled"),
    ]
    assert user("enable", "bob") == 0
    assert user("reset-link", "bob") == 0
    key = capsys.readouterr().out.rpartition("/reset/")[2].strip()
    assert len(key) == 43
    assert user("invite", "--role", "editor") == 2, "sign-up is closed"
    assert "Sign-up is closed" in capsys.readouterr().err
    assert user("disable", "ada") == 2, "the last admin"
    database = Database(new_database(tmp_path))
    with database.read() as connection:
        log = audit.page(connection, before=None, most=20)
    database.close()
    assert {(event.actor_id, event.actor) for event in log} == {(None, "server")}
    assert [(event.action, event.subject) for event in reversed(log)] == [
        ("account.add", "ada"),
        ("account.add", "bob"),
        ("account.password", "bob"),
        ("account.role", "bob"),
        ("account.disable", "bob"),
        ("account.enable", "bob"),
        ("account.reset-link", "bob"),
    ]
    assert key not in str(log)
