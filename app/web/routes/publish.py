"""The publish page: what changes for learners, the gate's word beside it, and the decision."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.accounts.models import Role
from app.authoring import desk, gate_runs, publishing
from app.authoring.gate import Asked
from app.authoring.gate_record import GateRefused
from app.authoring.gate_runs import Run
from app.authoring.interviews import Undrawable, require_drawable
from app.authoring.publishing import Memories
from app.authoring.revisions import Fresh, StaleBase
from app.authoring.single import text_hash
from app.bank.catalog import Entry
from app.db import MAX_INTEGER
from app.errors import N_, Conflict, Invalid
from app.web.editor_forms import Posted, number, said
from app.web.failures import label
from app.web.pages import go, html
from app.web.publish_view import gate_view, newest, publish_view, read, record
from app.web.services import Here, Visit

router = APIRouter(prefix="/admin/questions", include_in_schema=False)
RunId = Annotated[int | None, Query(ge=1, le=MAX_INTEGER)]
WAIVE = "waive-"


@router.get("/{question_id}/publish")
def show(visit: Here, question_id: str, run: RunId = None) -> Response:
    visit.require(Role.editor)
    with visit.read() as connection:
        version = newest(connection, question_id)
        view = publish_view(visit, connection, version, _run(visit, question_id, run))
    return html(visit, "admin/editor/publish.html", view, active="admin")


@router.post("/{question_id}/publish/checks")
def check(visit: Here, question_id: str) -> Response:
    """Run the gate over the newest revision, in the background."""
    return go(f"/admin/questions/{question_id}/publish?run={ask_gate(visit, question_id)}")


@router.get("/{question_id}/publish/gate")
def watch(visit: Here, question_id: str, run: RunId = None) -> Response:
    """How far the gate is, as a fragment."""
    visit.require(Role.editor)
    view = gate_view(visit, _run(visit, question_id, run), {})
    return html(visit, "admin/editor/_gate.html", view, active="")


@router.post("/{question_id}/publish")
def publish(visit: Here, question_id: str, form: Posted) -> Response:
    """Publish the newest revision, if the gate lets it through. A waiver is named by its finding's key."""
    me = visit.require(Role.editor)
    run = _run(visit, question_id, number(said(form, "run") or "0"))
    reasons = {name.removeprefix(WAIVE): said(form, name) for name in form if name.startswith(WAIVE)}
    note = said(form, "note")[: desk.MAX_NOTE]
    bank = visit.services.bank
    with visit.read() as connection:
        version = newest(connection, question_id)
    if version.status == "published":
        raise Conflict(N_("Learners see this revision already."), N_("Nothing would change for them."))
    if number(said(form, "base_number") or "0") != version.number:
        raise StaleBase(version)
    yaml = desk.as_saved(version.yaml)
    if run is None or not run.is_over or run.yaml_hash != text_hash(yaml):
        raise Conflict(N_("The checks have not gone through this text."), N_("Run them, then publish."))
    entry = read(visit, version).entry
    if entry is None:
        raise Invalid(N_("This text can't be read."))
    gate = record(run, reasons).model_dump(mode="json")
    fresh = Fresh(question_id, version.topic_id, "published", yaml, entry.hash, note=note, gate=gate)
    memories = Memories.reset if said(form, "memories") == "reset" else Memories.keep
    regrades = said(form, "regrades") == "yes"
    try:
        require_drawable(visit.services.blueprints.values(), bank, {question_id: entry})
        with visit.read() as connection:
            foreseen = publishing.foreseen(connection, bank, entry) if regrades else None
        with visit.write() as connection:
            done = publishing.publish(
                connection,
                bank,
                entry,
                fresh,
                me,
                visit.now,
                base_number=version.number,
                memories=memories,
                regrades=regrades,
                foreseen=foreseen,
            )
    except (GateRefused, Undrawable) as refused:
        with visit.read() as connection:
            told = label(visit.words, refused)
            view = publish_view(visit, connection, version, run, note=note, reasons=reasons, refusal=told)
        return html(visit, "admin/editor/publish.html", view, active="admin", status=refused.status)
    _put_on_shelf(visit, done.entry)
    return go(f"/admin/questions/{question_id}/edit?saved={done.version.number}")


def ask_gate(visit: Visit, question_id: str) -> int:
    """Send the newest revision through the gate; the run's number."""
    me = visit.require(Role.editor)
    with visit.write() as connection:
        version = newest(connection, question_id)
        topic = desk.topic_of(visit.services.bank, version.topic_id)
        run = gate_runs.ask(connection, Asked(question_id, topic, desk.as_saved(version.yaml)), me, visit.now)
    visit.services.gate.expect(run.id)
    return run.id


def _run(visit: Visit, question_id: str, run_id: int | None) -> Run | None:
    """The run, if it is one of this question."""
    run = visit.services.gate.state(run_id) if run_id else None
    return run if run and run.question_id == question_id else None


def _put_on_shelf(visit: Visit, entry: Entry) -> None:
    """Let learners see it from now on, in the place that it has in the folder."""
    shelf = visit.services.shelf
    known = shelf.bank.questions.get(entry.question.id)
    if known is not None:
        entry = replace(entry, path=known.path, line=known.line)
    shelf.bank = shelf.bank.with_changes({entry.question.id: entry})
