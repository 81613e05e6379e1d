"""A question's history: its revisions, what changed between two, who brought each line, and bringing one back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy import Connection

from app.accounts.models import Role
from app.authoring import publishing, revisions
from app.authoring.comparing import blame, compare
from app.authoring.revisions import Head
from app.authoring.single import Single, read_single
from app.bank.schema import LANGS
from app.errors import N_, NotFound
from app.web.answer_forms import Fields, text, whole
from app.web.editor_forms import look
from app.web.history_views import DiffView, blame_view, changed_labels, history_view, revision_choices
from app.web.i18n import NAMES
from app.web.pages import go, html
from app.web.previews import preview
from app.web.security import embeddable, embedding
from app.web.services import Here
from app.web.views import Choice

router = APIRouter(prefix="/admin/questions/{question_id}", include_in_schema=False)
Number = Annotated[int, Query(ge=1, le=10**9)]


@router.get("/history")
def history(visit: Here, question_id: str) -> Response:
    visit.require(Role.editor)
    with visit.read() as connection:
        head = _head(connection, question_id)
        versions = revisions.history(connection, question_id)
    return html(visit, "admin/history/page.html", history_view(visit, head, versions), active="admin")


@router.get("/diff")
def diff(
    visit: Here,
    question_id: str,
    before: Annotated[Number | None, Query(alias="from")] = None,
    after: Annotated[Number | None, Query(alias="to")] = None,
    lang: Annotated[str, Query(max_length=2)] = "",
) -> Response:
    """Two revisions beside each other; if not said which, the newest and the one before it."""
    visit.require(Role.editor)
    with visit.read() as connection:
        versions = revisions.history(connection, _head(connection, question_id).question_id)
    new_number = after or versions[0].number
    old_number = before or max(1, new_number - 1)
    known = {version.number: version for version in versions}
    if new_number not in known or old_number not in known:
        raise NotFound(N_("There is no such revision of this question."))
    old, new = known[old_number], known[new_number]
    shown_in = lang if lang in LANGS else visit.lang
    topics, statuses = changed_labels(visit, old, new)
    view = DiffView(
        question_id=question_id,
        before=old_number,
        after=new_number,
        befores=revision_choices(visit, versions, old_number),
        afters=revision_choices(visit, versions, new_number),
        hunks=compare(old.yaml, new.yaml),
        langs=[Choice(it, NAMES[it], it == shown_in) for it in LANGS],
        lang=shown_in,
        topics=topics,
        statuses=statuses,
    )
    return embedding(html(visit, "admin/history/diff.html", view, active="admin"))


@router.get("/blame")
def blamed(visit: Here, question_id: str) -> Response:
    visit.require(Role.editor)
    with visit.read() as connection:
        lines = blame(revisions.history(connection, _head(connection, question_id).question_id))
    return html(visit, "admin/history/blame.html", blame_view(visit, question_id, lines), active="admin")


@router.get("/history/{number}/preview")
def as_shown(visit: Here, request: Request, question_id: str, number: Annotated[int, Path(ge=1, le=10**9)]) -> Response:
    """A revision as a learner would see it."""
    visit.require(Role.editor)
    bank = visit.services.bank
    with visit.read() as connection:
        version = revisions.version(connection, question_id, number)
    topic = bank.topics.get(version.topic_id)
    single = read_single(version.yaml, topic, bank) if topic else Single(None, ())
    wanted = look(dict(request.query_params), visit.lang)
    speaking = visit.speaking(wanted.lang)
    view = preview(speaking, question_id, single, wanted)
    return embeddable(html(speaking, "admin/editor/preview.html", view, active=""))


@router.post("/restore")
def restore(visit: Here, question_id: str, form: Fields) -> Response:
    """Bring an old text back as a draft on top."""
    visit.require(Role.editor)
    number, base = (whole(text(form, name), name, least=1, most=10**9) for name in ("number", "base"))
    note = visit.words.gettext(N_("Revision %(number)s brought back"), number=number)
    with visit.write() as connection:
        publishing.restore(
            connection, visit.services.bank, question_id, number, visit.me, visit.now, base_number=base, note=note
        )
    return go(f"/admin/questions/{question_id}/edit")


def _head(connection: Connection, question_id: str) -> Head:
    """Raises NotFound for a question without a history."""
    head = revisions.head(connection, question_id)
    if head is None:
        raise NotFound(N_("There is no question with this name."))
    return head
