"""The preview in the editor's frame: a text as a learner sees it, in either language, before and after answering."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from app.authoring.desk import Writing
from app.web import editor_texts
from app.web.editor_forms import Posted, look, said
from app.web.pages import html
from app.web.previews import preview
from app.web.security import embeddable
from app.web.services import Here, Visit

router = APIRouter(prefix="/admin/questions", include_in_schema=False)


@router.get("/{question_id}/preview")
def preview_saved(visit: Here, question_id: str, request: Request) -> Response:
    """The text as it was kept last."""
    there = editor_texts.found(visit, question_id)
    return _preview(visit, editor_texts.standing(there), dict(request.query_params))


@router.post("/{question_id}/preview")
def preview_sent(visit: Here, question_id: str, form: Posted) -> Response:
    """The text that was sent."""
    _, text = editor_texts.sent(visit, question_id, form)
    return _preview(visit, text, {name: said(form, name) for name in form})


def _preview(visit: Visit, text: Writing, asked: Mapping[str, str]) -> Response:
    wanted = look(asked, visit.lang)
    speaking = visit.speaking(wanted.lang)
    view = preview(speaking, text.question_id, editor_texts.read(visit, text), wanted)
    return embeddable(html(speaking, "admin/editor/preview.html", view, active=""))
