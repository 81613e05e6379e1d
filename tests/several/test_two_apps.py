"""Two processes on one database: whatever somebody does in one holds in the other with the next request."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import new_database
from fastapi.testclient import TestClient
from sqlalchemy import func, insert, select, text, update
from two_apps import PASSWORD, Pair, pair_of_apps

from app.accounts import links, service, signup
from app.accounts.models import Role
from app.db import Database
from app.main import _cookie_key
from app.practice.coding import submissions


@pytest.fixture
def pair(postgresql: None, tmp_path: Path, clock: Any) -> Iterator[Pair]:
    with pair_of_apps(tmp_path, clock) as made:
        yield made


def is_in(browser: TestClient) -> bool:
    return browser.get("/account").status_code == 200


def person(pair: Pair, name: str) -> int:
    with pair.services(0).db.read() as connection:
        found = service.id_of(connection, name)
    assert found is not None
    return found


def together(*calls: Any) -> list[Any]:
    begin = threading.Barrier(len(calls))
    ended: list[Any] = [None] * len(calls)

    def run(index: int) -> None:
        begin.wait()
        ended[index] = calls[index]()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def test_a_login_holds_in_both_and_ends_in_both(pair: Pair) -> None:
    one, other = pair.browsers("ada")
    assert is_in(one)
    assert is_in(other)
    assert other.post("/logout").status_code == 303
    one.cookies.set("whetstone_login", one.cookies["whetstone_login"])  # the browser that kept its cookie
    assert not is_in(one)


def test_who_is_disabled_or_gets_another_role_or_password_is_so_in_both_at_once(pair: Pair) -> None:
    _, eve_there = pair.browsers("eve")
    root, _ = pair.browsers("root")
    number = person(pair, "eve")
    assert eve_there.get("/admin/questions").status_code == 200
    assert root.post(f"/admin/people/{number}/role", data={"role": "learner"}).status_code == 303
    assert eve_there.get("/admin/questions").status_code == 403
    assert root.post(f"/admin/people/{number}/disable").status_code == 303
    assert not is_in(eve_there)
    ada, _ = pair.browsers("ada")
    _, elsewhere = pair.browsers("ada")
    changed = ada.post("/account/password", data={"old": PASSWORD, "new": "another horse battery"})
    assert changed.status_code == 303, changed.text
    assert not is_in(elsewhere)
    _, anew = pair.browsers()
    assert anew.post("/login", data={"name": "ada", "password": PASSWORD}).status_code == 401
    assert anew.post("/login", data={"name": "ada", "password": "another horse battery"}).status_code == 303


def test_wrong_passwords_count_in_both(pair: Pair) -> None:
    one, other = pair.browsers()
    wrong = {"name": "ada", "password": "wrong wrong wrong"}
    answers = [browser.post("/login", data=wrong).status_code for browser in (one, other, one, other, one)]
    assert answers == [401] * 5
    right = {"name": "ada", "password": PASSWORD}
    assert [browser.post("/login", data=right).status_code for browser in (one, other)] == [429, 429]


def test_an_invitation_is_good_once_and_a_name_is_given_once(pair: Pair, clock: Any) -> None:
    with pair.services(0).db.write() as connection:
        signup.set_mode(connection, signup.SignUp.open)
        key = links.invite(connection, Role.learner, "root", clock())
    one, other = pair.browsers()
    data = [{"name": name, "password": PASSWORD} for name in ("Guest", "Other")]
    answers = together(
        lambda: one.post(f"/invite/{key}", data=data[0]), lambda: other.post(f"/invite/{key}", data=data[1])
    )
    assert sorted(answer.status_code for answer in answers) == [303, 404]
    answers = together(
        lambda: pair.browsers()[0].post("/signup", data={"name": "Zoë", "password": PASSWORD}),
        lambda: pair.browsers()[1].post("/signup", data={"name": "zoë", "password": PASSWORD}),
    )
    assert sorted(answer.status_code for answer in answers) == [303, 422]


def test_the_last_two_admins_cannot_both_leave(pair: Pair) -> None:
    root, _ = pair.browsers("root")
    number = person(pair, "eve")
    assert root.post(f"/admin/people/{number}/role", data={"role": "admin"}).status_code == 303
    _, eve = pair.browsers("eve")
    leave = {"password": PASSWORD}
    answers = together(
        lambda: root.post("/account/delete", data=leave),
        lambda: eve.post("/account/delete", data=leave),
    )
    assert sorted(answer.status_code for answer in answers) == [303, 409]


def test_the_key_of_cookies_is_made_once_and_an_old_machines_is_kept(postgresql: None, tmp_path: Path) -> None:
    dbs = [Database(new_database(tmp_path)) for _ in range(4)]
    dbs[0].migrate()
    keys = together(*(lambda db=db: _cookie_key(db, tmp_path) for db in dbs))
    assert len(set(keys)) == 1
    assert len(keys[0]) >= 48
    for db in dbs:
        db.close()
    moved = tmp_path / "moved"
    moved.mkdir()
    (moved / "secret.key").write_text("what it signed with on SQLite")
    db = Database(new_database(moved))
    db.migrate()
    assert _cookie_key(db, moved) == _cookie_key(db, tmp_path) == "what it signed with on SQLite"
    db.close()


def begin(browser: TestClient) -> dict[str, Any]:
    started = browser.post("/api/interviews", json={"blueprint": "hasty", "seed": 5})
    assert started.status_code == 201, started.text
    found: dict[str, Any] = started.json()
    return found


def put(browser: TestClient, interview: dict[str, Any], code: str, revision: int | None = None) -> int:
    body = {"answer": {"code": code}} | ({} if revision is None else {"revision": revision})
    return browser.put(f"/api/interviews/{interview['id']}/answers/1", json=body).status_code


def test_an_interview_has_one_deadline_and_one_set_of_answers_in_both(pair: Pair, clock: Any) -> None:
    one, other = pair.browsers("ada")
    interview = begin(one)
    there = other.get(f"/api/interviews/{interview['id']}").json()
    assert there["deadline"] == interview["deadline"]
    assert put(one, interview, "def double(x):\n    return 2 * x\n", 0) == 200
    assert (
        put(other, interview, "def double(x):\n    return 3 * x\n", 0) == 409
    )  # the second tab has not seen the first
    assert put(other, interview, "def double(x):\n    return 3 * x\n", 1) == 200
    clock.forward(seconds=61)
    assert [put(browser, interview, "late", 2) for browser in (one, other)] == [409, 409]


def test_a_sitting_that_is_over_is_marked_once_though_every_process_sweeps(pair: Pair, clock: Any) -> None:
    one, _ = pair.browsers("ada")
    interview = begin(one)
    assert put(one, interview, "def double(x):\n    return 2 * x\n") == 200
    clock.forward(seconds=65)
    sweepers = [pair.services(number % 2).sweeper.sweep for number in range(6)]
    together(*sweepers)
    with pair.services(0).db.read() as connection:
        sent = select(func.count()).select_from(submissions).where(submissions.c.interview_slot_id.is_not(None))
        assert connection.execute(sent).scalar_one() == 1


@pytest.fixture
def pair_with_workers(postgresql: None, tmp_path: Path, clock: Any) -> Iterator[Pair]:
    with pair_of_apps(tmp_path, clock, "workers") as made:
        yield made


def test_grading_that_broke_is_tried_again_once_and_what_is_graded_anew_is_sent_once(
    pair_with_workers: Pair, clock: Any
) -> None:
    pair = pair_with_workers
    one, _ = pair.browsers("ada")
    interview = begin(one)
    assert put(one, interview, "def double(x):\n    return 2 * x\n") == 200
    clock.forward(seconds=65)
    sweepers = [pair.services(number % 2).sweeper.sweep for number in range(6)]
    together(*sweepers)
    db = pair.services(0).db
    with db.write() as connection:
        broke = {"status": "done", "verdict": "internal_error", "report": {"verdict": "internal_error"}}
        connection.execute(update(submissions).values(**broke))
        again = {**connection.execute(select(submissions)).mappings().one()} | {"interview_slot_id": None}
        waiting = [
            again | {"id": str(number), "status": "regrade", "report": None, "verdict": None} for number in range(3)
        ]
        connection.execute(insert(submissions), waiting)
    together(*sweepers)
    with db.read() as connection:
        ids = connection.execute(select(submissions.c.id)).scalars().all()
        assert len(ids) == 5  # what broke, and its one new try; three that are graded anew
        jobs = connection.execute(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")).scalar_one()
        assert jobs == 5  # the first has been in the line since the end of the interview


def test_the_same_question_begun_by_many_at_once_is_kept_once(pair: Pair) -> None:
    """Papers are drawn beside each other: the questions they freeze are everybody's."""
    browsers = [pair.browsers(name)[number % 2] for number, name in enumerate(("ada", "eve", "root"))]
    started = together(
        *(lambda it=it: it.post("/api/interviews", json={"blueprint": "hasty", "seed": 5}) for it in browsers)
    )
    assert [it.status_code for it in started] == [201] * 3
