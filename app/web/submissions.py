"""Views of submissions: progress while they run, verdicts and cases when they are done."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import Connection

from app.bank.markup import to_html
from app.errors import N_
from app.grading.queue import Graded, Progress, Queued, Running
from app.grading.verdict import CaseReport, Report, Verdict
from app.interview.store import covers_cases
from app.practice import coding
from app.practice.coding import UNFINISHED, digest
from app.web import wording
from app.web.services import Visit
from app.web.views import CaseView, DiffLine, SubmissionView

Status = Literal["queued", "running", "done", "cancelled"]


def own_submission(visit: Visit, connection: Connection, submission_id: str) -> Mapping[str, Any]:
    """The learner's submission with its report as they may see it; NotFound if it is not theirs."""
    row = coding.submission(connection, visit.me.id, submission_id)
    slot_id, report = row["interview_slot_id"], row["report"]
    if slot_id is None or report is None:
        return row
    return {**row, "report": report.covered() if covers_cases(connection, slot_id) else report}


def submission_view(visit: Visit, connection: Connection, row: Mapping[str, Any]) -> SubmissionView:
    """A submission as its row says; while it is not done, with the graders' word on where it is."""
    progress = _progress(visit, connection, row)
    report: Report | None = row["report"]
    cases = _cases(visit, report) if report else []
    return SubmissionView(
        id=row["id"],
        mode=row["mode"],
        status=_status(row, progress),
        progress_label=_label(visit, progress) if row["status"] in UNFINISHED else "",
        verdict=row["verdict"],
        verdict_label=wording.verdict(row["verdict"], visit.words) if row["verdict"] else "",
        ok=row["verdict"] == Verdict.accepted,
        message=report.message.in_(visit.lang) if report else "",
        slip_html=_slip_html(visit, report) if report else None,
        cases=cases,
        first=_first_failing(cases),
        seed=row["seed"],
        code_sha256=digest(row["code"]),
        when_label=wording.moment(row["created_at"], visit.zone, visit.words),
    )


def tried_view(visit: Visit, report: Report, code: str) -> SubmissionView:
    """A report of code that nobody submitted, as if it had been submitted now."""
    cases = _cases(visit, report)
    return SubmissionView(
        id="",
        mode="submit",
        status="done",
        progress_label="",
        verdict=report.verdict.value,
        verdict_label=wording.verdict(report.verdict.value, visit.words),
        ok=report.verdict is Verdict.accepted,
        message=report.message.in_(visit.lang),
        slip_html=_slip_html(visit, report),
        cases=cases,
        first=_first_failing(cases),
        seed=report.seed,
        code_sha256=digest(code),
        when_label=wording.moment(visit.now, visit.zone, visit.words),
    )


def status(visit: Visit, connection: Connection, row: Mapping[str, Any]) -> Status:
    """How far a submission is. Its row knows of its end; only the graders know that its turn has come."""
    return _status(row, _progress(visit, connection, row))


def _progress(visit: Visit, connection: Connection, row: Mapping[str, Any]) -> Progress | None:
    return visit.services.grading.progress(connection, row["id"]) if row["status"] in UNFINISHED else None


def _status(row: Mapping[str, Any], progress: Progress | None) -> Status:
    stored: Status = row["status"]
    return "running" if isinstance(progress, Running | Graded) else stored


def _label(visit: Visit, progress: Progress | None) -> str:
    gettext = visit.words.gettext
    match progress:
        case Running(done=done, total=total) if total:
            return gettext(N_("Running case %(case)s of %(total)s"), case=min(done + 1, total), total=total)
        case Running():
            return gettext(N_("Making the cases"))
        case Graded():
            return gettext(N_("Graded. Storing the result does not work just now; it is tried again by itself."))
        case Queued(is_served=False):
            return gettext(N_("Waiting. Nothing that could grade this runs just now; it is graded as soon as it does."))
        case Queued(ahead=ahead, wait_s=float(wait_s)) if ahead:
            return gettext(N_("Waiting, %(ahead)s ahead, about %(wait)s s"), ahead=ahead, wait=math.ceil(wait_s))
        case Queued(ahead=ahead) if ahead:
            return gettext(N_("Waiting, %(ahead)s ahead"), ahead=ahead)
        case _:
            return gettext(N_("Waiting"))


def _slip_html(visit: Visit, report: Report) -> str | None:
    return to_html(report.recognised.note.in_(visit.lang)) if report.recognised else None


def _cases(visit: Visit, report: Report) -> list[CaseView]:
    return [_case(visit, number, case) for number, case in enumerate(report.cases, start=1)]


def _first_failing(cases: list[CaseView]) -> CaseView | None:
    return min((case for case in cases if not case.ok), key=lambda case: case.hidden, default=None)


def _case(visit: Visit, number: int, case: CaseReport) -> CaseView:
    return CaseView(
        number=number,
        title=case.title.in_(visit.lang) if case.title else case.name,
        verdict=case.verdict.value,
        verdict_label=wording.verdict(case.verdict.value, visit.words),
        ok=case.verdict is Verdict.accepted,
        hidden=case.hidden,
        time_label=wording.milliseconds(case.wall_ms),
        memory_label=f"{case.peak_mib:.0f} MiB",
        message=case.message.in_(visit.lang),
        stdout=case.stdout,
        args=case.args_preview,
        expected=case.expected_preview,
        got=case.got_preview,
        diff=[_line(text) for text in (case.diff or "").splitlines()],
        picture_svg=case.picture_svg.in_(visit.lang) if case.picture_svg else None,
        tries_left=case.tries_left,
    )


def _line(text: str) -> DiffLine:
    side: Literal["due", "got", "same"] = "due" if text[0] == "-" else "got" if text[0] == "+" else "same"
    return DiffLine(side, text)
