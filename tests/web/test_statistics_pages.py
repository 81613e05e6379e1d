"""The pages of item statistics: what is suspicious first, sorted and filtered, one question, and who may see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, insert

from app.accounts import logins, service
from app.accounts.models import Account, Role
from app.bank.catalog import Entry
from app.bank.schema import SingleChoice
from app.bank.variants import letter, shown_options
from app.db import Database
from app.main import create_app
from app.scheduling.models import Card, Review
from app.scheduling.store import cards, reviews
from app.settings import Settings
from app.web.survey_desk import FRESH_FOR

PASSWORD = "correct horse battery"
ROLES = {"learner": Role.learner, "editor": Role.editor, "admin": Role.admin}
PATHS = ("/admin/statistics", "/admin/statistics/iou", "/api/admin/statistics/iou")


def singles(client: TestClient) -> list[Entry]:
    bank = client.app.state.services.bank  # type: ignore[attr-defined]  # a FastAPI app
    return [it for it in bank.published if isinstance(it.question, SingleChoice) and len(it.question.options) == 4]


def answer(connection: Connection, entry: Entry, account: int, at: Any, option: int) -> None:
    """The learner's first answer to a question, by the option's own index."""
    question = entry.question
    assert isinstance(question, SingleChoice)
    right = question.options[option].correct
    card = Card(account_id=account, question_id=question.id, meaning_hash="", created_at=at)
    made = insert(cards).values(card.model_dump(exclude={"id"})).returning(cards.c.id)
    review = Review(
        account_id=account, card_id=connection.execute(made).scalar_one(), rating=3 if right else 1, reviewed_at=at,
        zone="UTC", study_day=739_000, question_hash=entry.hash, seed=1, seconds=8.0, interval_days=1, is_new=True,
        answer={"choice": letter(shown_options(question, 1).index(option))}, correct=right, score=float(right),
        was_review=False, memory_after={},
    )  # fmt: skip
    connection.execute(insert(reviews).values(review.model_dump(exclude={"id"})))


def account_of(connection: Connection, name: str, at: Any) -> int:
    """An account without a password, as the local person's is: so the local person still needs none."""
    row = Account(name=name, created_at=at).model_dump(exclude={"id"})
    return int(connection.execute(insert(service.accounts).values(row).returning(service.accounts.c.id)).scalar_one())


def key_of(entry: Entry) -> int:
    assert isinstance(entry.question, SingleChoice)
    return next(index for index, option in enumerate(entry.question.options) if option.correct)


@pytest.fixture
def answered(client: TestClient, clock: Any) -> TestClient:
    """Thirty learners: all right at the first question, all on one wrong option of the second."""
    easy, odd = singles(client)[:2]
    with client.app.state.services.db.write() as connection:  # type: ignore[attr-defined]  # as above
        for number in range(30):
            account = account_of(connection, f"p{number}", clock())
            answer(connection, easy, account, clock(), key_of(easy))
            answer(connection, odd, account, clock(), (key_of(odd) + 1) % 4)
    return client


def listed(page: str) -> list[str]:
    return re.findall(r'<a href="/admin/statistics/([a-z0-9-]+)">', page)


def test_flagged_questions_come_first_the_worst_before_the_rest(answered: TestClient) -> None:
    easy, odd = singles(answered)[:2]
    page = answered.get("/admin/statistics").text
    assert listed(page) == [odd.question.id, easy.question.id]
    assert "Key looks wrong" in page
    assert "Too easy" in page


def test_columns_sort_both_ways(answered: TestClient) -> None:
    easy, odd = (it.question.id for it in singles(answered)[:2])
    assert listed(answered.get("/admin/statistics?sort=-first").text) == [easy, odd]
    page = answered.get("/admin/statistics?sort=first").text
    assert listed(page) == [odd, easy]
    assert 'aria-sort="ascending"' in page
    assert 'href="/admin/statistics?sort=-first"' in page
    assert answered.get("/admin/statistics?sort=name").status_code == 422


