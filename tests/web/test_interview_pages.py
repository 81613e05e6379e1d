"""Mock interviews through the browser's forms: the clock, saving, what comes too late, two tabs, and the end."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, select, update

from app.accounts import service as accounts
from app.accounts.models import Account
from app.bank.schema import Code, Open
from app.bank.variants import draw, letter, shown_items, shown_options, shown_rights
from app.grading.verdict import Report, Verdict
from app.interview import marking
from app.interview.store import Sitting, drafts, interviews, load, slots
from app.main import create_app
from app.practice.coding import REGRADE, submissions
from app.scheduling import store
from app.settings import Settings

WITHIN_S = 20.0
LOCAL = "http://127.0.0.1:8000"
QUICK = {"quick_count": "3", "quick_minutes": "10", "open_count": "0", "code_count": "0", "seed": "7"}
TWO_PARTS = {
    "seed": "7",
    "quick_count": "2",
    "quick_minutes": "10",
    "open_count": "2",
    "open_minutes": "20",
    "code_count": "0",
}


def start(client: TestClient, **form: str) -> str:
    """An interview of one's own; its address."""
    response = client.post("/interviews/own", data=QUICK | form)
    assert response.status_code == 303, response.text
    return str(response.headers["location"])


def sitting_of(client: TestClient, address: str) -> Sitting:
    services = client.app.state.services  # type: ignore[attr-defined]  # a FastAPI app
    with services.db.read() as connection:
        me = accounts.local_learner(connection)
        assert me is not None
        return load(connection, services.bank, me.id, int(address.rpartition("/")[2]), services.steady_clock())


def given(client: TestClient, address: str, number: int, *, right: bool = True) -> dict[str, Any]:
    """Fields of an answer to a question of any quick kind; right, or as wrong as can be."""
    slot = sitting_of(client, address).slot(number)
    question, seed = slot.entry.question, slot.seed

    match question.kind:
        case "single-choice" | "multi-choice":
            order = shown_options(question, seed)
            keys = [letter(at) for at, index in enumerate(order) if question.options[index].correct == right]
            return {"choice": keys[0]} if question.kind == "single-choice" else {"choices": keys}
        case "numeric":
            return {"value": str(draw(question, seed)["answer"]) if right else "-987654.25"}
        case "cloze":
            return {f"blank-{name}": blank.accept.en[0] if right else "zzz" for name, blank in question.blanks.items()}
        case "ordering":
            places = {index: letter(at) for at, index in enumerate(shown_items(question, seed))}
            keys = [places[index] for index in range(len(question.items))]
            return {"order": keys if right else keys[::-1]}
        case "matching":
            rights = shown_rights(question, seed)
            keys = {str(n): letter(rights.index(pair.right)) for n, pair in enumerate(question.pairs, start=1)}
            return {f"pair-{left}": key for left, key in keys.items()}
        case _:
            return {"text": "An answer."}


def put(client: TestClient, address: str, number: int, fields: dict[str, Any], revision: int | None = None) -> Any:
    headers = {} if revision is None else {"x-revision": str(revision)}
    return client.put(f"{address}/{number}/draft", data=fields, headers=headers)


def score_of(client: TestClient, address: str) -> dict[str, Any]:
    told = client.get(f"{address}/report.json")
    assert told.status_code == 200, told.text
    found = told.json()
    assert isinstance(found, dict)
    return found


def test_every_interview_says_its_rules_before_the_start(client: TestClient) -> None:
    page = client.get("/interviews").text
    plans = re.findall(r'href="(/interviews/plans/[a-z0-9-]+)"', page)
    assert len(plans) >= 6
    for plan in plans:
        brief = client.get(plan).text
        assert "When the time is over, what was saved last counts." in brief
        assert "Start the clock" in brief


def test_answers_are_saved_marked_and_reported(client: TestClient, clock: Any) -> None:
    address = start(client)
    for number in (1, 2):
        client.get(f"{address}/{number}")
        clock.forward(seconds=40)
        assert put(client, address, number, given(client, address, number)).json()["revision"] == 1
    assert client.post(f"{address}/move-on").status_code == 303
    report = score_of(client, address)
    assert [it["state"] for it in report["questions"]] == ["right", "right", "unanswered"]
    assert report["score"] == pytest.approx(2 / 3)
    assert [it["seconds"] for it in report["questions"]] == [40, 40, 0]
    assert report["final"] is True


