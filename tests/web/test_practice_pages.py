"""A practice session through the browser's forms: answering, rating, undoing, and everything sent twice or too late."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

WRONG: dict[str, Any] = {"choice": "A", "value": "-12345.5"}


def start(client: TestClient, **form: Any) -> str:
    response = client.post("/practice", data=form)
    assert response.status_code == 303
    return str(response.headers["location"])


def next_card(client: TestClient, session: str) -> dict[str, Any]:
    card = client.get(f"/api/practice/sessions/{session.rpartition('/')[2]}/next").json()
    assert isinstance(card, dict)
    return card


def fields(card: dict[str, Any]) -> dict[str, Any]:
    question = card["question"]
    data: dict[str, Any] = {"card_id": card["card_id"], "seed": card["seed"], "shown_ms": "4000"}
    match question["kind"]:
        case "single-choice":
            data["choice"] = "A"
        case "multi-choice":
            data["choices"] = ["A", "B"]
        case "numeric":
            data["value"] = "-12345.5"
        case "cloze":
            data |= {f"blank-{it['blank']}": "?" for it in question["segments"] if it["blank"]}
        case "ordering":
            data["order"] = [it["key"] for it in question["items"]]
        case "matching":
            data |= {f"pair-{it['key']}": "A" for it in question["lefts"]}
        case "open":
            data["text"] = "An answer."
    return data


def answer(client: TestClient, session: str, card: dict[str, Any]) -> None:
    if card["question"]["kind"] == "code":
        assert client.post(f"/code/{card['question']['id']}/reveal").status_code == 303
        return
    assert client.post(f"{session}/answer", data=fields(card)).status_code == 303
    if card["question"]["kind"] == "open":
        scored = fields(card) | {"scored": "1", "points": ["0"]}
        assert client.post(f"{session}/answer", data=scored).status_code == 303


def rate(client: TestClient, session: str, card: dict[str, Any], rating: int) -> int:
    return client.post(f"{session}/rate", data={"card_id": card["card_id"], "rating": rating}).status_code


def test_session_of_every_new_question_is_answered_to_its_summary(client: TestClient) -> None:
    session = start(client, limit="10")
    kinds = set()
    for _ in range(10):
        card = next_card(client, session)
        kinds.add(card["question"]["kind"])
        assert client.get(session).status_code == 200
        answer(client, session, card)
        page = client.get(session)
        assert page.status_code == 200
        assert rate(client, session, card, 3) == 303
    assert len(kinds) > 3
    assert next_card(client, session)["state"] == "finished"
    assert "Session finished" in client.get(session).text


def test_forgotten_card_comes_back_in_the_same_session(client: TestClient) -> None:
    session = start(client, limit="1")
    card = next_card(client, session)
    answer(client, session, card)
    assert rate(client, session, card, 1) == 303
    again = next_card(client, session)
    assert again["card_id"] == card["card_id"]
    assert again["state"] == "waiting"
    assert again["total"] == 2


def test_answering_twice_is_refused_and_keeps_the_first_answer(client: TestClient) -> None:
    session = start(client, kind="single-choice", limit="1")
    card = next_card(client, session)
    answer(client, session, card)
    before = client.get(session).text
    second = client.post(f"{session}/answer", data=fields(card) | {"choice": "B"})
    assert second.status_code == 409
    assert "already answered" in second.text
    assert client.get(session).text == before


def test_rating_twice_from_two_tabs_counts_once(client: TestClient) -> None:
    session = start(client, limit="2")
    card = next_card(client, session)
    answer(client, session, card)
    assert rate(client, session, card, 3) == 303
    assert rate(client, session, card, 4) == 409
    assert next_card(client, session)["position"] == 2


def test_rating_before_answering_is_refused(client: TestClient) -> None:
    session = start(client, kind="flashcard", limit="1")
    card = next_card(client, session)
    assert rate(client, session, card, 3) == 409
    assert next_card(client, session)["state"] == "waiting"


def test_form_of_another_seed_is_stale_and_changes_nothing(client: TestClient) -> None:
    session = start(client, kind="numeric", limit="1")
    card = next_card(client, session)
    stale = client.post(f"{session}/answer", data=fields(card) | {"seed": str(card["seed"] + 1)})
    assert stale.status_code == 409
    assert next_card(client, session)["state"] == "waiting"


@pytest.mark.parametrize("value", ["", "twelve", "1/0", "1,2,3", "nan"])
def test_number_that_cannot_be_read_is_not_counted(client: TestClient, value: str) -> None:
    session = start(client, kind="numeric", limit="1")
    card = next_card(client, session)
    response = client.post(f"{session}/answer", data=fields(card) | {"value": value})
    assert response.status_code == 422
    assert next_card(client, session)["state"] == "waiting"


def test_undo_takes_back_rating_answer_and_counts(client: TestClient) -> None:
    home_before = re.sub(r"/practice/\d+", "", client.get("/").text)
    session = start(client, limit="1")
    card = next_card(client, session)
    fresh = client.get(session).text
    answer(client, session, card)
    rate(client, session, card, 1)
    assert client.post(f"{session}/undo").status_code == 303
    assert client.get(session).text == fresh
    assert next_card(client, session) == card
    client.post(f"{session}/finish")
    assert re.sub(r"/practice/\d+", "", client.get("/").text) == home_before


def test_nothing_to_undo_is_said(client: TestClient) -> None:
    session = start(client, limit="1")
    assert client.post(f"{session}/undo").status_code == 409


def test_buried_card_returns_tomorrow(client: TestClient, clock: Any) -> None:
    session = start(client, limit="1")
    card = next_card(client, session)
    client.post(f"{session}/bury", data={"card_id": card["card_id"]})
    assert next_card(client, session)["state"] == "finished"
    assert next_card(client, start(client, limit="1"))["card_id"] != card["card_id"]
    clock.forward(days=1)
    assert next_card(client, start(client, limit="1"))["question"]["id"] == card["question"]["id"]


def test_suspended_card_stays_away_until_taken_back(client: TestClient, clock: Any) -> None:
    session = start(client, limit="1")
    card = next_card(client, session)
    client.post(f"{session}/suspend", data={"card_id": card["card_id"]})
    clock.forward(days=3)
    assert next_card(client, start(client, limit="1"))["question"]["id"] != card["question"]["id"]
    assert client.post(f"/q/{card['question']['id']}/suspend").status_code == 303
    assert next_card(client, start(client, limit="1"))["question"]["id"] == card["question"]["id"]


def test_daily_limit_of_new_questions_holds_until_four_in_the_morning(client: TestClient, clock: Any) -> None:
    client.post("/settings", data=SETTINGS | {"new_per_day": "1"})
    session = start(client)
    card = next_card(client, session)
    assert card["total"] == 1
    answer(client, session, card)
    rate(client, session, card, 4)
    assert client.post("/practice").headers["location"] == "/"
    clock.forward(hours=18, minutes=59)  # 03:59 the next day, still the same study day
    assert client.post("/practice").headers["location"] == "/"
    clock.forward(minutes=2)
    assert next_card(client, start(client))["total"] == 1


SETTINGS = {
    "language": "en",
    "zone": "UTC",
    "new_per_day": "20",
    "reviews_per_day": "200",
    "theme": "auto",
    "shortcuts": "on",
}


def test_session_of_somebody_else_is_not_found(client: TestClient) -> None:
    assert client.get("/practice/999").status_code == 404


def test_session_left_open_is_offered_at_home(client: TestClient) -> None:
    session = start(client, limit="3")
    assert session in client.get("/").text


@pytest.mark.parametrize("path", ["answer", "rate", "bury", "suspend", "flag"])
@pytest.mark.parametrize("card_id", ["", "x", "-1", "99999999999999999999", "424242"])
def test_malformed_card_id_is_a_clear_page(client: TestClient, path: str, card_id: str) -> None:
    session = start(client, limit="1")
    response = client.post(f"{session}/{path}", data={"card_id": card_id, "rating": "3", "seed": "1"})
    assert response.status_code in (404, 422)
    assert "<h1" in response.text
