"""The keepers' JSON API: texts by their hash, nothing lost between two writers, nothing published against the gate."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.accounts.audit import events
from app.accounts.models import Role
from app.accounts.service import accounts, local_learner
from app.authoring import gate_runs
from app.authoring.gate_record import finding_key
from app.authoring.models import GateRun
from app.authoring.single import text_hash
from app.web.services import Services


@pytest.fixture
def name(client: TestClient) -> str:
    """A single-choice question of the bank."""
    bank = services(client).bank
    return next(it.question.id for it in bank.published if it.question.kind == "single-choice")


def services(client: TestClient) -> Services:
    found: Services = client.app.state.services  # type: ignore[attr-defined]
    return found


def at(name: str, step: str = "") -> str:
    return f"/api/admin/questions/{name}{step}"


def read(client: TestClient, name: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(at(name)).json()
    return found


def save(client: TestClient, name: str, yaml: str, base: str | None, **more: Any) -> Any:
    return client.put(at(name), json={"yaml": yaml, "base_hash": base, "note": "mended", **more})


def with_comment(yaml: str) -> str:
    return yaml + "# seen by two people\n"


def test_text_comes_with_its_hash_and_history(client: TestClient, name: str) -> None:
    found = read(client, name)
    assert found["yaml"].startswith(f"id: {name}\n") or f"\nid: {name}\n" in found["yaml"]
    assert found["hash"] == text_hash(found["yaml"])
    assert (found["status"], found["published"], found["conflict"]) == ("published", 1, None)
    assert [(it["number"], it["hash"]) for it in found["revisions"]] == [(1, found["hash"])]


def test_saved_text_is_not_seen_by_learners(client: TestClient, name: str) -> None:
    found = read(client, name)
    before = services(client).bank.questions[name]
    saved = save(client, name, with_comment(found["yaml"]), found["hash"])
    assert saved.status_code == 200
    assert (saved.json()["status"], saved.json()["published"]) == ("ready", 1)
    assert saved.json()["revisions"][0]["note"] == "mended"
    assert services(client).bank.questions[name] is before


def test_second_writer_gets_the_newest_text_and_its_hash(client: TestClient, name: str) -> None:
    found = read(client, name)
    first = save(client, name, with_comment(found["yaml"]), found["hash"]).json()
    second = save(client, name, found["yaml"] + "# another\n", found["hash"])
    assert second.status_code == 409
    assert second.headers["content-type"] == "application/problem+json"
    assert (second.json()["yaml"], second.json()["hash"]) == (first["yaml"], first["hash"])
    assert save(client, name, found["yaml"] + "# another\n", first["hash"]).status_code == 200


def test_unsound_text_is_refused_with_its_faults_placed_and_kept_as_a_draft(client: TestClient, name: str) -> None:
    found = read(client, name)
    broken = re.sub(r"(?m)^kind: .*$", "kind: single-chioce", found["yaml"])
    refused = save(client, name, broken, found["hash"])
    assert refused.status_code == 422
    (finding,) = refused.json()["findings"]
    assert broken.split("\n")[finding["line"] - 1].startswith("kind:")
    assert "single-choice" in finding["mend"]
    kept = save(client, name, broken, found["hash"], draft=True)
    assert kept.json()["status"] == "draft"
    assert client.post(at(name, "/publish"), json={"hash": kept.json()["hash"]}).status_code == 422


def test_new_question_needs_a_topic_and_an_id_of_its_own(client: TestClient, name: str) -> None:
    found = read(client, name)
    yaml = found["yaml"].replace(name, "a-new-question")
    assert save(client, "a-new-question", yaml, None).status_code == 404
    assert save(client, "a-new-question", yaml, None, topic=found["topic"]).status_code == 200
    assert save(client, "another", yaml, None, topic=found["topic"]).status_code == 422
    assert save(client, name, found["yaml"], None).status_code == 409
    assert save(client, "missing", yaml, "0" * 64, topic=found["topic"]).status_code == 404
    assert "a-new-question" not in services(client).bank.questions


def test_published_text_is_live_at_once(client: TestClient, name: str) -> None:
    found = read(client, name)
    title = services(client).bank.questions[name].question.prompt.en
    yaml = found["yaml"].replace(title[:12], f"Mended, {title[:12]}", 1)
    assert yaml != found["yaml"]
    saved = save(client, name, yaml, found["hash"]).json()
    told = client.get(at(name, "/changes")).json()
    assert [it["is_meaning"] for it in told["fields"] if it["field"] == "prompt.en"] == [True]
    assert (told["proposal"], told["learners"]) == ("reset", 0)
    done = client.post(at(name, "/publish"), json={"hash": saved["hash"], "note": "out it goes", "memories": "keep"})
    assert done.status_code == 200, done.text
    assert done.json()["number"] == 3
    assert client.get(f"/api/questions/{name}").json()["prompt_html"].find("Mended,") >= 0
    now = read(client, name)
    assert (now["status"], now["published"], now["revisions"][0]["note"]) == ("published", 3, "out it goes")
    again = client.post(at(name, "/publish"), json={"hash": now["hash"]})
    assert again.status_code == 409


def test_publishing_an_older_text_is_a_conflict(client: TestClient, name: str) -> None:
    found = read(client, name)
    saved = save(client, name, with_comment(found["yaml"]), found["hash"]).json()
    refused = client.post(at(name, "/publish"), json={"hash": found["hash"]})
    assert refused.status_code == 409
    assert refused.json()["hash"] == saved["hash"]


@pytest.fixture
def faulty(client: TestClient, name: str) -> dict[str, Any]:
    """A ready text in which the gate has found a fault that may be waived."""
    found = read(client, name)
    saved: dict[str, Any] = save(client, name, with_comment(found["yaml"]), found["hash"]).json()
    fault = {
        "step": "texts", "kind": "fault", "field": "options", "line": 3, "column": 1,
        "where": "option 1", "message": "the longest option is the right one", "mend": "make it shorter",
    }  # fmt: skip
    with services(client).db.write() as connection:
        by = local_learner(connection)
        assert by is not None
        asked = gate_runs.Asked(name, services(client).bank.topics[saved["topic"]], saved["yaml"])
        run = gate_runs.ask(connection, asked, by, services(client).clock())
        table = GateRun.__table__  # type: ignore[attr-defined]
        connection.execute(update(table).where(table.c.id == run.id).values(state="done", findings=[fault]))
    return saved


def test_gate_refuses_until_every_finding_is_waived_with_a_reason(
    client: TestClient, name: str, faulty: dict[str, Any]
) -> None:
    refused = client.post(at(name, "/publish"), json={"hash": faulty["hash"]})
    assert refused.status_code == 422
    (finding,) = refused.json()["findings"]
    assert finding["key"] == finding_key("option 1", "the longest option is the right one")
    assert read(client, name)["published"] == 1
    for reason in ("", "  \r\n "):
        no_reason = {"hash": faulty["hash"], "waivers": [{"finding": finding["key"], "reason": reason}]}
        assert client.post(at(name, "/publish"), json=no_reason).status_code == 422
    other = {"hash": faulty["hash"], "waivers": [{"finding": "0" * 16, "reason": "it is fine"}]}
    assert client.post(at(name, "/publish"), json=other).status_code == 422
    waived = {"hash": faulty["hash"], "waivers": [{"finding": finding["key"], "reason": "all are of one length"}]}
    assert client.post(at(name, "/publish"), json=waived).status_code == 200
    with services(client).db.read() as connection:
        details = connection.execute(select(events.c.details).where(events.c.action == "question.publish")).scalar()
    assert details["waived"] == ["all are of one length"]


def test_retired_question_is_gone_for_learners_and_restored_as_a_draft(client: TestClient, name: str) -> None:
    found = read(client, name)
    assert client.post(at(name, "/retire"), json={"hash": "0" * 64}).status_code == 409
    gone = client.post(at(name, "/retire"), json={"hash": found["hash"], "note": "dated"})
    assert (gone.json()["status"], gone.json()["published"]) == ("retired", None)
    assert client.get(f"/api/questions/{name}").status_code == 404
    assert client.post(at(name, "/retire"), json={}).status_code == 409
    back = client.post(at(name, "/restore"), json={"number": 1})
    assert back.json()["status"] == "draft"
    assert client.get(f"/api/questions/{name}").status_code == 404
    assert client.post(at(name, "/restore"), json={"number": 99}).status_code == 404
    done = client.post(at(name, "/publish"), json={"hash": back.json()["hash"]})
    assert done.status_code == 200, done.text
    assert client.get(f"/api/questions/{name}").status_code == 200


def requests(name: str) -> list[tuple[str, str, Any]]:
    return [
        ("GET", at(name), None),
        ("GET", at(name, "/changes"), None),
        ("PUT", at(name), {"yaml": "id: x", "base_hash": None}),
        ("POST", at(name, "/publish"), {"hash": "0" * 64}),
        ("POST", at(name, "/retire"), {"hash": "0" * 64}),
        ("POST", at(name, "/restore"), {"number": 1}),
    ]


@pytest.mark.parametrize(
    ("role", "refusals"), [(Role.learner, {403}), (Role.editor, {200, 409}), (Role.admin, {200, 409})]
)
def test_only_editors_and_admins_may(client: TestClient, name: str, role: Role, refusals: set[int]) -> None:
    with services(client).db.write() as connection:
        connection.execute(update(accounts).values(role=role))
    got = {client.request(method, path, json=body).status_code for method, path, body in requests(name)}
    assert got == refusals


def test_stranger_is_told_to_log_in(client: TestClient, name: str) -> None:
    client.headers["host"] = "whetstone.example"
    got = {client.request(method, path, json=body).status_code for method, path, body in requests(name)}
    assert got == {401}


@pytest.mark.parametrize(
    "yaml", ["", "\0", "a: &a [*a, *a]", "- x", "id: [", "!!python/object:os.system x", "x" * 9999]
)
def test_bad_text_is_a_refusal_and_nothing_more(client: TestClient, name: str, yaml: str) -> None:
    found = read(client, name)
    assert save(client, name, yaml, found["hash"]).status_code == 422
    assert read(client, name) == found


def test_text_that_is_far_too_long_is_refused(client: TestClient, name: str) -> None:
    found = read(client, name)
    assert save(client, name, found["yaml"] + "# " + "x" * 3_000_000, found["hash"]).status_code == 413
    assert save(client, name, found["yaml"] + "# " + "x" * 300_000, found["hash"]).status_code in (413, 422)