def test_answer_after_the_deadline_is_refused_and_the_saved_one_kept_and_shown(client: TestClient, clock: Any) -> None:
    address = start(client)
    right = given(client, address, 1)
    put(client, address, 1, right)
    clock.forward(minutes=9, seconds=59)
    assert put(client, address, 2, given(client, address, 2)).status_code == 200
    clock.forward(seconds=1)
    late = put(client, address, 1, given(client, address, 1, right=False))
    assert late.status_code == 409
    assert "is over" in late.json()["said"]
    assert "Saved at" in late.json()["kept"]
    assert [it["state"] for it in score_of(client, address)["questions"]] == ["right", "right", "unanswered"]


def test_section_that_is_over_stays_closed_and_the_next_has_its_own_time(client: TestClient, clock: Any) -> None:
    address = start(client, **TWO_PARTS)
    clock.forward(minutes=11)
    assert put(client, address, 1, given(client, address, 1)).status_code == 409
    assert client.get(f"{address}/1").headers["location"] == address
    assert client.get(address).headers["location"] == f"{address}/3"
    told = client.get(f"{address}/time").json()
    assert told["deadline"] - told["now"] == 19 * 60_000
    assert put(client, address, 3, {"text": "Because."}).status_code == 200


def test_answer_to_a_section_that_has_not_begun_is_refused(client: TestClient) -> None:
    address = start(client, **TWO_PARTS)
    assert put(client, address, 3, {"text": "Because."}).status_code == 409
    assert sitting_of(client, address).slot(3).answer is None


def test_older_tab_does_not_overwrite_a_newer_answer_and_neither_is_lost(client: TestClient, clock: Any) -> None:
    address = start(client, **TWO_PARTS)
    client.post(f"{address}/move-on")
    assert put(client, address, 3, {"text": "first"}, revision=0).json()["revision"] == 1
    clock.forward(seconds=30)
    refused = put(client, address, 3, {"text": "of the other tab"}, revision=0)
    assert refused.status_code == 409
    assert "nother page" in refused.json()["said"]
    assert sitting_of(client, address).slot(3).answer == {"text": "first", "on_paper": False, "follow_ups": []}
    client.post(f"{address}/hand-in")
    replay = client.get(f"{address}/replay").text
    assert "first" in replay
    assert "of the other tab" in replay


def test_same_answer_sent_twice_is_saved_once(client: TestClient) -> None:
    address = start(client)
    fields = given(client, address, 1)
    assert put(client, address, 1, fields, revision=0).json()["revision"] == 1
    assert put(client, address, 1, fields, revision=0).json()["revision"] == 1


def test_nobody_needs_to_look_for_a_sitting_to_end_and_be_marked(client: TestClient, clock: Any) -> None:
    address = start(client)
    put(client, address, 1, given(client, address, 1))
    clock.forward(minutes=10, seconds=2)
    client.app.state.services.sweeper.sweep()  # type: ignore[attr-defined]  # a FastAPI app
    assert sitting_of(client, address).stored.ended_at is None, "answers on their way still have a moment"
    clock.forward(seconds=2)
    client.app.state.services.sweeper.sweep()  # type: ignore[attr-defined]  # as above
    sitting = sitting_of(client, address)
    assert sitting.stored.ended_at == sitting.started_at + timedelta(minutes=10)
    assert sitting.slot(1).score == 1.0


def test_paper_is_frozen_with_versions_and_seeds(client: TestClient) -> None:
    address = start(client)
    slot = sitting_of(client, address).slot(1)
    services = client.app.state.services  # type: ignore[attr-defined]  # as above
    fields = given(client, address, 1)
    services.shelf.bank = services.bank.with_changes({slot.entry.question.id: None})
    again = sitting_of(client, address).slot(1)
    assert (again.entry.question, again.seed) == (slot.entry.question, slot.seed)
    assert put(client, address, 1, fields).status_code == 200
    client.post(f"{address}/hand-in")
    assert score_of(client, address)["questions"][0]["state"] == "right"


def test_pause_covers_the_questions_and_stops_the_clock(client: TestClient, clock: Any) -> None:
    address = start(client, pauses="1")
    clock.forward(minutes=2)
    client.post(f"{address}/pause")
    clock.forward(minutes=3)
    page = client.get(address)
    assert page.status_code == 200
    assert "Paused" in page.text
    assert put(client, address, 1, given(client, address, 1)).status_code == 409
    assert client.get(f"{address}/1").headers["location"] == address
    client.post(f"{address}/resume")
    told = client.get(f"{address}/time").json()
    assert told["deadline"] - told["now"] == 8 * 60_000
    client.post(f"{address}/pause")
    assert sitting_of(client, address).clock.paused_at is None, "there was one pause only"


