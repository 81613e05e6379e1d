"""The publish gate over HTTP: send a text to be checked, watch the check, read what it found."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Response
from pydantic import BaseModel
from sqlalchemy import Connection

from app.accounts.models import Role
from app.authoring import gate_runs, revisions
from app.authoring.gate import Asked
from app.authoring.gate_record import finding_key
from app.authoring.single import MAX_TEXT_BYTES
from app.bank.schema import Topic
from app.errors import N_, Invalid, NotFound, TooLarge
from app.web.gate_views import gate_view
from app.web.pages import go, html
from app.web.routes.api import MAX_ID, api_router
from app.web.services import Here, Visit

router = APIRouter(prefix="/admin", include_in_schema=False)
api = api_router("/api/admin/gate")
QuestionId = Annotated[str, Path(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
RunId = Annotated[int, Path(ge=1, le=MAX_ID)]


class GateFinding(BaseModel):
    """`kind`: a `fault` is mended or, where `can_be_waived`, waived under its `key` with a reason; what is
    `not_checked` could not be proved on this server; a `note` keeps nothing back. `line` and `column` count from 1."""

    key: str
    step: str
    kind: str
    can_be_waived: bool
    field: str
    line: int
    column: int
    where: str
    message: str
    mend: str


class GateState(BaseModel):
    """`state`: queued, running, done, broken or cancelled. `done` of `total` parts of `step` are through."""

    id: int
    question_id: str
    state: str
    step: str
    done: int
    total: int
    passed: bool
    findings: list[GateFinding]
    created_at: datetime
    finished_at: datetime | None


@router.post("/questions/{question_id}/gate")
def check(
    visit: Here, question_id: QuestionId, yaml: Annotated[str, Form()], topic: Annotated[str, Form(max_length=80)] = ""
) -> Response:
    """Have a text of the question checked; `topic` where it is to stand in another one, or in none yet."""
    me = visit.require(Role.editor)
    require_text(yaml)
    with visit.write() as connection:
        asked = Asked(question_id, _topic(visit, connection, question_id, topic), yaml)
        run = gate_runs.ask(connection, asked, me, visit.now)
    visit.services.gate.expect(run.id)
    return go(f"/admin/gate/{run.id}")


@router.get("/gate/{run_id}")
def watch(visit: Here, run_id: RunId, seen: Annotated[str, Query(max_length=80)] = "") -> Response:
    """The check's page; to htmx, which asks again and again, what changed since `seen`, if anything did."""
    visit.require(Role.editor)
    view = gate_view(visit, visit.services.gate.state(run_id))
    if visit.is_fragment and seen == view.mark:
        return Response(status_code=204)
    return html(visit, "admin/gate/_state.html" if visit.is_fragment else "admin/gate/page.html", view, "admin")


@api.get("/{run_id}")
def state(visit: Here, run_id: RunId) -> GateState:
    """How far a check of the publish gate is, and once it is done what it found. For editors."""
    visit.require(Role.editor)
    run = visit.services.gate.state(run_id)
    say = visit.words.say
    kept = {name: getattr(run, name) for name in GateState.model_fields if name != "findings"}
    findings = [
        GateFinding(
            key=finding_key(it.where, it.message),
            can_be_waived=it.can_be_waived,
            **{name: getattr(it, name) for name in ("step", "kind", "field", "line", "column")},
            where=say(it.where),
            message=say(it.message),
            mend=say(it.mend),
        )
        for it in run.told
    ]
    return GateState(findings=findings, **kept)


def require_text(yaml: str) -> None:
    """Raises TooLarge and Invalid for what can't be a question's text at all."""
    try:
        size = len(yaml.encode())
    except UnicodeEncodeError:
        raise Invalid(N_("The text holds half of a character.")) from None
    if size > MAX_TEXT_BYTES:
        raise TooLarge(N_("A question has at most %(limit)d KiB."), limit=MAX_TEXT_BYTES // 1024)


def _topic(visit: Visit, connection: Connection, question_id: str, named: str) -> Topic:
    bank = visit.services.bank
    if not named and question_id in bank.questions:
        return bank.questions[question_id].topic
    if not named and (head := revisions.head(connection, question_id)) is not None:
        named = head.topic_id
    if named not in bank.topics:
        raise NotFound(N_("There is no such topic."))
    return bank.topics[named]
