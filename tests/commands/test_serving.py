"""`whetstone serve` as an operator meets it: its first admin, its stop, and whose word it takes for an address."""

from __future__ import annotations

import json
import os
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from databases import new_database
from whetstone_server import Server

from app.accounts import passwords, people, service
from app.accounts.models import Role
from app.commands.serving import first_admin, prepare_database
from app.db import Database
from app.settings import Settings, SettingsError

PASSWORD = "correct horse battery"
Serve = Callable[..., Server]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts the one server of a test, with more variables."""
    made: list[Server] = []

    def start(**env: str) -> Server:
        made.append(Server(tmp_path, env=env))
        made[-1].start()
        return made[-1]

    yield start
    for server in made:
        server.end()


def lines(server: Server) -> list[dict[str, object]]:
    return [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]


# --- the first admin ---


def members(settings: Settings) -> dict[str, str]:
    database = Database(settings.database_url)
    with database.read() as connection:
        found = {member.name: member.role for member in people.members(connection)}
    database.close()
    return found


def test_first_admin_is_made_once_and_an_admin_is_never_changed(settings: Settings) -> None:
    school = replace(settings, host="0.0.0.0")
    prepare_database(school, ("ada", PASSWORD))
    prepare_database(school, ("ada", "another password"))
    prepare_database(school, ("eve", "another password"))
    prepare_database(school, None)
    assert members(settings) == {"ada": "admin"}
    database = Database(settings.database_url)
    with database.read() as connection:
        assert passwords.verify(service.stored_hash(connection, "ada"), PASSWORD)
    database.close()


def test_without_an_admin_and_a_word_who_it_should_be_nothing_is_served(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="whetstone user add NAME --role admin"):
        prepare_database(replace(settings, host="0.0.0.0"), None)


def test_learner_is_not_made_admin_by_the_environment(settings: Settings) -> None:
    database = Database(settings.database_url)
    with database.write() as connection:
        service.add(connection, "ada", PASSWORD, Role.learner, datetime.now(UTC))
    database.close()
    with pytest.raises(Exception, match="taken"):
        prepare_database(replace(settings, host="0.0.0.0"), ("ada", PASSWORD))
    assert members(settings) == {"ada": "learner"}


def test_admin_s_password_comes_from_a_file_or_the_environment(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    by_file = {"WHETSTONE_ADMIN": "ada", "WHETSTONE_ADMIN_PASSWORD_FILE": str(tmp_path / "password")}
    assert first_admin(by_file) == ("ada", PASSWORD)
    assert first_admin({"WHETSTONE_ADMIN": "ada", "WHETSTONE_ADMIN_PASSWORD": PASSWORD}) == ("ada", PASSWORD)
    assert first_admin({"WHETSTONE_ADMIN": "ada"}) is None
    with pytest.raises(SettingsError, match="set WHETSTONE_ADMIN "):
        first_admin({"WHETSTONE_ADMIN_PASSWORD": PASSWORD})


# --- the stop ---


def test_server_told_to_stop_says_so_for_a_while_and_answers_meanwhile(serve: Serve) -> None:
    server = serve(WHETSTONE_DRAIN_S="600")
    os.kill(server.pid, signal.SIGTERM)
    with pytest.raises(urllib.error.HTTPError, match="503") as refused:
        server.json("/readyz")
    with refused.value as answer:
        assert json.load(answer)["checks"]["server"] == "stopping"
    assert server.json("/healthz") == {"status": "ok"}
    server.stop()  # a second signal ends the wait
    assert {line["route"]: line["status"] for line in lines(server)}["/readyz"] == 503


def test_server_told_to_stop_ends_when_the_while_is_over(serve: Serve) -> None:
    server = serve(WHETSTONE_DRAIN_S="0.2")
    os.kill(server.pid, signal.SIGTERM)
    assert server.ended() == -signal.SIGTERM


def test_request_under_way_is_finished_and_no_new_one_let_in(serve: Serve) -> None:
    server = serve()
    body = b'{"mode": "more", "limit": 3}'
    head = (
        f"POST /api/practice/sessions HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as under_way:
        under_way.sendall(head + body[:5])
        assert server.json("/healthz")  # by now the first bytes have been read too
        os.kill(server.pid, signal.SIGTERM)
        while True:
            try:
                socket.create_connection(("127.0.0.1", server.port), timeout=30).close()
            except ConnectionError:  # refused, or cut off at that very moment
                break
        under_way.sendall(body[5:])
        answer = under_way.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 201"), answer
    assert server.ended() == -signal.SIGTERM
    assert {line["route"]: line["status"] for line in lines(server)}["/api/practice/sessions"] == 201


def test_open_stream_does_not_hold_up_the_stop_and_is_no_failure(serve: Serve) -> None:
    server = serve()
    endless = "def iou(a, b):\n    while True:\n        pass\n"
    status, sent = server.post("/api/submissions", {"question_id": "iou", "code": endless, "mode": "run"})
    assert status == 202
    with urllib.request.urlopen(f"{server.origin}/api/submissions/{sent['id']}/events", timeout=30) as stream:
        assert stream.readline() == b"event: progress\n"
        os.kill(server.pid, signal.SIGTERM)
        rest = stream.read()
    assert b"event: end" not in rest
    server.ended()
    (said,) = (line for line in lines(server) if line.get("route") == "/api/submissions/{submission_id}/events")
    assert said["status"] == 200
    assert [line for line in lines(server) if line["level"] == "error"] == []


# --- proxies ---


def login_cookie(server: Server, **headers: str) -> str:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:  # type: ignore[override]  # no redirect is followed
            return None

    request = urllib.request.Request(
        f"{server.origin}/login", urlencode({"name": "ada", "password": PASSWORD}).encode(), headers
    )
    with pytest.raises(urllib.error.HTTPError) as redirected:
        urllib.request.build_opener(Stay).open(request, timeout=30)
    with redirected.value as answer:
        assert answer.code == 303
        return str(answer.headers["set-cookie"])


def address_of_ada(server: Server) -> str:
    database = Database(new_database(server.data_dir))
    with database.read() as connection:
        (address,) = connection.exec_driver_sql("SELECT address FROM login").scalars()
    database.close()
    return str(address)


@pytest.mark.parametrize(
    ("trusted", "secure", "address"),
    [("", False, "127.0.0.1"), ("192.0.2.1", False, "127.0.0.1"), ("192.0.2.1, 127.0.0.0/8", True, "198.51.100.9")],
)
def test_forwarded_headers_are_believed_of_trusted_proxies_alone(
    serve: Serve, trusted: str, secure: bool, address: str
) -> None:
    server = serve(WHETSTONE_TRUSTED_PROXIES=trusted)
    database = Database(new_database(server.data_dir))
    with database.write() as connection:
        service.add(connection, "ada", PASSWORD, Role.learner, datetime.now(UTC))
    database.close()
    headers = {"X-Forwarded-For": "203.0.113.66, 198.51.100.9", "X-Forwarded-Proto": "https"}
    assert ("secure" in login_cookie(server, **headers).lower()) is secure
    assert address_of_ada(server) == address
