"""How often a learner has tried a coding question, which decides what they see of its hidden cases."""

from __future__ import annotations

import math
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Table, func, select

from app.grading.models import Submission, Workspace
from app.grading.verdict import Report, Verdict

submissions: Table = Submission.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it
workspaces: Table = Workspace.__table__  # type: ignore[attr-defined]  # as above

NO_TRY = (Verdict.accepted, Verdict.internal_error)


def shown_report(connection: Connection, submission: RowMapping, last_rated_at: datetime | None) -> Report:
    """The report of a graded submission's row as its learner may see it now."""
    report = Report.model_validate(submission["report"])
    if not any(case.hidden for case in report.cases):
        return report
    owner, question_id = submission["account_id"], submission["question_id"]
    if _gave_up(connection, owner, question_id):
        return report.shown(math.inf)
    return report.shown(_tries(connection, owner, question_id, last_rated_at))


def _tries(connection: Connection, account_id: int, question_id: str, since: datetime | None) -> int:
    """How many different solutions were submitted and failed, since the last rating if there was one."""
    query = select(func.count(submissions.c.code.distinct())).where(
        submissions.c.account_id == account_id,
        submissions.c.question_id == question_id,
        submissions.c.mode == "submit",
        submissions.c.status == "done",
        submissions.c.verdict.not_in(NO_TRY),
    )
    if since is not None:
        query = query.where(submissions.c.created_at > since)
    count: int = connection.execute(query).scalar_one()
    return count


def _gave_up(connection: Connection, account_id: int, question_id: str) -> bool:
    query = select(workspaces.c.revealed).where(
        workspaces.c.account_id == account_id, workspaces.c.question_id == question_id
    )
    return bool(connection.execute(query).scalar())