def test_reading_time_shows_the_paper_and_takes_no_answer(client: TestClient, clock: Any) -> None:
    address = start(client, reading="2")
    page = client.get(address)
    assert "Reading time" in page.text
    assert put(client, address, 1, given(client, address, 1)).status_code == 409
    clock.forward(minutes=2)
    assert client.get(address).headers["location"] == f"{address}/1"
    told = client.get(f"{address}/time").json()
    assert told["deadline"] - told["now"] == 10 * 60_000


def test_extra_time_multiplies_every_section(client: TestClient) -> None:
    address = start(client, extra="1.5")
    told = client.get(f"{address}/time").json()
    assert told["deadline"] - told["now"] == 15 * 60_000
    assert client.post("/interviews/own", data=QUICK | {"extra": "9"}).status_code == 422


def test_one_sitting_at_a_time(client: TestClient) -> None:
    start(client)
    refused = client.post("/interviews/own", data=QUICK)
    assert refused.status_code == 409
    assert "under way" in refused.text


def test_server_that_starts_again_goes_on_with_the_same_deadline(settings: Settings, clock: Any) -> None:
    with TestClient(create_app(settings, clock, lambda: clock.at.timestamp()), base_url=LOCAL) as client:
        client.follow_redirects = False
        address = start(client)
        fields = given(client, address, 1)
        put(client, address, 1, fields)
        deadline = client.get(f"{address}/time").json()["deadline"]
    clock.forward(minutes=3)
    with TestClient(create_app(settings, clock, lambda: clock.at.timestamp()), base_url=LOCAL) as client:
        client.follow_redirects = False
        told = client.get(f"{address}/time").json()
        assert told["deadline"] == deadline
        assert deadline - told["now"] == 7 * 60_000
        assert sitting_of(client, address).slot(1).answer is not None


def test_setting_the_machines_clock_back_gains_nothing(settings: Settings, clock: Any) -> None:
    """While serving, time goes by what has elapsed; at a start it goes on from what was seen last."""
    elapsed = [0.0]
    with TestClient(create_app(settings, clock, lambda: elapsed[0]), base_url=LOCAL) as client:
        client.follow_redirects = False
        address = start(client)
        elapsed[0] += 240
        clock.forward(hours=-2)
        told = client.get(f"{address}/time").json()
        assert told["deadline"] - told["now"] == 6 * 60_000
        client.app.state.services.sweeper.sweep()  # type: ignore[attr-defined]  # as above
    with TestClient(create_app(settings, clock, lambda: elapsed[0]), base_url=LOCAL) as client:
        told = client.get(f"{address}/time").json()
        assert told["deadline"] - told["now"] == 6 * 60_000


def test_open_answer_is_locked_then_followed_up_then_scored_after_the_end(client: TestClient) -> None:
    address = start(client, **TWO_PARTS)
    client.post(f"{address}/move-on")
    sitting = sitting_of(client, address)
    number = next(
        slot.number
        for slot in sitting.slots
        if isinstance(slot.entry.question, Open) and slot.entry.question.follow_ups
    )
    question = sitting.slot(number).entry.question
    assert isinstance(question, Open)
    page = client.get(f"{address}/{number}").text
    assert "The interviewer goes on" not in page
    assert client.post(f"{address}/{number}", data={"text": "", "then": "lock"}).status_code == 409
    assert client.post(f"{address}/{number}", data={"text": "My answer.", "then": "lock"}).status_code == 303
    page = client.get(f"{address}/{number}").text
    assert "The interviewer goes on" in page
    assert "Model answer" not in page
    put(client, address, number, {"text": "another", "follow_up": "I would say so."})
    answer = sitting_of(client, address).slot(number).answer
    assert answer is not None
    assert (answer["text"], answer["follow_ups"]) == ("My answer.", ["I would say so."])
    assert client.post(f"{address}/{number}/score", data={"points": ["0"]}).status_code == 409
    client.post(f"{address}/hand-in")
    assert score_of(client, address)["to_score"] == 1
    assert client.post(f"{address}/practise").status_code == 409, "not everything is scored"
    everything = [str(place) for place in range(len(question.rubric))]
    assert client.post(f"{address}/{number}/score", data={"points": everything}).status_code == 303
    told = score_of(client, address)
    assert told["questions"][number - 1]["state"] == "right"
    assert told["final"] is True


