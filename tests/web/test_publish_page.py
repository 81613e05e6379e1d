"""The publish page: the gate's word first, then what becomes of memories, a waiver only with its reason."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from keepers import log_in, revised, school, services, text_in_folder
from test_templates import Outline
from tight_interview import leave_only, offer

from app.authoring import revisions
from app.settings import Settings

QUESTION = "nms-true-statements"
AT = f"/admin/questions/{QUESTION}"


@pytest.fixture
def held(settings: Settings, clock: Any) -> Iterator[TestClient]:
    with school(settings, clock) as made:
        revised(made, QUESTION)
        log_in(made, "eve")
        yield made


def saved(client: TestClient, yaml: str) -> int:
    """Send a text to be published, and wait until the gate is through; the run."""
    answer = client.post(
        f"{AT}/edit", data={"yaml": yaml, "base_number": head(client).head_number, "action": "publish"}
    )
    assert answer.status_code == 303, answer.text
    run = int(answer.headers["location"].rpartition("=")[2])
    return gone_through(client, run)


def gone_through(client: TestClient, run: int) -> int:
    pause = threading.Event()
    for _ in range(600):
        if services(client).gate.state(run).is_over:
            return run
        pause.wait(0.1)  # nothing tells that a run is over but asking it again
    raise AssertionError("the gate did not end")


def head(client: TestClient) -> revisions.Head:
    with services(client).db.read() as connection:
        found = revisions.head(connection, QUESTION)
    assert found
    return found


def test_only_editors_and_admins_publish(held: TestClient) -> None:
    yaml = text_in_folder(held, QUESTION) + "# new\n"
    run = saved(held, yaml)
    asked = [("GET", f"{AT}/publish"), ("GET", f"{AT}/publish/gate?run={run}"), ("POST", f"{AT}/publish/checks")]
    form = {"run": str(run), "base_number": "2", "memories": "keep"}
    for name in (None, "ada"):
        log_in(held, name)
        for method, path in [*asked, ("POST", f"{AT}/publish")]:
            refused = held.request(method, path, data=form if method == "POST" else None)
            assert refused.status_code == (303 if name is None else 403), path
    assert head(held).published_number == 1
    log_in(held, "root")
    for method, path in asked:
        assert held.request(method, path).status_code in (200, 303), path


def test_sound_text_is_published_once_the_checks_have_passed(held: TestClient) -> None:
    yaml = text_in_folder(held, QUESTION) + "# new\n"
    run = saved(held, yaml)
    page = held.get(f"{AT}/publish?run={run}").text
    assert "Every check passed." in page
    form = {"run": str(run), "base_number": "2", "memories": "keep", "note": "a remark"}
    answer = held.post(f"{AT}/publish", data=form)
    assert answer.status_code == 303, answer.text
    assert head(held).published_number == head(held).head_number == 3
    assert held.get(f"{AT}/publish").text.count("Learners see this revision already.") == 1


def test_nothing_is_published_without_checks_of_the_very_text(held: TestClient) -> None:
    yaml = text_in_folder(held, QUESTION)
    old = saved(held, yaml + "# first\n")
    held.post(f"{AT}/edit", data={"yaml": yaml + "# second\n", "base_number": "2", "action": "ready"})
    for run in ("", "999", str(old)):
        answer = held.post(f"{AT}/publish", data={"run": run, "base_number": "3", "memories": "keep"})
        assert answer.status_code in (404, 409), run
    assert head(held).published_number == 1


def test_fault_is_waived_with_a_reason_or_not_at_all(held: TestClient) -> None:
    yaml = text_in_folder(held, QUESTION).replace("硬）NMS", "硬）非最大抑制")  # a variant that the glossary avoids
    run = saved(held, yaml)
    shown = held.get(f"{AT}/publish?run={run}").text
    keys = [it["name"] for it in Outline(shown).all("input") if (it.get("name") or "").startswith("waive-")]
    assert keys
    form = {"run": str(run), "base_number": "2", "memories": "keep"}
    assert held.post(f"{AT}/publish", data=form).status_code == 422
    assert held.post(f"{AT}/publish", data=form | dict.fromkeys(map(str, keys), " ")).status_code == 422
    assert head(held).published_number == 1
    answer = held.post(f"{AT}/publish", data=form | dict.fromkeys(map(str, keys), "the source words it so"))
    assert answer.status_code == 303, answer.text
    with services(held).db.read() as connection:
        gate = revisions.version(connection, QUESTION, 3).gate
    assert gate
    assert {it["reason"] for it in gate["waivers"]} == {"the source words it so"}


def test_change_of_the_key_proposes_to_reset_memories(held: TestClient) -> None:
    yaml = text_in_folder(held, QUESTION)
    cosmetic = saved(held, yaml.replace("minutes: 2", "minutes: 3"))
    assert chosen(held.get(f"{AT}/publish?run={cosmetic}").text) == "keep"
    changed = saved(held, yaml.replace("  correct: true\n", "", 1))
    page = held.get(f"{AT}/publish?run={changed}").text
    assert chosen(page) == "reset"
    assert re.findall(r"<code>options\.\d\.correct</code>", page)


def chosen(page: str) -> str | None:
    return next(it["value"] for it in Outline(page).all("input") if it.get("name") == "memories" and "checked" in it)


def test_version_that_would_take_an_interview_away_is_told_of_and_not_published(held: TestClient) -> None:
    names = offer(services(held))
    leave_only(services(held), names)
    name, page = names[0], f"/admin/questions/{names[0]}"
    revised(held, name)
    yaml = text_in_folder(held, name)
    longer = re.sub(r"^minutes: .*$", "minutes: 30", yaml, flags=re.MULTILINE)
    form = {"yaml": longer, "base_number": "1", "action": "publish"}
    run = int(held.post(f"{page}/edit", data=form).headers["location"].rpartition("=")[2])
    gone_through(held, run)
    shown = held.get(f"{page}/publish?run={run}").text
    assert "interview could no longer be drawn" in shown
    assert "A tight one" in shown
    changes = held.get(f"/api/admin/questions/{name}/changes").json()
    assert changes["interviews"] == ["tight"]
    reasons = {it["name"]: "it may stand all the same" for it in waivers(shown)}
    refused = held.post(f"{page}/publish", data=reasons | {"run": str(run), "base_number": "2", "memories": "keep"})
    assert refused.status_code == 409
    assert "tight" in refused.text
    waived = [{"finding": key.removeprefix("waive-"), "reason": reason} for key, reason in reasons.items()]
    asked = {"hash": held.get(f"/api/admin/questions/{name}").json()["hash"], "waivers": waived}
    assert held.post(f"/api/admin/questions/{name}/publish", json=asked).status_code == 409
    with services(held).db.read() as connection:
        known = revisions.head(connection, name)
    assert known
    assert known.published_number == 1
    services(held).shelf.blueprints = {}
    assert held.post(f"/api/admin/questions/{name}/publish", json=asked).status_code == 200


def waivers(page: str) -> list[dict[str, str]]:
    found = Outline(page).all("input")
    return [{"name": str(it["name"])} for it in found if (it.get("name") or "").startswith("waive-")]
