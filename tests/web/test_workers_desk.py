"""The pages while workers grade: they show the same as with grading in the server's own process."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from local_stage import LOCAL, Clock
from prometheus_client.exposition import generate_latest
from test_interview_pages import score_of, start
from workers_yard import Yard, eventually, on_postgresql_only, yard_in

from app.grading import jobs
from app.main import create_app
from app.practice import coding
from app.settings import Settings
from app.web import workers_desk

pytestmark = on_postgresql_only
CODE = "def iou(a, b):\n    return 0.0\n"
HELD = "# hold go\n" + CODE


@pytest.fixture
def client(settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(jobs, "DEAD_AFTER_S", 2.0)  # as the workers here have it
    monkeypatch.setattr(workers_desk, "LOOK_S", 0.2)
    app = create_app(replace(settings, graders="workers"), clock, lambda: clock.at.timestamp())
    with TestClient(app, base_url=LOCAL, follow_redirects=False) as made:
        yield made


@pytest.fixture
def yard(client: TestClient, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    with yard_in(tmp_path_factory.mktemp("yard"), settings.database_url) as made:
        yield made


def hire(client: TestClient, yard: Yard, name: str = "one", libs: str = "numpy") -> None:
    yard.hire(name, "--concurrency", "1", "--libs", libs)
    eventually(lambda: client.app.state.services.grading.available(libs))  # type: ignore[attr-defined]  # a FastAPI app


def send(client: TestClient, code: str = CODE, question: str = "iou") -> Any:
    return client.post("/api/submissions", json={"question_id": question, "code": code, "mode": "submit"})


def state(client: TestClient, submission_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/submissions/{submission_id}").json()
    return found


def page(client: TestClient, submission_id: str) -> str:
    return re.sub(r"\s+", " ", client.get(f"/code/submissions/{submission_id}").text)


def status_is(client: TestClient, submission_id: str, status: str) -> Callable[[], bool]:
    return lambda: state(client, submission_id)["status"] == status


def test_code_is_graded_by_a_worker(client: TestClient, yard: Yard) -> None:
    hire(client, yard)
    sent = send(client).json()["id"]
    eventually(status_is(client, sent, "done"), yard.describe)
    assert state(client, sent)["verdict"] == "accepted"
    assert len(yard.begun()) == 1


def test_without_a_worker_the_page_says_so_and_takes_no_code(client: TestClient) -> None:
    said = "Nothing that grades this question&#39;s code runs just now"
    assert said in client.get("/code/iou").text
    refused = send(client)
    assert refused.status_code == 503
    assert "Your code is safe" in refused.json()["detail"]
    client.cookies.set("whetstone_lang", "zh")
    assert "目前没有可以评这道题代码的评测机在运行" in client.get("/code/iou").text


def test_without_a_worker_an_interview_with_code_says_that_it_has_to_wait(client: TestClient) -> None:
    refused = client.post("/api/interviews", json={"blueprint": "hand-write-30"})
    assert refused.status_code == 503
    assert "this interview asks for code" in refused.json()["detail"]
    assert client.post("/api/interviews", json={"blueprint": "warm-up-20"}).status_code == 201


def test_torch_is_taken_while_a_worker_declares_it(client: TestClient, yard: Yard) -> None:
    hire(client, yard, "plain")
    bank = client.app.state.services.bank  # type: ignore[attr-defined]  # as above
    torch = next(it.question.id for it in bank.published if it.question.kind == "code" and it.question.lib == "torch")
    assert send(client, question=torch).status_code == 503
    assert send(client).status_code == 202
    hire(client, yard, "heavy", "torch")
    assert send(client, question=torch).status_code == 202


def test_what_waits_for_a_worker_that_is_gone_waits_on_and_says_so(client: TestClient, yard: Yard) -> None:
    hire(client, yard)
    first = send(client, HELD).json()["id"]
    eventually(lambda: len(yard.begun()) == 1)
    waits = send(client, question="nms").json()["id"]
    yard.kill("one")
    eventually(lambda: "Nothing that could grade this runs just now" in page(client, waits))
    assert state(client, waits)["status"] == "queued"
    eventually(status_is(client, first, "queued"))
    yard.open("go")
    hire(client, yard, "two")
    eventually(status_is(client, waits, "done"), yard.describe)
    eventually(status_is(client, first, "done"), yard.describe)


def test_page_says_how_far_it_is_and_how_many_are_ahead(client: TestClient, yard: Yard) -> None:
    hire(client, yard)
    first = send(client, HELD).json()["id"]
    eventually(lambda: "Running case 2 of 3" in page(client, first))
    second = send(client, question="nms").json()["id"]
    third = send(client, question="soft-nms").json()["id"]
    assert "Waiting<" in page(client, second)
    assert "Waiting, 1 ahead<" in page(client, third)
    with yard.db.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.took_s = 3.5; RETURN NEW; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER slow BEFORE UPDATE ON grading_worker FOR EACH ROW EXECUTE FUNCTION slow()"
        )
    eventually(lambda: "Waiting, 1 ahead, about 7 s<" in page(client, third))
    yard.open("go")
    eventually(status_is(client, third, "done"))


def test_sending_again_cancels_the_one_before_on_its_worker(client: TestClient, yard: Yard) -> None:
    hire(client, yard)
    first = send(client, HELD).json()["id"]
    eventually(lambda: len(yard.begun()) == 1)
    second = send(client).json()["id"]
    assert state(client, first)["status"] == "cancelled"
    eventually(status_is(client, second, "done"), yard.describe)
    assert state(client, first)["status"] == "cancelled"


@pytest.mark.parametrize("limit", ["MAX_UNFINISHED_OF_ONE", "MAX_UNFINISHED"])
def test_too_much_that_waits_is_refused(
    client: TestClient, yard: Yard, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(coding, limit, 1)
    hire(client, yard)
    first = send(client, HELD).json()["id"]
    assert send(client, question="nms").status_code == 503
    assert yard.line() == [first]
    yard.open("go")
    eventually(status_is(client, first, "done"))
    assert send(client, question="nms").status_code == 202


def test_events_come_from_the_worker(client: TestClient, yard: Yard) -> None:
    hire(client, yard)
    sent = send(client).json()["id"]
    told = client.get(f"/code/submissions/{sent}/events").text  # until the end
    assert told.split("event: ")[-1].startswith("end\n")


def test_news_are_heard_again_after_the_connection_was_lost(client: TestClient, yard: Yard) -> None:
    hire(client, yard)
    sent = send(client, HELD).json()["id"]
    eventually(lambda: len(yard.begun()) == 1)
    with yard.db.engine.begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND query LIKE 'LISTEN%%'"
        )
    yard.open("go")
    assert "event: end" in client.get(f"/api/submissions/{sent}/events").text


def test_submission_that_is_in_no_line_is_put_there(client: TestClient, yard: Yard) -> None:
    hire(client, yard)
    sent = send(client, HELD).json()["id"]
    eventually(lambda: len(yard.begun()) == 1)
    yard.kill("one")
    with yard.db.write() as connection:
        connection.exec_driver_sql("DELETE FROM procrastinate_jobs")
    yard.open("go")
    hire(client, yard, "two")
    eventually(status_is(client, sent, "done"), yard.describe)


def test_question_is_known_to_the_worker_as_it_was_asked(client: TestClient, yard: Yard) -> None:
    hire(client, yard)
    sent = send(client).json()["id"]
    eventually(status_is(client, sent, "done"))
    bank = client.app.state.services.bank  # type: ignore[attr-defined]  # as above
    with yard.db.read() as connection:
        kept = connection.exec_driver_sql("SELECT hash FROM frozen_question").scalars()
        assert bank.questions["iou"].hash in set(kept)


def test_code_of_an_interview_is_marked_by_a_worker(client: TestClient, yard: Yard) -> None:
    hire(client, yard)
    yard.hire("heavy", "--concurrency", "1", "--libs", "torch")  # whichever library the paper asks for
    address = start(client, quick_count="0", code_count="1", code_minutes="20", realistic="true")
    code = "# solved\n" + CODE
    headers = {"content-type": "text/plain; charset=utf-8"}
    assert client.put(f"{address}/1/draft", content=code.encode(), headers=headers).status_code == 200
    run = client.post(f"{address}/1/runs", data={"code": HELD}, headers={"HX-Request": "true"})
    assert run.status_code == 202
    eventually(lambda: len(yard.begun()) == 1)
    client.put(f"{address}/1/draft", content=code.encode(), headers=headers)
    client.post(f"{address}/hand-in")
    yard.open("go")
    eventually(lambda: score_of(client, address)["questions"][0]["state"] == "right", yard.describe)
    assert len(yard.begun()) == 2


def test_metrics_tell_of_the_line_and_of_who_works(client: TestClient, yard: Yard) -> None:
    hire(client, yard)
    send(client, HELD)
    send(client, question="nms")
    for which in ("running", "waiting"):
        eventually(lambda line=f'whetstone_queue_submissions{{state="{which}"}} 1.0': line in metrics(client))
    assert 'whetstone_worker_places{libs="numpy"} 1.0' in metrics(client)
    yard.open("go")


def metrics(client: TestClient) -> str:
    registry = client.app.state.services.meters.registry  # type: ignore[attr-defined]  # as above
    return generate_latest(registry).decode()


def test_two_servers_share_the_workers(
    client: TestClient, yard: Yard, settings: Settings, clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    hire(client, yard)
    other = replace(settings, data_dir=Path(tmp_path_factory.mktemp("other")), graders="workers")
    with TestClient(create_app(other, clock, lambda: clock.at.timestamp()), base_url=LOCAL) as second:
        sent = send(client, HELD).json()["id"]
        eventually(lambda: "Running case 2 of 3" in page(second, sent))
        yard.open("go")
        eventually(status_is(second, sent, "done"))
    assert len(yard.begun()) == 1