def test_feedback_policies(client: TestClient) -> None:
    for policy, sees_why in (("immediate", True), ("verdict", False)):
        address = start(client, feedback=policy)
        fields = given(client, address, 1)
        assert client.post(f"{address}/1", data=fields | {"then": "lock"}).status_code == 303
        page = client.get(f"{address}/1").text
        assert "Correct" in page
        assert ('class="explanation"' in page) is sees_why
        put(client, address, 1, given(client, address, 1, right=False))
        client.post(f"{address}/hand-in")
        assert score_of(client, address)["questions"][0]["state"] == "right", "a locked answer stays"


def test_nothing_is_told_before_the_end_where_the_policy_says_so(client: TestClient) -> None:
    address = start(client)
    assert client.post(f"{address}/1", data=given(client, address, 1) | {"then": "lock"}).status_code == 409
    assert 'class="explanation"' not in client.get(f"{address}/1").text
    assert client.get(f"{address}/report").headers["location"] == address
    assert client.get(f"{address}/report.json").status_code == 409


def test_realistic_interview_hides_topic_and_difficulty(client: TestClient) -> None:
    address = start(client, realistic="true")
    topic = sitting_of(client, address).slot(1).entry.topic.title.en
    page = client.get(f"{address}/1").text
    assert "sitting-topic" not in page
    assert 'class="level"' not in page
    client.post(f"{address}/hand-in")
    assert topic in client.get(f"{address}/report").text


def test_misses_go_into_practice_once_and_are_due(client: TestClient, clock: Any) -> None:
    address = start(client)
    put(client, address, 1, given(client, address, 1))
    client.post(f"{address}/hand-in")
    missed = [it["question"] for it in score_of(client, address)["questions"] if it["state"] != "right"]
    assert len(missed) == 2
    assert client.post(f"{address}/practise").status_code == 303
    assert client.post(f"{address}/practise").status_code == 409
    services = client.app.state.services  # type: ignore[attr-defined]  # as above
    with services.db.read() as connection:
        me = accounts.local_learner(connection)
        assert me is not None
        known = store.states(connection, me.id)
    assert sorted(known) == sorted(missed)
    clock.forward(minutes=15)
    session = client.post("/practice", data={}).headers["location"]
    card = client.get(f"/api/practice/sessions/{session.rpartition('/')[2]}/next").json()
    assert card["question"]["id"] in missed


def test_strangers_interview_is_not_there(client: TestClient) -> None:
    address = start(client)
    services = client.app.state.services  # type: ignore[attr-defined]  # as above
    with services.db.write() as connection:
        stranger = Account(name="stranger", created_at=services.clock()).model_dump(exclude={"id"})
        other = connection.execute(
            insert(accounts.accounts).values(stranger).returning(accounts.accounts.c.id)
        ).scalar()
        connection.execute(update(interviews).values(account_id=other))
    for path in ("", "/1", "/time", "/report", "/report.json", "/replay"):
        assert client.get(f"{address}{path}").status_code == 404, path
    for path in ("/move-on", "/pause", "/resume", "/hand-in", "/practise", "/1/flag", "/1/regrade", "/1/score"):
        assert client.post(f"{address}{path}").status_code == 404, path
    assert put(client, address, 1, {"text": "mine now"}).status_code == 404


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"quick_count": "0"}, "one question at least"),
        ({"quick_count": "many"}, "whole number"),
        ({"quick_count": "40", "open_count": "40", "open_minutes": "90"}, "at the most"),
        ({"quick_minutes": "0"}, "minutes"),
        ({"feedback": "never"}, "offered"),
        ({"quick_count": "40", "quick_minutes": "60", "area": "gan", "level": "5"}, "too few questions"),
    ],
)
def test_interview_that_cannot_be_is_refused_with_the_form_as_it_was(
    client: TestClient, form: dict[str, str], told: str
) -> None:
    refused = client.post("/interviews/own", data=QUICK | {"reading": "7"} | form)
    assert refused.status_code in (409, 422)
    assert told in refused.text
    assert 'value="7"' in refused.text
    assert 'href="/interviews/1"' not in client.get("/interviews").text


