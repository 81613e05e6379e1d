"""New questions, from an example of their kind or from another question, and new topics for them."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Response

from app.accounts import audit
from app.accounts.models import Role
from app.authoring import added_topics, desk
from app.authoring.desk import Writing
from app.authoring.new_topic import Wanted, add_topic, checked
from app.authoring.starters import starter, with_id
from app.bank.catalog import Bank
from app.bank.schema import KINDS, Topic
from app.errors import N_, Invalid, Problem
from app.web import editor_texts, wording
from app.web.editor_forms import Posted, said
from app.web.editor_views import NewView
from app.web.failures import label
from app.web.pages import go, html
from app.web.services import Here, Visit
from app.web.views import Choice

router = APIRouter(prefix="/admin", include_in_schema=False)


@router.get("/questions/new")
def new(visit: Here, kind: str = "", topic: str = "") -> Response:
    visit.require(Role.editor)
    return _page(visit, kind=kind, topic=topic)


@router.post("/questions/new")
def begin(visit: Here, form: Posted) -> Response:
    """Begin a question with the example of its kind, as a draft of one's own."""
    visit.require(Role.editor)
    name, kind, topic = said(form, "question_id").strip(), said(form, "kind"), said(form, "topic")
    try:
        if kind not in KINDS:
            raise Invalid(N_("Choose a kind."))
        desk.topic_of(visit.services.bank, topic)
        _begin(visit, Writing(name, topic, None, starter(kind, name)))
    except Problem as refused:
        return _page(visit, question_id=name, kind=kind, topic=topic, refused=refused)
    return go(f"/admin/questions/{name}/edit")


@router.get("/questions/{question_id}/duplicate")
def copy(visit: Here, question_id: str) -> Response:
    there = editor_texts.found(visit, question_id)
    return _page(visit, question_id=f"{question_id}-2", topic=there.topic_id, copied_from=question_id)


@router.post("/questions/{question_id}/duplicate")
def begin_copy(visit: Here, question_id: str, form: Posted) -> Response:
    """Begin a question with the text of another one, as a draft of one's own."""
    there = editor_texts.found(visit, question_id)
    name = said(form, "question_id").strip()
    topic = said(form, "topic") or there.topic_id
    try:
        desk.topic_of(visit.services.bank, topic)
        _begin(visit, Writing(name, topic, None, with_id(there.yaml, name)))
    except Problem as refused:
        return _page(visit, question_id=name, topic=topic, copied_from=question_id, refused=refused)
    return go(f"/admin/questions/{name}/edit")


@router.post("/topics/new")
def new_topic(visit: Here, form: Posted) -> Response:
    """A topic at the end of the topic map, in the bank's folder."""
    visit.require(Role.admin)
    facts = tuple(line.strip() for line in said(form, "facts").splitlines() if line.strip())
    name, area, title_en, title_zh = (said(form, it).strip() for it in ("id", "area", "title_en", "title_zh"))
    services = visit.services
    wanted = Wanted(name, area, title_en, title_zh, facts)
    try:
        topic = _added(services.settings.questions_dir, services.bank, wanted, is_kept=services.db.is_postgresql)
    except Problem as refused:
        return _page(visit, refused=refused)
    with visit.write() as connection:
        if services.db.is_postgresql:
            added_topics.keep(connection, topic, visit.now)
        audit.record(connection, visit.me, visit.now, "topic.add", topic.id, area=topic.area)
    services.bank_sync.catch_up()
    return go(f"/admin/questions/new?topic={topic.id}")


def _added(questions_dir: Path, bank: Bank, wanted: Wanted, *, is_kept: bool) -> Topic:
    """The topic, written to the folder; where the database keeps it, a folder may do without."""
    try:
        return add_topic(questions_dir, bank, wanted)
    except OSError:
        if not is_kept:
            raise
        return checked(bank, wanted)


def _begin(visit: Visit, writing: Writing) -> None:
    with visit.write() as connection:
        desk.begin(connection, visit.me.id, writing, visit.services.bank, visit.now)


def _page(
    visit: Visit,
    *,
    question_id: str = "",
    kind: str = "",
    topic: str = "",
    copied_from: str | None = None,
    refused: Problem | None = None,
) -> Response:
    bank = visit.services.bank
    topics = [Choice(it.id, it.title.in_(visit.lang), it.id == topic) for it in bank.topics.values()]
    view = NewView(
        question_id=question_id,
        kinds=[Choice(it, wording.kind(it, visit.words), it == kind) for it in KINDS],
        topics=topics,
        areas=[Choice(it.id, it.title.in_(visit.lang), selected=False) for it in bank.areas],
        refusal=label(visit.words, refused) if refused else None,
        may_add_topics=visit.me.role.reaches(Role.admin),
        copied_from=copied_from,
    )
    return html(visit, "admin/editor/new.html", view, active="admin", status=refused.status if refused else 200)
