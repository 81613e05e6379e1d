"""The publish gate over HTTP: who may use it, what its page tells, what becomes of runs that are cut short."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from list_cast import MAY_NOT, cast

from app.authoring import gate, gate_runs
from app.authoring.gate_record import Waiver, finding_key
from app.authoring.gate_runs import Run, record_of
from app.authoring.guarded import Stopped
from app.languages import NOTHING, as_is
from app.main import create_app
from app.settings import Settings
from app.web import gate_desk

CARD = (
    "id: fresh-card\nkind: flashcard\ndifficulty: 2\nminutes: 1\nstatus: draft\n"
    "prompt: {en: 'Why?', zh: 为何？}\nanswer: {en: So., zh: 所以。}\nsources: [A book]\n"
)
BROKEN = CARD.replace("answer: {en: So., zh: 所以。}", "answer: {en: It is 5., zh: 所以。}")


@pytest.fixture
def people(settings: Settings, clock: Any) -> Iterator[dict[str, TestClient]]:
    with cast(settings, clock) as made:
        yield made


def send(client: TestClient, yaml: str = CARD, question_id: str = "fresh-card", topic: str = "iou") -> int:
    answer = client.post(f"/admin/questions/{question_id}/gate", data={"yaml": yaml, "topic": topic})
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].removeprefix("/admin/gate/"))


def ended(client: TestClient, run_id: int) -> dict[str, Any]:
    """The run once it is over, as the API tells it."""
    pause = threading.Event()
    while True:
        told: dict[str, Any] = client.get(f"/api/admin/gate/{run_id}").json()
        if told["state"] not in ("queued", "running"):
            return told
        pause.wait(0.02)


class Held:
    """The gate's checks, held back until they are let go; counts how often they are begun."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.go = threading.Event()
        self.texts: list[str] = []

    def run(self, asked: Any, _ground: Any, _sandbox: Any, on_progress: Any, stopped: Any, _proven: Any) -> list[Any]:
        self.texts.append(asked.yaml)
        on_progress(gate.Progress("texts", 3, 7))
        self.begun.release()
        while not self.go.wait(0.01):
            if stopped.is_set():
                raise Stopped
        return []


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    made = Held()
    monkeypatch.setattr(gate_desk.gate, "run", made.run)
    return made


@pytest.mark.parametrize("who", ["stranger", "learner", "editor", "admin"])
def test_only_keepers_may_use_the_gate(people: dict[str, TestClient], who: str) -> None:
    run_id = send(people["editor"])
    data = {"yaml": CARD, "topic": "iou"}
    assert people[who].post("/admin/questions/fresh-card/gate", data=data).status_code == MAY_NOT.get(who, 303)
    assert people[who].get(f"/admin/gate/{run_id}").status_code == MAY_NOT.get(who, 200)
    api = {"stranger": 401, "learner": 403}.get(who, 200)
    assert people[who].get(f"/api/admin/gate/{run_id}").status_code == api


def test_sound_text_passes_and_the_page_says_so(client: TestClient) -> None:
    run_id = send(client)
    told = ended(client, run_id)
    assert (told["state"], told["passed"], told["findings"]) == ("done", True, [])
    page = client.get(f"/admin/gate/{run_id}").text
    assert "Nothing found. The question can be published." in page
    assert "hx-get" not in page


def test_finding_stands_at_its_field_with_its_line_and_mend(client: TestClient) -> None:
    run_id = send(client, BROKEN)
    told = ended(client, run_id)
    (found,) = told["findings"]
    assert (found["field"], found["line"], found["step"], found["can_be_waived"]) == ("answer", 7, "texts", True)
    page = client.get(f"/admin/gate/{run_id}").text
    section = re.search(r"<section.*?</section>", page, re.S)
    assert section
    for text in ("<code>answer</code>", "line 7, column", found["message"], found["mend"]):
        assert text in unescape(section[0])


def test_html_in_a_finding_is_escaped(client: TestClient) -> None:
    run_id = send(client, CARD + '"<script>alert(1)</script>": 1\n')
    ended(client, run_id)
    page = client.get(f"/admin/gate/{run_id}").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_fragment_comes_only_when_there_is_something_new(client: TestClient, held: Held) -> None:
    run_id = send(client)
    held.begun.acquire()
    htmx = {"hx-request": "true"}
    first = client.get(f"/admin/gate/{run_id}", headers=htmx)
    seen = re.search(r"seen=([^\"]+)", first.text)
    assert seen
    assert "3 of 7" in first.text
    assert client.get(f"/admin/gate/{run_id}?seen={seen[1]}", headers=htmx).status_code == 204
    held.go.set()
    ended(client, run_id)
    last = client.get(f"/admin/gate/{run_id}?seen={seen[1]}", headers=htmx)
    assert last.status_code == 200
    assert "hx-get" not in last.text


