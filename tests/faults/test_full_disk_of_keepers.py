"""No room left while the bank is kept: what can't be stored is refused in plain words, nothing is lost, and what the
folder had no room for is written once it has."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from processes import eventually
from small_server import full
from whetstone_server import Server

NAME = "doubling-card"
AT = f"/api/admin/questions/{NAME}"
FULL = "The server's disk is full, so nothing more can be stored."
CARD = f"""\
id: {NAME}
kind: flashcard
difficulty: 1
minutes: 1
covers: [f1]
sources: ["made for a test"]
prompt: {{en: "What does doubling do?", zh: "加倍做什么？"}}
answer: {{en: "It adds a number to itself.", zh: "把数自己加自己。"}}
"""
LONG = "".join(f"# {'room is what this takes ' * 4}{n}\n" for n in range(500))  # more than any page that is half full


def ask(server: Server, method: str, path: str, body: bytes, kind: str) -> tuple[int, Any]:
    headers = {"content-type": kind, "origin": server.origin, "accept": "application/json"}
    request = urllib.request.Request(server.origin + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def save(server: Server, yaml: str, base: str | None) -> str:
    """Save a text as ready; its hash."""
    body = {"yaml": yaml, "base_hash": base, "topic": "doubling"}
    status, said = ask(server, "PUT", AT, json.dumps(body).encode(), "application/json")
    assert status == 200, said
    return str(json.loads(said)["hash"])


def publish(server: Server, digest: str) -> tuple[int, dict[str, Any]]:
    """Publish the text; whatever the checks have against so small a bank is waived."""
    status, said = server.post(f"{AT}/publish", {"hash": digest})
    if status == 422:
        waivers = [{"finding": it["key"], "reason": "a bank of one topic"} for it in said["findings"]]
        status, said = server.post(f"{AT}/publish", {"hash": digest, "waivers": waivers})
    return status, said


def page(server: Server, path: str) -> str:
    with urllib.request.urlopen(server.origin + path, timeout=30) as shown:
        return str(shown.read().decode())


def keep_draft(server: Server, yaml: str) -> tuple[int, str]:
    form = urllib.parse.urlencode({"yaml": yaml, "base_number": "1"}).encode()
    return ask(server, "PUT", f"/admin/questions/{NAME}/draft", form, "application/x-www-form-urlencoded")


@pytest.mark.sqlite  # whose file is on the full disk; test_full_disk_of_postgresql.py has a full server's
def test_publish_that_the_database_has_no_room_for_publishes_nothing(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(mounts={"small": {str(tmp_path / "data"): 24}})
    digest = save(server, LONG + CARD, None)
    with full(server):
        status, problem = publish(server, digest)
        assert status == 503, problem
        assert problem["detail"] == FULL
        assert "this was not saved" in problem["advice"]
        found = server.json(AT)
        assert (found["published"], found["hash"], len(found["revisions"])) == (None, digest, 1)
        with pytest.raises(urllib.error.HTTPError, match="404"):
            page(server, f"/q/{NAME}")
    status, done = publish(server, digest)
    assert status == 200, done
    assert "What does doubling do?" in page(server, f"/q/{NAME}")


@pytest.mark.sqlite  # whose file is on the full disk; test_full_disk_of_postgresql.py has a full server's
def test_draft_that_there_is_no_room_for_leaves_the_one_before(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(mounts={"small": {str(tmp_path / "data"): 24}})
    save(server, CARD, None)
    assert keep_draft(server, CARD + "# the first draft\n")[0] == 200
    with full(server):
        status, said = keep_draft(server, LONG * 4 + CARD + "# the second draft\n")
        assert status == 503
        assert "disk is full" in said
        assert "# the first draft" in page(server, f"/admin/questions/{NAME}/edit")
    assert keep_draft(server, CARD + "# the second draft\n")[0] == 200
    assert "# the second draft" in page(server, f"/admin/questions/{NAME}/edit")


def test_publish_that_the_folder_has_no_room_for_is_seen_at_once_and_written_later(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(mounts={"small": {str(tmp_path / "questions"): 2}})
    inside = Path(f"/proc/{server.pid}/root{tmp_path / 'questions'}")
    file = inside / "cnn" / "doubling.yaml"
    before = file.read_bytes()
    digest = save(server, LONG + CARD, None)
    with full(server, tmp_path / "questions"):
        status, done = publish(server, digest)
        assert status == 200, done
        assert "What does doubling do?" in page(server, f"/q/{NAME}")
        assert file.read_bytes() == before
        waiting = page(server, "/admin/conflicts")
        assert NAME in waiting
        assert "No space left on device" in waiting
        assert sorted(it.name for it in file.parent.iterdir()) == ["doubling.yaml"]
    eventually(lambda: f"id: {NAME}" in file.read_text(encoding="utf-8"))
    eventually(lambda: "No space left" not in page(server, "/admin/conflicts"))
