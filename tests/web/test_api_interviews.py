"""Mock interviews in the JSON API: choose, start, save, finish, report; what is refused is refused as problem+json."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient


def start(client: TestClient, **more: Any) -> dict[str, Any]:
    started = client.post("/api/interviews", json={"blueprint": "warm-up-20", "seed": 5} | more)
    assert started.status_code == 201, started.text
    found = started.json()
    assert isinstance(found, dict)
    return found


def save(client: TestClient, interview: dict[str, Any], slot: int, answer: dict[str, Any], **more: Any) -> Any:
    return client.put(f"/api/interviews/{interview['id']}/answers/{slot}", json={"answer": answer} | more)


def an_answer(question: dict[str, Any]) -> dict[str, Any]:
    """Of the right shape."""
    match question["kind"]:
        case "single-choice":
            return {"choice": "A"}
        case "multi-choice":
            return {"choices": ["A"]}
        case "numeric":
            return {"value": "3"}
        case "cloze":
            return {"blanks": {it["blank"]: "x" for it in question["segments"] if it["blank"]}}
        case _:
            return {"text": "An answer."}


def test_blueprints_say_what_they_ask(client: TestClient) -> None:
    found = {it["id"]: it for it in client.get("/api/blueprints").json()}
    assert len(found) >= 6
    warm_up = found["warm-up-20"]
    assert warm_up["minutes"] == 20
    assert [section["count"] for section in warm_up["sections"]] == [9, 2]


def test_interview_through_the_api(client: TestClient, clock: Any) -> None:
    interview = start(client)
    assert interview["phase"] == "answering"
    assert [section["open"] for section in interview["sections"]] == [True, False]
    question = interview["sections"][0]["questions"][0]["question"]
    saved = save(client, interview, 1, an_answer(question))
    assert saved.json()["revision"] == 1
    assert save(client, interview, 1, an_answer(question) | {"more": 1}, revision=0).status_code == 200, "the same"
    clock.forward(minutes=12)
    assert save(client, interview, 1, an_answer(question)).status_code == 409
    assert client.get(f"/api/interviews/{interview['id']}/report").status_code == 409
    over = client.post(f"/api/interviews/{interview['id']}/finish").json()
    assert over["phase"] == "over"
    assert client.post(f"/api/interviews/{interview['id']}/finish").json() == over, "handing in twice changes nothing"
    report = client.get(f"/api/interviews/{interview['id']}/report").json()
    assert len(report["questions"]) == 11
    assert report["final"] is True


def test_what_was_asked_before_is_not_asked_again_even_with_the_same_seed(client: TestClient) -> None:
    first = start(client)
    client.post(f"/api/interviews/{first['id']}/finish")
    second = start(client)
    quick = [{it["question"]["id"] for it in one["sections"][0]["questions"]} for one in (first, second)]
    assert not quick[0] & quick[1]


@pytest.mark.parametrize(
    "answer",
    [{"choice": 5}, {"choices": 5}, {"choices": [1]}, {"value": 3}, {"blanks": 1}, {"blanks": {"a": 1}}, {"text": 1}],
)
def test_answer_of_another_shape_is_refused_and_pages_stay_whole(client: TestClient, answer: dict[str, Any]) -> None:
    interview = start(client)
    for slot in range(1, 10):
        assert save(client, interview, slot, answer).status_code in (200, 422)
        assert client.get(f"/interviews/{interview['id']}/{slot}").status_code == 200
    client.post(f"/api/interviews/{interview['id']}/finish")
    assert client.get(f"/interviews/{interview['id']}/report").status_code == 200
    assert client.get(f"/interviews/{interview['id']}/replay").status_code == 200


def test_points_cannot_be_claimed_before_the_rubric_is_seen(client: TestClient) -> None:
    interview = start(client)
    client.post(f"/interviews/{interview['id']}/move-on")
    assert save(client, interview, 10, {"text": "An answer.", "points": [0, 1, 2]}).status_code == 200
    client.post(f"/api/interviews/{interview['id']}/finish")
    report = client.get(f"/api/interviews/{interview['id']}/report").json()
    assert report["questions"][9]["state"] == "to_score"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"blueprint": "no-such"}, 404),
        ({"blueprint": "warm-up-20", "extra_time": 1.1}, 422),
        ({"blueprint": "warm-up-20", "seed": -1}, 422),
    ],
)
def test_start_that_cannot_be(client: TestClient, body: dict[str, Any], status: int) -> None:
    refused = client.post("/api/interviews", json=body)
    assert refused.status_code == status
    assert refused.headers["content-type"] == "application/problem+json"
