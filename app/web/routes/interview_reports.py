"""Interviews that are over: the report, its export, the replay, and what goes into practice."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from app.errors import N_, Conflict
from app.interview import marking
from app.interview.aftermath import practise_misses
from app.interview.history import report_of
from app.interview.store import Sitting
from app.practice import coding
from app.web.failures import label
from app.web.interview_report import replay_view, report_json, report_view
from app.web.pages import go, html
from app.web.routes.interviews import InterviewId, Number, current, load
from app.web.services import Here, Visit

router = APIRouter(prefix="/interviews", include_in_schema=False)


@router.get("/{interview_id}/report")
def report(visit: Here, interview_id: InterviewId) -> Response:
    """The report; while the sitting is under way, the sitting."""
    if not current(visit, interview_id).clock.is_over:
        return go(f"/interviews/{interview_id}")
    return _report(visit, interview_id)


@router.get("/{interview_id}/report.json")
def export(visit: Here, interview_id: InterviewId) -> Response:
    finished(visit, interview_id)
    with visit.read() as connection:
        told = report_json(visit, connection, load(visit, connection, interview_id))
    name = f"interview-{interview_id}.json"
    return JSONResponse(told, headers={"content-disposition": f'attachment; filename="{name}"'})


@router.get("/{interview_id}/replay")
def show_replay(visit: Here, interview_id: InterviewId) -> Response:
    finished(visit, interview_id)
    with visit.read() as connection:
        view = replay_view(visit, connection, load(visit, connection, interview_id))
    return html(visit, "interviews/replay.html", view, active="interviews")


@router.post("/{interview_id}/practise")
def practise(visit: Here, interview_id: InterviewId) -> Response:
    """Put what was missed into practice, due now."""
    finished(visit, interview_id)
    try:
        with visit.write() as connection:
            sitting = load(visit, connection, interview_id)
            came_to = report_of(connection, visit.services.bank, sitting)
            if not came_to.is_final:
                raise Conflict(N_("Not everything is scored yet."), N_("Score your open answers first."))
            practise_misses(connection, visit.person, sitting, came_to.misses)
    except Conflict as conflict:
        return _report(visit, interview_id, notice=label(visit.words, conflict), status=conflict.status)
    return go(f"/interviews/{interview_id}/report")


@router.post("/{interview_id}/{number:int}/regrade")
def regrade(visit: Here, interview_id: InterviewId, number: Number) -> Response:
    """Grade code again whose grading broke."""
    finished(visit, interview_id)
    with visit.write() as connection:
        sitting = load(visit, connection, interview_id)
        sent = marking.regrade(connection, sitting, sitting.slot(number))
        if sent is not None:
            visit.services.grading.enqueue(connection, coding.submission(connection, visit.me.id, sent))
    return go(f"/interviews/{interview_id}/report#q{number}")


def finished(visit: Visit, interview_id: int) -> Sitting:
    """The sitting, once it is over; Conflict before."""
    sitting = current(visit, interview_id)
    if not sitting.clock.is_over:
        raise Conflict(N_("This interview is still under way."), N_("Its report comes when it is over."))
    return sitting


def _report(visit: Visit, interview_id: int, notice: str | None = None, status: int = 200) -> Response:
    with visit.read() as connection:
        view = report_view(visit, connection, load(visit, connection, interview_id), notice)
    return html(visit, "interviews/report.html", view, active="interviews", status=status)