def test_same_text_asked_twice_is_one_run_and_a_newer_one_takes_its_place(client: TestClient, held: Held) -> None:
    first = send(client)
    held.begun.acquire()
    assert send(client) == first
    second = send(client, CARD + "tags: [b]\n")
    held.begun.acquire()
    assert client.get(f"/api/admin/gate/{first}").json()["state"] == "cancelled"
    held.go.set()
    assert ended(client, second)["state"] == "done"
    assert [text.count("tags") for text in held.texts] == [0, 1]


def test_run_that_a_stop_cut_short_is_begun_again(settings: Settings, clock: Any, held: Held) -> None:
    def app() -> TestClient:
        made = create_app(settings, clock, lambda: clock.at.timestamp())
        return TestClient(made, base_url="http://127.0.0.1:8000", follow_redirects=False)

    with app() as client:
        run_id = send(client)
        held.begun.acquire()
        waiting = send(client, CARD.replace("fresh-card", "other-card"), "other-card")
    held.go.set()
    with app() as client:
        assert ended(client, run_id)["state"] == "done"
        assert ended(client, waiting)["state"] == "done"
    assert len(held.texts) == 3


def test_check_that_breaks_is_told_as_the_servers_fault(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(gate_desk.gate, "run", broken)
    run_id = send(client)
    told = ended(client, run_id)
    assert (told["state"], told["passed"]) == ("broken", False)
    assert "The check itself broke" in client.get(f"/admin/gate/{run_id}").text


def test_what_was_proved_before_counts_for_the_same_text(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    ended(client, send(client))
    heard: list[Any] = []
    real: Callable[..., Any] = gate.run

    def noted(*given: Any) -> Any:
        heard.append(given[-1])
        return real(*given)

    monkeypatch.setattr(gate_desk.gate, "run", noted)
    ended(client, send(client))
    ended(client, send(client, CARD + "tags: [b]\n"))
    assert heard == [(), None]


def test_unknown_run_topic_and_question_are_not_found(client: TestClient) -> None:
    assert client.get("/admin/gate/99").status_code == 404
    assert client.get("/api/admin/gate/99").status_code == 404
    assert client.post("/admin/questions/fresh-card/gate", data={"yaml": CARD, "topic": "no"}).status_code == 404
    assert client.post("/admin/questions/No!/gate", data={"yaml": CARD, "topic": "iou"}).status_code == 404


def run_of(*told: gate.Told, state: str = "done", clock: Any) -> Run:
    return Run(1, 1, "q", "iou", "", "", "", state, "", 0, 0, told, clock(), clock())


def test_only_what_may_be_waived_is_waived_in_the_record(clock: Any) -> None:
    def told(step: gate.Step, kind: Any) -> gate.Told:
        return gate.Told(step, kind, "", 1, 1, NOTHING, as_is(f"{step} {kind}"), as_is("mend"))

    both = (told("schema", "fault"), told("texts", "fault"))
    waivers = [Waiver(finding=finding_key("", it.message), reason="It is right as it is.") for it in both]
    assert [it.message for it in record_of(run_of(*both, clock=clock), waivers).standing] == ["schema fault"]
    assert record_of(run_of(both[1], clock=clock), waivers).lets_through
    assert not record_of(run_of(told("oracle", "not_checked"), clock=clock), waivers).lets_through
    assert record_of(run_of(told("oracle", "note"), clock=clock), []).lets_through
    for state in ("queued", "running", "broken", "cancelled"):
        assert not record_of(run_of(state=state, clock=clock), waivers).lets_through


def test_other_peoples_runs_are_not_cancelled(people: dict[str, TestClient], held: Held) -> None:
    first = send(people["editor"])
    held.begun.acquire()
    second = send(people["admin"], CARD + "tags: [b]\n")
    held.go.set()
    assert ended(people["admin"], first)["state"] == "done"
    assert ended(people["admin"], second)["state"] == "done"
    assert gate_runs.UNFINISHED == ("queued", "running")
