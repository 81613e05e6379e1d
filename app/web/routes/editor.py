"""The editor: one question's text with its faults and its preview, kept as one types, saved as a revision."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from app.accounts import audit
from app.accounts.models import Role
from app.authoring import desk, merge, revisions
from app.authoring.desk import Desk, Unsound, Writing
from app.authoring.form_parts import DO
from app.authoring.revisions import StaleBase
from app.authoring.single import MAX_TEXT_BYTES, Single, tidy
from app.bank.json_schema import json_schema
from app.errors import N_, Invalid
from app.web import editor_texts, wording
from app.web.admin_list_views import STATUS_NAMES
from app.web.editor_forms import Action, Posted, action, came_as_form, look, said, turned_to
from app.web.editor_help import examples
from app.web.editor_views import ConflictView, EditView, check_view
from app.web.failures import label
from app.web.form_views import form_view
from app.web.pages import go, html
from app.web.previews import picks
from app.web.routes.publish import ask_gate
from app.web.security import embedding
from app.web.services import Here, Visit

router = APIRouter(prefix="/admin", include_in_schema=False)


@router.get("/schema.json")
def schema(visit: Here) -> Response:
    """The JSON Schema of a topic file with the facts of the map, for completion."""
    visit.require(Role.editor)
    topics = visit.services.bank.topics.values()
    return JSONResponse(json_schema([f"{topic.id}/{fact}" for topic in topics for fact in topic.facts]))


@router.get("/questions/{question_id}/edit")
def edit(visit: Here, question_id: str, saved: int | None = None, show: Literal["form", "yaml"] = "yaml") -> Response:
    """The text as it was kept last; `show=form` field by field."""
    return _page(visit, editor_texts.found(visit, question_id), saved_number=saved, as_form=show == "form")


@router.post("/questions/{question_id}/edit")
def save(visit: Here, question_id: str, form: Posted) -> Response:
    """Save as a draft or as ready; go on to publishing if that is what was asked for."""
    found, sent = editor_texts.sent(visit, question_id, form)
    as_form = came_as_form(form)
    if (view := turned_to(form)) is not None:
        with visit.write() as connection:
            desk.keep(connection, visit.me.id, sent, visit.now)
        done = said(form, DO) if as_form else ""
        return _page(visit, found, sent, note=said(form, "note"), as_form=view == "form", done=done)
    wanted = action(form)
    if merge.is_unresolved(sent.yaml):
        told = visit.words.gettext(N_("Some places still show both texts. Choose what stays and delete the marks."))
        return _page(visit, found, sent, note=said(form, "note"), refusal=told, status=Invalid.status, as_form=as_form)
    try:
        with visit.write() as connection:
            kept: desk.Kept = "draft" if wanted == "draft" else "ready"
            saved, _ = desk.save(connection, sent, kept, said(form, "note"), visit.services.bank, visit.me, visit.now)
            audit.record(connection, visit.me, visit.now, f"question.{kept}", question_id, revision=saved.number)
    except Unsound as unsound:
        told = label(visit.words, unsound)
        note, status = said(form, "note"), unsound.status
        return _page(visit, found, sent, unsound.single, note, told, status=status, as_form=as_form)
    except StaleBase as stale:
        return _conflict(visit, sent, stale, wanted, said(form, "note"))
    if wanted == "publish":
        return go(f"/admin/questions/{question_id}/publish?run={ask_gate(visit, question_id)}")
    shown = "form" if as_form else "yaml"
    return go(f"/admin/questions/{question_id}/edit?saved={saved.number}&show={shown}")


@router.put("/questions/{question_id}/draft")
def keep(visit: Here, question_id: str, form: Posted) -> Response:
    """Keep what is being typed; answers with the time, for the page to show."""
    _, sent = editor_texts.sent(visit, question_id, form)
    with visit.write() as connection:
        desk.keep(connection, visit.me.id, sent, visit.now)
    return JSONResponse({"saved_at": wording.time_of_day(visit.now, visit.zone, visit.words)})


@router.post("/questions/{question_id}/discard")
def discard(visit: Here, question_id: str) -> Response:
    """Forget the unsaved draft."""
    visit.require(Role.editor)
    with visit.write() as connection:
        desk.discard(connection, visit.me.id, question_id)
        known = revisions.head(connection, question_id)
    return go(f"/admin/questions/{question_id}/edit" if known else "/admin/questions")


@router.post("/questions/{question_id}/check")
def check(visit: Here, question_id: str, request: Request, form: Posted) -> Response:
    """The faults that need no sandbox, as a fragment, or as JSON for who asks for that."""
    _, sent = editor_texts.sent(visit, question_id, form)
    view = check_view(visit.words, editor_texts.read(visit, sent).findings, by_line=not came_as_form(form))
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"findings": [vars(it) for it in view.findings]})
    return html(visit, "admin/editor/_findings.html", view, active="")


def _page(
    visit: Visit,
    found: Desk,
    sent: Writing | None = None,
    single: Single | None = None,
    note: str = "",
    refusal: str | None = None,
    saved_number: int | None = None,
    status: int = 200,
    *,
    as_form: bool = False,
    done: str = "",
) -> Response:
    """The edit page with what was sent, else with what was found; `as_form` if it can be shown field by field.

    `done` is the button of a row that was pressed.
    """
    shown = sent or editor_texts.standing(found)
    single = single or editor_texts.read(visit, shown)
    findings = single.findings
    form = None
    if as_form:
        shown = replace(shown, yaml=tidy(shown.yaml))
        form = form_view(shown.yaml, desk.topic_of(visit.services.bank, shown.topic_id), findings, visit.words, done)
        if form is None:
            refusal = visit.words.gettext(N_("The YAML can’t be read yet, so it has no form. Mend it here first."))
    head = found.head
    topic = visit.services.bank.topics.get(found.topic_id)
    view = EditView(
        question_id=found.question_id,
        topic_id=found.topic_id,
        topic_title=topic.title.in_(visit.lang) if topic else found.topic_id,
        status_label=visit.words.gettext(STATUS_NAMES[head.status if head else "draft"]),
        base_number=shown.base_number,
        head_number=head.number if head else None,
        is_published=found.published_number is not None,
        is_stale=shown.base_number != (head.number if head else None),
        draft_label=wording.moment(found.saved_at, visit.zone, visit.words) if found.saved_at and head else None,
        yaml=shown.yaml,
        note=note,
        max_bytes=MAX_TEXT_BYTES,
        check=check_view(visit.words, findings, by_line=form is None),
        examples=examples(visit.lang),
        saved_number=saved_number,
        refusal=refusal,
        form=form,
        picks=picks(visit, single, look({}, visit.lang)),
    )
    return embedding(html(visit, "admin/editor/edit.html", view, active="admin", status=status))


def _conflict(visit: Visit, sent: Writing, stale: StaleBase, wanted: Action, note: str) -> Response:
    """Both texts and the one they began with. What was sent is kept as a draft first, so that nothing is lost."""
    head = stale.head
    with visit.write() as connection:
        desk.keep(connection, visit.me.id, sent, visit.now)
        base = revisions.version(connection, sent.question_id, sent.base_number).yaml if sent.base_number else ""
    mine = tidy(sent.yaml)
    merged = merge.merge3(base, mine, head.yaml)
    view = ConflictView(
        question_id=sent.question_id,
        author=visit.words.say(head.author),
        when_label=wording.moment(head.created_at, visit.zone, visit.words),
        their_note=head.note,
        base_number=sent.base_number,
        head_number=head.number,
        mine=mine,
        theirs=head.yaml,
        base=base,
        lines=merge.compared(head.yaml, mine),
        merged=merged.text,
        conflicts=merged.conflicts,
        action=wanted,
        note=note,
    )
    return html(visit, "admin/editor/conflict.html", view, active="admin", status=stale.status)