def test_unreadable_answers_change_nothing(client: TestClient) -> None:
    address = start(client)
    put(client, address, 1, given(client, address, 1))
    before = sitting_of(client, address).slot(1).answer
    for fields in ({"confidence": "9"}, {"text": "x" * 20_001, "value": "x" * 20_001, "choice": "x" * 20_001}):
        assert put(client, address, 1, fields).status_code in (413, 422, 200)
    assert client.put(f"{address}/1/draft", data={"value": "1"}, headers={"x-revision": "-1"}).status_code == 422
    assert client.get(f"{address}/99").status_code == 404
    client.post(f"{address}/hand-in")
    assert before is not None
    assert score_of(client, address)["questions"][0]["score"] is not None


@pytest.fixture
def coding_interview(client: TestClient) -> tuple[str, Code]:
    address = start(client, quick_count="0", code_count="1", code_minutes="20", realistic="true")
    question = sitting_of(client, address).slot(1).entry.question
    assert isinstance(question, Code)
    return address, question


def wait_for_mark(client: TestClient, address: str, *states: str) -> dict[str, Any]:
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        line = score_of(client, address)["questions"][0]
        if line["state"] in states:
            found = line
            assert isinstance(found, dict)
            return found
        time.sleep(0.05)
    raise AssertionError(f"never {states}")


def test_last_saved_code_is_graded_at_the_deadline(
    client: TestClient, clock: Any, coding_interview: tuple[str, Code]
) -> None:
    address, question = coding_interview
    code = question.reference.encode()
    plain = {"content-type": "text/plain; charset=utf-8"}
    assert client.put(f"{address}/1/draft", content=code, headers=plain).status_code == 200
    clock.forward(minutes=20)
    assert client.get(address).headers["location"] == f"{address}/report"
    assert wait_for_mark(client, address, "right")["verdict"] == "accepted"


def test_runs_try_visible_cases_only_and_a_realistic_one_keeps_them_covered(
    client: TestClient, coding_interview: tuple[str, Code]
) -> None:
    address, question = coding_interview
    sent = client.post(
        f"{address}/1/runs", data={"code": question.starter + "\n", "mode": "run"}, headers={"HX-Request": "true"}
    )
    assert sent.status_code == 202
    found = re.search(r'data-id="([0-9a-f-]+)"', sent.text)
    assert found is not None
    until = time.monotonic() + WITHIN_S
    while "verdict--open" in (page := client.get(f"/code/submissions/{found[1]}?wait=true").text):
        assert time.monotonic() < until
    assert "listing" not in page
    report = client.get(f"/api/submissions/{found[1]}").json()
    assert report["cases"]
    assert not any(case["hidden"] for case in report["cases"])
    assert all(case["args"] is None and case["expected"] is None for case in report["cases"])
    client.post(f"{address}/hand-in")
    assert client.get(f"/api/submissions/{found[1]}").json()["cases"][0]["args"] is not None


def test_untouched_starter_is_no_answer(client: TestClient, coding_interview: tuple[str, Code]) -> None:
    address, question = coding_interview
    client.put(
        f"{address}/1/draft", content=question.starter.encode(), headers={"content-type": "text/plain; charset=utf-8"}
    )
    client.post(f"{address}/hand-in")
    assert score_of(client, address)["questions"][0]["state"] == "unanswered"


def test_grading_that_broke_is_tried_again_and_never_counts_as_zero(
    client: TestClient, coding_interview: tuple[str, Code]
) -> None:
    address, question = coding_interview
    plain = {"content-type": "text/plain; charset=utf-8"}
    client.put(f"{address}/1/draft", content=question.reference.encode(), headers=plain)
    client.post(f"{address}/hand-in")
    wait_for_mark(client, address, "right")
    services = client.app.state.services  # type: ignore[attr-defined]  # as above
    broken = Report(question=question.id, verdict=Verdict.internal_error, score=0, wall_ms=0, cases=(), seed=0)
    with services.db.write() as connection:
        connection.execute(update(submissions).values(verdict="internal_error", report=broken.model_dump(mode="json")))
    told = score_of(client, address)
    assert (told["questions"][0]["state"], told["score"], told["broken"]) == ("broken", None, 1)
    services.sweeper.sweep()
    assert wait_for_mark(client, address, "right")["score"] == 1.0
    with services.db.write() as connection:
        connection.execute(update(slots).values(attempts=marking.MAX_ATTEMPTS))
        connection.execute(update(submissions).values(verdict="internal_error", report=broken.model_dump(mode="json")))
    services.sweeper.sweep()
    assert score_of(client, address)["questions"][0]["state"] == "broken", "enough was tried by itself"
    assert client.post(f"{address}/1/regrade").status_code == 303
    assert wait_for_mark(client, address, "right")["score"] == 1.0


