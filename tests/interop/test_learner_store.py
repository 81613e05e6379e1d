"""One learner's data from a database into another: whole, and never over what is there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from databases import new_database
from sqlalchemy import insert, select

from app.accounts import notices, service
from app.accounts.models import QuestionReport, Role
from app.db import Database
from app.errors import Conflict, Invalid
from app.grading.models import Submission, Workspace
from app.grading.verdict import CaseReport, Report, Verdict
from app.interop.learner_data import export_data, import_data
from app.interop.learner_store import gather, reports, restore, submissions, workspaces
from app.languages import Message

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """Two accounts: ada (1), who sent some code, and bob (2), who did nothing yet."""
    made = Database(new_database(tmp_path))
    made.migrate()
    with made.write() as connection:
        for name in ("ada", "bob"):
            service.add(connection, name, PASSWORD, Role.learner, NOW)
        connection.execute(insert(workspaces).values(draft(1)))
        connection.execute(insert(submissions).values(submission(report())))
    return made


def draft(account_id: int) -> dict[str, Any]:
    return Workspace(account_id=account_id, question_id="iou", code="x = 1", saved_at=NOW).model_dump()


def report() -> dict[str, Any]:
    picture = Message("<svg><a href='https://evil.example'>log in</a></svg>", "<svg/>")
    case = CaseReport(name="a", title=None, verdict=Verdict.wrong_answer, picture_svg=picture)
    made = Report(question="iou", verdict=Verdict.wrong_answer, score=0.0, wall_ms=1.0, cases=(case,), seed=3)
    return made.model_dump(mode="json")


def submission(made: dict[str, Any]) -> dict[str, Any]:
    row = Submission(
        id="s1", account_id=1, question_id="iou", question_hash="c0ffee", code="x = 1", mode="submit", seed=3,
        status="done", verdict="wrong_answer", report=made, created_at=NOW, finished_at=NOW,
    )  # fmt: skip
    return row.model_dump()


def test_drafts_and_submissions_move_and_pictures_stay_behind(database: Database) -> None:
    with database.write() as connection:
        restore(connection, 2, gather(connection, 1, NOW))
        moved = gather(connection, 2, NOW)
        rows = connection.execute(select(submissions).where(submissions.c.account_id == 2)).mappings().all()
    assert [it.code for it in moved.drafts] == ["x = 1"]
    assert [row["status"] for row in rows] == ["done"]
    assert Report.model_validate(rows[0]["report"]).cases[0].picture_svg is None
    assert "evil.example" not in str(rows[0]["report"])


def test_account_with_a_draft_is_not_overwritten(database: Database) -> None:
    with database.write() as connection:
        exported = gather(connection, 1, NOW)
        connection.execute(insert(workspaces).values(draft(2)))
        with pytest.raises(Conflict):
            restore(connection, 2, exported)


def test_report_that_no_page_could_show_is_refused(database: Database) -> None:
    with database.write() as connection:
        exported = gather(connection, 1, NOW)
        odd = exported.submissions[0].model_copy(update={"report": {"verdict": "splendid"}})
        with pytest.raises(Invalid):
            restore(connection, 2, exported.model_copy(update={"submissions": (odd,)}))


def test_what_was_reported_and_told_is_in_the_export_and_goes_nowhere_else(database: Database) -> None:
    seen = {"lang": "zh", "about": "key", "text": "The key is wrong.", "outcome": "mended", "reply": "It was."}
    row = QuestionReport(account_id=1, question_id="iou", question_hash="c0ffee", seed=3, created_at=NOW, **seen)
    with database.write() as connection:
        connection.execute(insert(reports).values(row.model_dump(exclude={"id"})))
        notices.tell(connection, 1, "report-answered", "iou", NOW, about="key", reply="It was.")
        notices.tell(connection, 2, "regraded", "nms", NOW)
        learner = import_data(export_data(gather(connection, 1, NOW)))
        restore(connection, 2, learner)
        theirs = gather(connection, 2, NOW)
    assert [(it.question_id, it.text, it.reply) for it in learner.reports] == [("iou", seen["text"], seen["reply"])]
    assert [(it.kind, it.params) for it in learner.notices] == [
        ("report-answered", {"about": "key", "reply": "It was."})
    ]
    assert (theirs.reports, [it.kind for it in theirs.notices]) == ((), ["regraded"])
