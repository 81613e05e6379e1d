"""The inbox of those who keep the bank: learners' reports, one report with its question, closing and re-opening."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Response

from app.accounts.models import Role
from app.authoring import reports
from app.authoring.reports import PAGE_SIZE, About, Wanted
from app.db import MAX_INTEGER
from app.errors import N_, NotFound, Problem
from app.web.answer_forms import Fields, text
from app.web.failures import label
from app.web.pages import go, html
from app.web.report_views import InboxView, ReportedQuestion
from app.web.reporting import ABOUTS, report_row, report_view, title_of
from app.web.services import Here, Visit
from app.web.views import Choice

router = APIRouter(prefix="/admin/reports", include_in_schema=False)
Filter = Annotated[str, Query(max_length=100)]
ReportId = Annotated[int, Path(ge=1, le=MAX_INTEGER)]
STATES = {"open": N_("Open reports"), "closed": N_("Closed reports")}


@router.get("")
def inbox(
    visit: Here,
    state: Annotated[str, Query(pattern="^(open|closed)$")] = "open",
    topic: Filter = "",
    about: Filter = "",
    question: Filter = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    visit.require(Role.editor)
    filters = {"state": state, "topic": topic, "about": about, "question": question}
    wanted = Wanted(state == "open", _about(about), _questions(visit, topic, question))
    with visit.read() as connection:
        found = reports.listed(connection, wanted, page)
        pages = max(1, -(-found.total // PAGE_SIZE))
        if page > pages:
            page = pages
            found = reports.listed(connection, wanted, page)
    view = InboxView(
        states=[Choice(it, visit.words.gettext(name), it == state) for it, name in STATES.items()],
        topics=_choices(visit, _topics(visit), topic, N_("All topics")),
        abouts=_choices(
            visit, ((it, visit.words.gettext(name)) for it, name in ABOUTS.items()), about, N_("About anything")
        ),
        of_question=title_of(visit, question) if question else None,
        question_id=question,
        rows=[report_row(visit, row) for row in found.rows],
        by_question=[
            ReportedQuestion(title_of(visit, name), count, _href(filters | {"question": name}, 1))
            for name, count in found.by_question
        ],
        total=found.total,
        page=page,
        pages=pages,
        previous_href=_href(filters, page - 1) if page > 1 else None,
        next_href=_href(filters, page + 1) if page < pages else None,
    )
    return html(visit, "admin/reports.html", view, active="admin")


@router.get("/{report_id}")
def show(visit: Here, report_id: ReportId) -> Response:
    visit.require(Role.editor)
    with visit.read() as connection:
        view = report_view(visit, connection, reports.load(connection, report_id))
    return html(visit, "admin/report.html", view, active="admin")


@router.post("/{report_id}/close")
def close(visit: Here, report_id: ReportId, form: Fields) -> Response:
    """Answer the learner. What is refused comes back with what was written."""
    visit.require(Role.editor)
    outcome, reply = text(form, "outcome"), text(form, "reply")
    try:
        with visit.write() as connection:
            reports.close(connection, visit.me, report_id, outcome, reply, visit.now)
    except NotFound:
        raise
    except Problem as refused:
        error = label(visit.words, refused)
        with visit.read() as connection:
            row = reports.load(connection, report_id)
            view = report_view(visit, connection, row, outcome=outcome, reply=reply, error=error)
        return html(visit, "admin/report.html", view, active="admin", status=refused.status)
    return go(f"/admin/reports/{report_id}")


@router.post("/{report_id}/reopen")
def reopen(visit: Here, report_id: ReportId) -> Response:
    visit.require(Role.editor)
    with visit.write() as connection:
        reports.reopen(connection, visit.me, report_id, visit.now)
    return go(f"/admin/reports/{report_id}")


def _about(given: str) -> About | None:
    return About(given) if given in set(About) else None


def _questions(visit: Visit, topic: str, question: str) -> list[str] | None:
    """The questions whose reports are wanted; None for any."""
    if question:
        return [question]
    return [entry.question.id for entry in visit.services.bank.of_topic(topic)] if topic else None


def _topics(visit: Visit) -> Iterable[tuple[str, str]]:
    for it in visit.services.bank.topics.values():
        yield it.id, it.title.in_(visit.lang)


def _choices(visit: Visit, values: Iterable[tuple[str, str]], selected: str, everything: str) -> list[Choice]:
    first = Choice("", visit.words.gettext(everything), not selected)
    return [first, *(Choice(value, name, value == selected) for value, name in values)]


def _href(filters: dict[str, str], page: int) -> str:
    chosen = filters | {"page": str(page) if page > 1 else ""}
    return "/admin/reports?" + urlencode({name: value for name, value in chosen.items() if value})
