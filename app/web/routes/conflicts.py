"""Where folder and database disagree, for the bank's keepers, and the decision between two texts."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.accounts.models import Role
from app.authoring.conflicts import CONFLICTS, Clash, UnsoundText, clash, take_merged, take_ours, take_theirs
from app.authoring.sync import Step
from app.bank.findings import Finding
from app.errors import N_, Conflict, Invalid, TooLarge
from app.languages import phrase
from app.web.answer_forms import Fields, text
from app.web.conflict_views import ConflictsView, ConflictView, Fault, Waiting, side_by_side
from app.web.pages import go, html
from app.web.services import Here, Visit

router = APIRouter(include_in_schema=False)
LONGEST = 200_000  # characters of a question's text


@router.get("/admin/conflicts")
def conflicts(visit: Here, resolved: str = "") -> Response:
    visit.require(Role.editor)
    sync = visit.services.bank_sync
    with visit.read() as connection:
        found = sync.standings(connection)
    unwritten = [it.question_id for it in found if it.step in (Step.push, Step.behind)]
    not_yet = visit.words.gettext(N_("It will be written in a moment."))
    view = ConflictsView(
        conflicts=[it.question_id for it in found if it.step in CONFLICTS],
        waiting=[Waiting(name, sync.refused.get(name, not_yet)) for name in unwritten],
        faults=[_fault(visit, finding) for finding in (*sync.look.findings, *sync.look.uncut)],
        resolved=resolved if resolved in visit.services.bank.questions else "",
    )
    return html(visit, "admin/conflicts/list.html", view, active="admin")


@router.get("/admin/conflicts/{question_id}")
def conflict(visit: Here, question_id: str) -> Response:
    visit.require(Role.editor)
    sync = visit.services.bank_sync
    with visit.read() as connection:
        found = clash(connection, sync.folder, sync.standings(connection), question_id)
    return html(visit, "admin/conflicts/page.html", _view(found, found.ours_yaml, []), active="admin")


@router.post("/admin/conflicts/{question_id}")
def decide(visit: Here, question_id: str, form: Fields) -> Response:
    visit.require(Role.editor)
    sync, bank = visit.services.bank_sync, visit.services.bank_sync.look.bank
    choice, merged = text(form, "choice"), str(form.get("merged", ""))
    if len(merged) > LONGEST:
        raise TooLarge(N_("This text is too long for one question."))
    with visit.read() as connection:
        found = clash(connection, sync.folder, sync.standings(connection), question_id)
    if (text(form, "head_number"), text(form, "folder_hash")) != (str(found.head_number), found.folder_hash or ""):
        raise Conflict(
            N_("One side has changed since you opened this page."), N_("Nothing was saved. Open the conflict afresh.")
        )
    try:
        with visit.write() as connection:
            match choice:
                case "folder":
                    take_theirs(connection, bank, found, visit.me, visit.now)
                case "database":
                    take_ours(connection, found, visit.me, visit.now)
                case "merged":
                    take_merged(connection, bank, found, merged, visit.me, visit.now)
                case _:
                    raise Invalid(N_("Choose one of the three texts."))
    except UnsoundText as error:
        complaints = [f"{it.line}:{it.column}: {visit.words.say(it.message)}" for it in error.findings]
        view = _view(found, merged if choice == "merged" else found.folder_yaml, complaints)
        return html(visit, "admin/conflicts/page.html", view, active="admin", status=422)
    sync.catch_up()
    return go(f"/admin/conflicts?resolved={question_id}")


def _view(found: Clash, merged: str, complaints: list[str]) -> ConflictView:
    return ConflictView(
        question_id=found.question_id,
        removed=found.folder_hash is None,
        lines=side_by_side(found.folder_yaml, found.ours_yaml),
        base=found.base_yaml,
        merged=merged,
        head_number=found.head_number,
        folder_hash=found.folder_hash or "",
        complaints=complaints,
    )


def _fault(visit: Visit, finding: Finding) -> Fault:
    root = visit.services.settings.questions_dir
    path = finding.path.relative_to(root) if finding.path.is_relative_to(root) else finding.path.name
    says = phrase("%(where)s: %(fault)s", where=finding.where, fault=finding.told) if finding.where else finding.told
    return Fault(f"{path}:{finding.line}:{finding.column}", visit.words.say(says))
