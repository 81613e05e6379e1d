"""What a hidden case keeps to itself shows after three tries, or to who gave up; what counts as a try."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import new_database
from sqlalchemy import insert, select, update

from app.accounts import service
from app.db import Database
from app.grading.models import Submission, Workspace
from app.grading.tries import shown_report, submissions, workspaces
from app.grading.verdict import KEPT, CaseReport, Report, Verdict
from app.languages import Message

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(new_database(tmp_path))
    made.migrate()
    with made.write() as connection:
        service.make_local(connection, NOW)
    return made


def case(**more: Any) -> CaseReport:
    kept = {"args_preview": "in", "got_preview": "1", "expected_preview": "2", "diff": "- 2\n+ 1"}
    picture = {"picture_svg": Message("<svg/>", "<svg/>")}
    base = {"name": "a", "title": None, "verdict": Verdict.wrong_answer, "hidden": True}
    return CaseReport.model_validate(base | kept | picture | more)


def report(*cases: CaseReport) -> dict[str, Any]:
    made = Report(question="iou", verdict=Verdict.wrong_answer, score=0.0, wall_ms=1.0, cases=cases, seed=3)
    return made.model_dump(mode="json")


def put(database: Database, number: int, **more: Any) -> None:
    row = Submission(
        id=f"s{number}", account_id=1, question_id="iou", question_hash="", code=f"x = {number}", mode="submit", seed=0,
        status="done", verdict="wrong_answer", report=report(case()), created_at=NOW + timedelta(minutes=number),
    ).model_dump()  # fmt: skip
    with database.write() as connection:
        connection.execute(insert(submissions).values(row | more))


def seen(database: Database, rated_at: datetime | None = None) -> CaseReport:
    """The hidden case of the first submission as it may be seen."""
    with database.read() as connection:
        row = connection.execute(select(submissions).where(submissions.c.id == "s0")).mappings().one()
        return shown_report(connection, row, rated_at).cases[0]


def test_what_is_kept_shows_after_three_failed_tries(database: Database) -> None:
    for number, left in enumerate((2, 1, 0)):
        put(database, number)
        shown = seen(database)
        assert shown.tries_left == left
        assert [getattr(shown, name) is None for name in KEPT] == [left > 0] * len(KEPT)


@pytest.mark.parametrize(
    "other",
    [
        {"code": "x = 0"},
        {"mode": "run"},
        {"verdict": "accepted"},
        {"verdict": "internal_error"},
        {"status": "cancelled", "verdict": None},
        {"status": "running", "verdict": None},
        {"question_id": "nms"},
    ],
    ids=str,
)
def test_what_is_no_further_try_does_not_count(database: Database, other: dict[str, Any]) -> None:
    put(database, 0)
    put(database, 1, **other)
    assert seen(database).tries_left == 2


@pytest.mark.parametrize("verdict", ["compile_error", "forbidden", "time_limit", "runtime_error"])
def test_every_failure_of_the_learners_own_counts(database: Database, verdict: str) -> None:
    put(database, 0)
    put(database, 1, verdict=verdict)
    assert seen(database).tries_left == 1


def test_a_rating_begins_the_count_anew(database: Database) -> None:
    for number in range(4):
        put(database, number)
    assert seen(database, rated_at=NOW + timedelta(minutes=2, seconds=1)).tries_left == 2
    assert seen(database, rated_at=NOW - timedelta(days=1)).tries_left == 0


def test_giving_up_shows_everything_at_once(database: Database) -> None:
    put(database, 0)
    row = Workspace(account_id=1, question_id="iou", revealed=False).model_dump()
    with database.write() as connection:
        connection.execute(insert(workspaces).values(row))
    assert seen(database).args_preview is None
    with database.write() as connection:
        connection.execute(update(workspaces).values(revealed=True))
    assert seen(database) == case()


def test_a_question_sets_its_own_number_of_tries(database: Database) -> None:
    put(database, 0, report=report(case(reveals_after=1)))
    assert seen(database).args_preview == "in"
    once = case(reveals_after=0)
    assert once.shown(0) == once
    assert case(reveals_after=7).shown(2).tries_left == 5


def test_a_visible_case_keeps_nothing_back(database: Database) -> None:
    put(database, 0, report=report(case(hidden=False)))
    assert seen(database) == case(hidden=False)
