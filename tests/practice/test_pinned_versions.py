"""A practice session keeps the versions it started with, whatever is published meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.service import local_learner
from app.authoring import revisions
from app.authoring.publishing import Memories, Published, publish, retire
from app.authoring.revisions import Fresh
from app.authoring.single import read_single, tidy
from app.bank.chunks import chunks
from app.practice import frozen
from app.practice.coding import submissions
from app.scheduling import store
from app.web.services import Services


class Keeper:
    """Publishes under a running server, as its routes do."""

    def __init__(self, client: TestClient) -> None:
        self.services: Services = client.app.state.services  # type: ignore[attr-defined]
        self.now: datetime = self.services.clock()

    def text(self, question_id: str) -> str:
        entry = self.services.bank.questions[question_id]
        return next(it.text for it in chunks(entry.path.read_text()) if it.question_id == question_id)

    def publish(self, question_id: str, old: str, new: str, memories: Memories | None = None) -> Published:
        bank = self.services.bank
        before = bank.questions[question_id]
        text = self.text(question_id)
        assert old in text
        with self.services.db.write() as connection:
            if revisions.head(connection, question_id) is None:
                first = Fresh(question_id, before.topic.id, "published", tidy(text), before.hash)
                revisions.save(connection, first, None, self.now, base_number=None, publish=True)
            yaml = tidy(text.replace(old, new, 1))
            single = read_single(yaml, before.topic, bank)
            assert single.entry is not None, single.findings
            fresh = Fresh(question_id, before.topic.id, "published", yaml, single.entry.hash)
            head = revisions.head(connection, question_id)
            assert head is not None
            done = publish(
                connection,
                bank,
                single.entry,
                fresh,
                local_learner(connection),
                self.now,
                base_number=head.head_number,
                memories=memories,
            )
        self.services.shelf.bank = bank.with_changes({question_id: done.entry})
        return done

    def retire(self, question_id: str) -> None:
        bank = self.services.bank
        with self.services.db.write() as connection:
            gone = retire(connection, bank, question_id, None, self.now, base_number=2)
        self.services.shelf.bank = bank.with_changes({question_id: gone.entry})

    def card(self) -> Any:
        with self.services.db.read() as connection:
            return connection.execute(select(store.cards)).one()

    def review(self) -> Any:
        with self.services.db.read() as connection:
            return connection.execute(select(store.reviews)).one()


@pytest.fixture
def keeper(client: TestClient) -> Keeper:
    return Keeper(client)


def start(client: TestClient, kind: str) -> tuple[int, dict[str, Any]]:
    session = client.post("/api/practice/sessions", json={"kinds": [kind], "limit": 1}).json()["id"]
    return session, client.get(f"/api/practice/sessions/{session}/next").json()


def prompt_changed(keeper: Keeper, question_id: str, memories: Memories | None = None) -> Published:
    entry = keeper.services.bank.questions[question_id]
    first_words = entry.question.prompt.en.split("\n")[0][:20]
    return keeper.publish(question_id, first_words, f"Changed, {first_words}", memories)


def test_question_under_way_is_shown_and_marked_as_it_was(client: TestClient, keeper: Keeper) -> None:
    session, card = start(client, "single-choice")
    question_id = card["question"]["id"]
    old = keeper.services.bank.questions[question_id]
    done = prompt_changed(keeper, question_id)
    again = client.get(f"/api/practice/sessions/{session}/next").json()
    assert again == card
    assert "Changed," not in client.get(f"/practice/{session}").text
    sent = {"card_id": card["card_id"], "seed": card["seed"], "answer": {"choice": "A"}}
    assert client.post("/api/practice/answers", json=sent).status_code == 200
    assert "Changed," not in client.get(f"/practice/{session}").text
    assert client.post("/api/practice/reviews", json={"card_id": card["card_id"], "rating": 3}).status_code == 200
    assert keeper.review().question_hash == old.hash != done.entry.hash
    assert "Changed," in client.get(f"/q/{question_id}").text


def test_next_session_has_the_new_version(client: TestClient, keeper: Keeper) -> None:
    _, card = start(client, "single-choice")
    prompt_changed(keeper, card["question"]["id"])
    _, again = start(client, "single-choice")
    assert again["question"]["id"] == card["question"]["id"]
    assert "Changed," in again["question"]["prompt_html"]


def test_undone_answer_is_asked_again_in_its_version(client: TestClient, keeper: Keeper) -> None:
    session, card = start(client, "single-choice")
    sent = {"card_id": card["card_id"], "seed": card["seed"], "answer": {"choice": "A"}}
    client.post("/api/practice/answers", json=sent)
    client.post("/api/practice/reviews", json={"card_id": card["card_id"], "rating": 3})
    prompt_changed(keeper, card["question"]["id"])
    assert client.post("/api/practice/undo").status_code == 200
    assert client.get(f"/api/practice/sessions/{session}/next").json()["question"] == card["question"]
    assert keeper.card().reps is None


def test_forgotten_question_comes_back_in_its_version(client: TestClient, keeper: Keeper, clock: Any) -> None:
    session, card = start(client, "flashcard")
    prompt_changed(keeper, card["question"]["id"])
    client.post("/api/practice/answers", json={"card_id": card["card_id"], "seed": card["seed"], "answer": {}})
    client.post("/api/practice/reviews", json={"card_id": card["card_id"], "rating": 1})
    clock.forward(minutes=11)
    again = client.get(f"/api/practice/sessions/{session}/next").json()
    assert again["question"]["prompt_html"] == card["question"]["prompt_html"]


def test_first_answer_to_what_now_means_something_else_makes_no_memory(client: TestClient, keeper: Keeper) -> None:
    _, card = start(client, "flashcard")
    prompt_changed(keeper, card["question"]["id"])
    client.post("/api/practice/answers", json={"card_id": card["card_id"], "seed": card["seed"], "answer": {}})
    rated = client.post("/api/practice/reviews", json={"card_id": card["card_id"], "rating": 4})
    assert rated.status_code == 200
    assert keeper.review().rating == 4
    assert keeper.card().reps is None
    assert client.post("/api/practice/undo").status_code == 200


@pytest.mark.parametrize(("memories", "reps"), [(Memories.keep, 2), (Memories.reset, None)])
def test_rating_after_memories_were_kept_or_reset(
    client: TestClient, keeper: Keeper, clock: Any, memories: Memories, reps: int | None
) -> None:
    _, card = start(client, "flashcard")
    sent = {"card_id": card["card_id"], "seed": card["seed"], "answer": {}}
    client.post("/api/practice/answers", json=sent)
    client.post("/api/practice/reviews", json={"card_id": card["card_id"], "rating": 3})
    clock.forward(days=30)
    session, card = start(client, "flashcard")
    sent = {"card_id": card["card_id"], "seed": card["seed"], "answer": {}}
    prompt_changed(keeper, card["question"]["id"], memories)
    assert client.get(f"/practice/{session}").status_code == 200
    assert client.post("/api/practice/answers", json=sent).status_code == 200
    assert client.post("/api/practice/reviews", json={"card_id": card["card_id"], "rating": 3}).status_code == 200
    assert keeper.card().reps == reps


def test_retired_question_is_left_out_of_the_rest_of_a_session(client: TestClient, keeper: Keeper) -> None:
    session = client.post("/api/practice/sessions", json={"kinds": ["flashcard"], "limit": 2}).json()["id"]
    card = client.get(f"/api/practice/sessions/{session}/next").json()
    prompt_changed(keeper, card["question"]["id"])
    keeper.retire(card["question"]["id"])
    after = client.get(f"/api/practice/sessions/{session}/next").json()
    assert after["question"]["id"] != card["question"]["id"]
    sent = {"card_id": card["card_id"], "seed": card["seed"], "answer": {}}
    assert client.post("/api/practice/answers", json=sent).status_code == 404


def test_code_of_a_session_is_graded_by_its_version(client: TestClient, keeper: Keeper) -> None:
    session, card = start(client, "code")
    question_id = card["question"]["id"]
    old = keeper.services.bank.questions[question_id]
    prompt_changed(keeper, question_id)
    assert "Changed," not in client.get(f"/code/{question_id}?session={session}").text
    assert "Changed," in client.get(f"/code/{question_id}").text
    data = {"code": "x = 1\n", "mode": "submit", "session_id": str(session)}
    assert client.post(f"/code/{question_id}/submissions", data=data).status_code == 303
    with keeper.services.db.read() as connection:
        assert frozen.frozen_question(connection, old.hash) == old.question
        assert connection.execute(select(submissions.c.question_hash)).scalar() == old.hash


def test_interview_under_way_keeps_its_version(client: TestClient, keeper: Keeper) -> None:
    sitting = client.post("/api/interviews", json={"blueprint": "warm-up-20", "seed": 3}).json()
    question = sitting["sections"][0]["questions"][0]["question"]
    prompt_changed(keeper, question["id"])
    page = client.get(f"/interviews/{sitting['id']}", follow_redirects=True)
    assert question["prompt_html"] in page.text
    assert "Changed," not in page.text