def test_filters_leave_what_fits(answered: TestClient) -> None:
    easy, odd = singles(answered)[:2]
    assert listed(answered.get("/admin/statistics?flag=key").text) == [odd.question.id]
    assert listed(answered.get("/admin/statistics?flag=translation").text) == []
    assert listed(answered.get("/admin/statistics?kind=numeric").text) == []
    assert easy.question.id in listed(answered.get(f"/admin/statistics?topic={easy.topic.id}").text)
    assert listed(answered.get("/admin/statistics?topic=no-such-topic").text) == []


def test_question_s_page_tells_figures_options_and_reasons(answered: TestClient) -> None:
    odd = singles(answered)[1]
    page = answered.get(f"/admin/statistics/{odd.question.id}").text
    assert "30 (100%)" in page
    assert "100% of the best learners chose" in page
    assert f'href="/admin/questions/{odd.question.id}/edit"' in page
    assert f'href="/admin/reports?question={odd.question.id}"' in page
    assert "(0/30)" in page  # first tries of learners whose language is not known


def test_json_has_the_same_figures(answered: TestClient) -> None:
    odd = singles(answered)[1]
    got = answered.get(f"/api/admin/statistics/{odd.question.id}").json()
    wrong = (key_of(odd) + 1) % 4
    assert (got["answers"], got["learners"], got["first_try"]) == (30, 30, {"right": 0, "total": 30})
    assert got["options"] == [30 if index == wrong else 0 for index in range(4)]
    assert got["flags"][0] == {"name": "key", "option": wrong, "z": None}
    assert (got["median_s"], got["discrimination"]) == (8.0, None)
    assert got["by_language"] == {"unknown": {"right": 0, "total": 30}}


def test_question_without_answers_has_a_page_and_an_unknown_one_has_none(client: TestClient) -> None:
    assert client.get("/admin/statistics").status_code == 200
    assert client.get("/admin/statistics/iou").status_code == 200
    assert client.get("/admin/statistics/no-such-question").status_code == 404
    assert client.get("/api/admin/statistics/no-such-question").status_code == 404


def test_list_is_counted_anew_after_a_while(answered: TestClient, clock: Any) -> None:
    third = singles(answered)[2]
    answered.get("/admin/statistics")
    with answered.app.state.services.db.write() as connection:  # type: ignore[attr-defined]  # as above
        answer(connection, third, service.id_of(connection, "p1"), clock(), 0)
    assert third.question.id not in listed(answered.get("/admin/statistics").text)
    clock.at += FRESH_FOR + timedelta(seconds=1)
    assert third.question.id in listed(answered.get("/admin/statistics").text)


@pytest.fixture
def cast(settings: Settings, clock: Any) -> Iterator[dict[str, TestClient]]:
    database = Database(settings.database_url)
    database.migrate()
    tokens = {}
    with database.write() as connection:
        for name, role in ROLES.items():
            tokens[name] = logins.log_in(connection, service.add(connection, name, PASSWORD, role, clock()), clock())
    database.close()
    app = create_app(replace(settings, host="0.0.0.0"), clock, lambda: clock.at.timestamp())
    with TestClient(app, follow_redirects=False) as stranger:
        browsers = {"stranger": stranger}
        for name, token in tokens.items():
            cookie = app.state.services.signer.sign(token).decode()
            browsers[name] = TestClient(app, follow_redirects=False, cookies={"whetstone_login": cookie})
        yield browsers


@pytest.mark.parametrize("path", PATHS)
def test_statistics_are_for_editors_and_admins(cast: dict[str, TestClient], path: str) -> None:
    stranger = cast["stranger"].get(path)
    assert stranger.status_code == (401 if path.startswith("/api") else 303)
    assert cast["learner"].get(path).status_code == 403
    assert cast["editor"].get(path).status_code == 200
    assert cast["admin"].get(path).status_code == 200
