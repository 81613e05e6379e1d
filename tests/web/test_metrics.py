"""What Prometheus is told, and who else is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from prepared import prepare
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError

from app.accounts import logins
from app.errors import Unavailable
from app.main import create_app
from app.settings import ROOT, Settings

LOCAL = "http://127.0.0.1:8000"
TOKEN = "a-token-of-the-tests"
BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A program on the server's own machine, for tests that only read."""
    with _app(tmp_path_factory, "127.0.0.1") as client:
        yield client


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server on a network with a token, and a program elsewhere."""
    with _app(tmp_path_factory, "0.0.0.0", TOKEN) as client:
        yield client


def _app(factory: pytest.TempPathFactory, host: str, token: str | None = None) -> TestClient:
    folder = factory.mktemp("metrics")
    made = Settings(folder, ROOT / "questions", prepare(folder), host, 8000, metrics_token=token)
    peer = ("127.0.0.1", 50_000) if token is None else ("192.0.2.7", 50_000)
    return TestClient(create_app(made), base_url=LOCAL, follow_redirects=False, client=peer)


def samples(client: TestClient, **headers: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Each sample's value by its name and labels."""
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(client: TestClient, name: str, **labels: str) -> float:
    return samples(client)[name, tuple(sorted(labels.items()))]


# --- who may read it ---


def test_program_on_this_machine_reads_it(here: TestClient) -> None:
    assert here.get("/metrics").headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "name", ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"]
)
def test_whom_a_proxy_on_this_machine_speaks_for_is_refused(here: TestClient, name: str) -> None:
    refused = here.get("/metrics", headers={name: "127.0.0.1"})
    assert refused.status_code == 403
    assert "whetstone_" not in refused.text


def test_web_page_that_calls_this_machine_by_its_own_name_is_refused(here: TestClient) -> None:
    assert here.get("/metrics", headers={"host": "evil.example"}).status_code == 403


def test_other_machine_is_refused_without_a_token(client: TestClient) -> None:
    assert client.get("/metrics").status_code == 403  # the local person's own browser, seen from "testclient"


def test_token_lets_in_from_anywhere(guarded: TestClient) -> None:
    assert guarded.get("/metrics", headers=BEARER).status_code == 200
    assert guarded.get("/metrics", headers=BEARER | {"x-forwarded-for": "192.0.2.9"}).status_code == 200


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer a-token-of-the-test", "Basic a-token-of-the-tests", "Bearer é"]
)
def test_wrong_token_is_refused(guarded: TestClient, given: str) -> None:
    headers = {"authorization": given.encode("latin-1")} if given else {}
    assert guarded.get("/metrics", headers=headers).status_code == 403  # type: ignore[arg-type]  # bytes too


def test_where_a_token_is_set_this_machine_needs_it_too(settings: Settings) -> None:
    app = create_app(replace(settings, metrics_token=TOKEN))
    with TestClient(app, base_url=LOCAL, client=("127.0.0.1", 50_000)) as client:
        assert client.get("/metrics").status_code == 403
        assert client.get("/metrics", headers=BEARER).status_code == 200


# --- what it says ---


def test_requests_are_counted_by_template_and_status_class_and_nothing_finer(here: TestClient) -> None:
    def routes() -> set[str]:
        return {dict(labels)["route"] for name, labels in samples(here) if name == "whetstone_request_seconds_count"}

    here.get("/q/iou")
    here.get("/q/none")
    here.request("BREW", "/nowhere")
    before = routes()
    assert "/q/{question_id}" in before
    for number in range(20):
        here.get(f"/q/none-{number}")
        here.get(f"/nowhere-{number}?key={number}")
        here.request(f"BREW{number}", "/nowhere")
    assert routes() - before <= {"/metrics"}
    found = samples(here)
    key = "whetstone_request_seconds_count"
    assert found[key, (("method", "GET"), ("route", "/q/{question_id}"), ("status", "4xx"))] == 21
    assert found[key, (("method", "GET"), ("route", "(no such route)"), ("status", "4xx"))] == 20
    assert found[key, (("method", "OTHER"), ("route", "(no such route)"), ("status", "4xx"))] == 21


def test_labels_have_no_place_for_an_id(here: TestClient) -> None:
    allowed = {
        "method", "route", "status", "le", "verdict", "mode", "rating", "state", "library", "kind", "version",
        "python", "database",
    }  # fmt: skip
    assert {label for _, labels in samples(here) for label, _ in labels} <= allowed


def test_bank_and_build_are_told(here: TestClient) -> None:
    found = samples(here)
    shelf = here.app.state.services.bank  # type: ignore[attr-defined]
    questions = sum(value for (name, _), value in found.items() if name == "whetstone_bank_questions")
    assert questions == len(shelf.questions)
    assert found["whetstone_bank_revision", ()] > 0
    (build,) = (dict(labels) for name, labels in found if name == "whetstone_build_info")
    assert build["database"] == here.app.state.services.db.engine.dialect.name  # type: ignore[attr-defined]


