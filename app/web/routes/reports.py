"""Reporting a problem with a question: a form under the question, or on a page of its own; and for programs."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from app.authoring import reports
from app.authoring.reports import About
from app.bank.catalog import Entry
from app.bank.present import title
from app.bank.schema import LANGS, Lang
from app.errors import Problem
from app.practice.sessions import SEEDS
from app.web.answer_forms import Fields, text, whole
from app.web.failures import label
from app.web.pages import go, html, local_path
from app.web.report_views import ReportPageView
from app.web.reporting import report_form
from app.web.routes.api import Body, api_router
from app.web.routes.api import Problem as ProblemBody
from app.web.routes.questions import entry_for
from app.web.services import Here, Visit
from app.web.views import ReportFormView

router = APIRouter(prefix="/q", include_in_schema=False)
api = api_router("/api")
HASH = r"^[0-9a-f]{32}$"
TOO_MANY: dict[int | str, dict[str, Any]] = {429: {"model": ProblemBody, "content": {"application/problem+json": {}}}}
Back = Annotated[str, Query(max_length=500)]


@router.get("/{question_id}/report")
def show(
    visit: Here,
    question_id: str,
    seed: Annotated[int, Query(ge=0, lt=SEEDS)] = 0,
    hash: Annotated[str, Query(max_length=64)] = "",  # noqa: A002  (the address's word)
    back: Back = "",
) -> Response:
    entry = entry_for(visit, question_id)
    form = report_form(visit, entry, seed, _back(entry, back), question_hash=_hash(hash))
    return _page(visit, entry, form)


@router.post("/{question_id}/report")
def send(visit: Here, question_id: str, form: Fields) -> Response:
    """Keep the report. What can't be kept comes back with everything that was typed."""
    entry = entry_for(visit, question_id)
    back = _back(entry, text(form, "back"))
    question_hash = _hash(text(form, "hash")) or entry.hash
    seed = whole(text(form, "seed"), "seed", most=SEEDS - 1)
    about, said = text(form, "about"), text(form, "text")
    try:
        with visit.write() as connection:
            lang = _lang(text(form, "lang"), visit.lang)
            reports.report(connection, visit.me, entry, question_hash, seed, lang, about, said, visit.now)
    except Problem as refused:
        error = label(visit.words, refused)
        again = report_form(visit, entry, seed, back, question_hash=question_hash, about=about, text=said, error=error)
        return _page(visit, entry, again, refused.status)
    if visit.is_fragment:
        return html(visit, "reports/_sent.html", None, active="")
    return go(f"/q/{question_id}/report/sent?{urlencode({'back': back})}")


@router.get("/{question_id}/report/sent")
def sent(visit: Here, question_id: str, back: Back = "") -> Response:
    return _page(visit, entry_for(visit, question_id), None, back=back)


class SendReport(Body):
    """`hash` is the version that the learner saw (as in an interview's report), the present one if it is left out."""

    question_id: str = Field(pattern=r"^[a-z0-9-]{1,80}$")
    about: About = Field(strict=False)
    text: str = Field(min_length=1, max_length=reports.MAX_TEXT)
    hash: str | None = Field(default=None, pattern=HASH)
    seed: int = Field(default=0, ge=0, lt=SEEDS)
    lang: Lang | None = None


class SentReport(BaseModel):
    id: int


@api.post("/reports", status_code=201, responses=TOO_MANY)
def send_report(visit: Here, body: SendReport) -> SentReport:
    """Report a problem with a question to those who keep the bank; the answer comes as a notice on the home page."""
    with visit.write() as connection:
        entry = entry_for(visit, body.question_id)
        question_hash, lang = body.hash or entry.hash, body.lang or visit.lang
        report_id = reports.report(
            connection, visit.me, entry, question_hash, body.seed, lang, body.about, body.text, visit.now
        )
    return SentReport(id=report_id)


def _page(visit: Visit, entry: Entry, form: ReportFormView | None, status: int = 200, *, back: str = "") -> Response:
    if form is not None and visit.is_fragment:
        return html(visit, "reports/_form.html", form, active="", status=status)
    name = entry.question.id
    view = ReportPageView(
        title=title(entry, visit.lang, form.seed if form else 0),
        question_id=name,
        back=form.back if form else _back(entry, back),
        form=form,
        sent=form is None,
    )
    return html(visit, "reports/page.html", view, active="browse", status=status)


def _back(entry: Entry, path: str) -> str:
    """Where the learner came from, if it is a page of ours; else the question's own."""
    return local_path(path) if path else f"/q/{entry.question.id}"


def _hash(given: str) -> str | None:
    return given if re.match(HASH, given) else None


def _lang(given: str, fallback: Lang) -> Lang:
    return given if given in LANGS else fallback