def test_code_of_an_interview_stays_out_of_practice(client: TestClient, coding_interview: tuple[str, Code]) -> None:
    address, question = coding_interview
    plain = {"content-type": "text/plain; charset=utf-8"}
    client.put(f"{address}/1/draft", content=question.reference.encode(), headers=plain)
    client.post(f"{address}/hand-in")
    wait_for_mark(client, address, "right")
    page = client.get(f"/code/{question.id}").text
    assert "Nothing run yet" in page
    assert question.reference.strip() not in unescape(page), "it is no draft of practice"


def test_handed_in_code_cannot_be_cancelled(client: TestClient, coding_interview: tuple[str, Code]) -> None:
    address, question = coding_interview
    plain = {"content-type": "text/plain; charset=utf-8"}
    client.put(f"{address}/1/draft", content=question.reference.encode(), headers=plain)
    client.post(f"{address}/hand-in")
    services = client.app.state.services  # type: ignore[attr-defined]  # as above
    with services.db.read() as connection:
        sent = connection.execute(select(submissions.c.id)).scalar_one()
    assert client.post(f"/code/submissions/{sent}/cancel").status_code == 409
    wait_for_mark(client, address, "right")


def test_drafts_within_seconds_are_one_entry_of_the_replay(client: TestClient, clock: Any) -> None:
    address = start(client, **TWO_PARTS)
    client.post(f"{address}/move-on")
    for words in ("a", "ab", "abc"):
        put(client, address, 3, {"text": words})
        clock.forward(seconds=5)
    clock.forward(seconds=60)
    put(client, address, 3, {"text": "abcd"})
    services = client.app.state.services  # type: ignore[attr-defined]  # as above
    with services.db.read() as connection:
        kept = [row["text"] for row in connection.execute(select(drafts.c.answer)).scalars()]
    assert kept == ["abc", "abcd"]


def test_question_that_was_marked_anew_says_so_in_the_report(client: TestClient, clock: Any) -> None:
    address = start(client)
    put(client, address, 1, given(client, address, 1))
    client.post(f"{address}/hand-in")
    assert "Marked anew" not in client.get(f"{address}/report").text
    database = client.app.state.services.db  # type: ignore[attr-defined]  # as above
    with database.write() as connection:
        connection.execute(update(slots).where(slots.c.number == 1).values(regraded_at=clock()))
    assert "Marked anew on Mar 2, 2026" in client.get(f"{address}/report").text


def test_code_that_was_graded_again_says_so_and_shows_what_it_is_marked_by(
    client: TestClient, clock: Any, coding_interview: tuple[str, Code]
) -> None:
    address, question = coding_interview
    plain = {"content-type": "text/plain; charset=utf-8"}
    client.put(f"{address}/1/draft", content=question.reference.encode(), headers=plain)
    client.post(f"{address}/hand-in")
    wait_for_mark(client, address, "right")
    database = client.app.state.services.db  # type: ignore[attr-defined]  # as above
    with database.write() as connection:
        first = connection.execute(select(submissions)).mappings().one()
        waits = {"id": "again", "status": REGRADE, "verdict": None, "report": None, "finished_at": None}
        connection.execute(insert(submissions).values({**first} | waits | {"created_at": clock()}))
    page = client.get(f"{address}/report").text
    assert "Graded again" not in page
    assert "being graded" not in page, "the old mark counts meanwhile"
    assert score_of(client, address)["score"] == 1.0
    assert client.get(f"{address}/replay").text.count("Graded") == 1
    with database.write() as connection:
        failed = {"verdict": "runtime_error", "status": "done", "report": {**first["report"], "score": 0.5}}
        connection.execute(update(submissions).where(submissions.c.id == "again").values(failed))
        connection.execute(update(slots).values(submission_id="again", regraded_at=clock()))
    page = client.get(f"{address}/report").text
    assert "Graded again on Mar 2, 2026" in page
    assert "Runtime error" in page
    assert score_of(client, address)["score"] == 0.5
    client.cookies.set("whetstone_lang", "zh")
    assert "重新评测" in client.get(f"{address}/report").text