def test_request_being_answered_is_open_and_then_no_more(here: TestClient) -> None:
    assert value(here, "whetstone_requests_open") == 1  # the one that asks
    assert here.app.state.services.meters.registry.get_sample_value("whetstone_requests_open") == 0  # type: ignore[attr-defined]


def test_apps_of_one_process_count_apart(here: TestClient, guarded: TestClient) -> None:
    here.get("/topics")
    route = (("method", "GET"), ("route", "/topics"), ("status", "2xx"))
    assert samples(here)["whetstone_request_seconds_count", route] >= 1
    assert ("whetstone_request_seconds_count", route) not in samples(guarded, **BEARER)


def test_database_that_does_not_answer_is_told_and_leaves_the_rest(
    here: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert value(here, "whetstone_database_up") == 1

    def broken(*_: object) -> int:
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(logins, "count", broken)
    found = samples(here)
    assert found["whetstone_database_up", ()] == 0
    assert ("whetstone_logins", ()) not in found
    assert ("whetstone_bank_revision", ()) in found


def test_reviews_are_counted_by_rating_from_page_and_api_once_they_are_kept(here: TestClient) -> None:
    session = here.post("/api/practice/sessions", json={"mode": "more", "kinds": ["flashcard"], "limit": 2}).json()
    for rating, through in ((3, "api"), (1, "page")):
        card = here.get(f"/api/practice/sessions/{session['id']}/next").json()
        turn = {"card_id": card["card_id"], "seed": card["seed"]}
        here.post("/api/practice/answers", json=turn | {"answer": {}}).raise_for_status()
        rated = {"card_id": card["card_id"], "rating": rating}
        for _ in range(2):  # the second time there is nothing left to rate
            if through == "api":
                here.post("/api/practice/reviews", json=rated)
            else:
                here.post(f"/practice/{session['id']}/rate", data={name: str(it) for name, it in rated.items()})
    counted = {name: value(here, "whetstone_reviews_total", rating=name) for name in ("again", "hard", "good", "easy")}
    assert counted == {"again": 1, "hard": 0, "good": 1, "easy": 0}


def test_verdicts_the_queue_and_the_pool_are_told(here: TestClient) -> None:
    code = {"question_id": "iou", "code": "def iou(a, b):\n    return 0\n", "mode": "submit"}
    sent = here.post("/api/submissions", json=code).json()["id"]
    for _ in range(300):
        report = here.get(f"/code/submissions/{sent}?wait=true")
        if here.get(f"/api/submissions/{sent}").json()["status"] == "done":
            break
    assert report.status_code == 200
    found = samples(here)
    assert found["whetstone_verdicts_total", (("mode", "submit"), ("verdict", "wrong_answer"))] == 1
    assert found["whetstone_verdict_seconds_count", (("mode", "submit"),)] == 1
    assert found["whetstone_queue_submissions", (("state", "waiting"),)] == 0
    assert found["whetstone_queue_oldest_seconds", ()] == 0
    numpy = (("library", "numpy"),)
    assert found["whetstone_sandbox_parents_started_total", numpy] == 1
    assert found["whetstone_sandbox_failures_total", numpy] == 0
    assert 0 <= found["whetstone_sandbox_spares_ready", numpy] <= found["whetstone_sandbox_spares_wanted", numpy]
    assert found["whetstone_sandbox_workers", ()] >= 2


def test_interviews_under_way_are_counted(here: TestClient) -> None:
    begun = here.post("/api/interviews", json={"blueprint": "warm-up-20"}).json()["id"]
    assert value(here, "whetstone_interviews_under_way") == 1
    here.post(f"/api/interviews/{begun}/finish")
    assert value(here, "whetstone_interviews_under_way") == 0


def test_browsers_that_are_logged_in_are_counted_while_their_login_lasts(client: TestClient, clock: Any) -> None:
    services = client.app.state.services  # type: ignore[attr-defined]
    client.get("/")
    with services.db.write() as connection:
        logins.log_in(connection, 1, clock())
        assert logins.count(connection, clock()) == 1
        clock.forward(days=31)
        assert logins.count(connection, clock()) == 0


def test_server_that_is_about_to_stop_says_so_and_goes_on_answering(here: TestClient) -> None:
    assert here.get("/readyz").status_code == 200
    stopping = here.app.state.stopping  # type: ignore[attr-defined]
    stopping.set()
    try:
        answer = here.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["server"] == "stopping"
        assert here.get("/").status_code == 200
        assert value(here, "whetstone_stopping") == 1
    finally:
        stopping.clear()


def test_readiness_names_a_database_that_does_not_answer(here: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent() -> bool:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(here.app.state.services.db, "is_current", silent)  # type: ignore[attr-defined]
    answer = here.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "The database does not answer."
