"""The publish page's view: what the newest revision changes for learners, and what the gate says of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Connection

from app.authoring import desk, gate_runs, publishing, revisions
from app.authoring.changes import impact
from app.authoring.gate import Told
from app.authoring.gate_record import GateRecord, Waiver, finding_key
from app.authoring.gate_runs import Run
from app.authoring.interviews import taken_away
from app.authoring.revisions import Version
from app.authoring.single import Single, read_single
from app.bank.catalog import Entry
from app.bank.findings import Finding
from app.errors import N_, NotFound
from app.languages import NOTHING, phrase
from app.web.editor_views import (
    ChangedField,
    GateView,
    PublishView,
    WaivableView,
    check_view,
    finding_view,
)
from app.web.i18n import Words
from app.web.services import Visit

STEPS = {
    "schema": N_("reading the fields"),
    "texts": N_("texts and formulas"),
    "bank": N_("the question in the bank"),
    "oracle": N_("the answer by its oracle"),
    "solutions": N_("reference and wrong solutions"),
    "mutants": N_("slips in the reference"),
}


def newest(connection: Connection, question_id: str) -> Version:
    """The revision that is to be published. Raises NotFound."""
    head = revisions.head(connection, question_id)
    if head is None:
        raise NotFound(N_("There is no question with this name."))
    return revisions.version(connection, question_id, head.head_number)


def read(visit: Visit, version: Version) -> Single:
    bank = visit.services.bank
    return read_single(desk.as_saved(version.yaml), desk.topic_of(bank, version.topic_id), bank)


def publish_view(
    visit: Visit,
    connection: Connection,
    version: Version,
    run: Run | None,
    *,
    note: str = "",
    reasons: Mapping[str, str] | None = None,
    refusal: str | None = None,
) -> PublishView:
    single = read(visit, version)
    before = publishing.last_published(connection, visit.services.bank, version.question_id)
    entry = single.entry
    change = impact(connection, visit.services.bank, entry) if entry else None
    findings = single.findings
    if entry is None and not findings:
        findings = (Finding(Path(), 1, 1, NOTHING, phrase("no question can be read"), phrase("write one")),)
    return PublishView(
        question_id=version.question_id,
        number=version.number,
        is_new=before is None,
        nothing_new=version.status == "published",
        fields=[ChangedField(it.name, it.is_meaning) for it in change.fields] if change else [],
        learners=change.learners if change else 0,
        regraded=change.regraded if change else 0,
        sent=change.sent if change else 0,
        proposal=change.proposal.value if change else "keep",
        note=note or version.note,
        check=check_view(visit.words, findings),
        gate=gate_view(visit, run, reasons or {}),
        taken_away=_taken_away(visit, entry),
        refusal=refusal,
        own_draft=desk.draft(connection, visit.me.id, version.question_id) is not None,
    )


def _taken_away(visit: Visit, entry: Entry | None) -> list[str]:
    """Interviews that could no longer be drawn with this version of the question."""
    if entry is None:
        return []
    services = visit.services
    found = taken_away(services.blueprints.values(), services.bank, {entry.question.id: entry})
    return [it.title.in_(visit.lang) for it in found]


def gate_view(visit: Visit, run: Run | None, reasons: Mapping[str, str]) -> GateView:
    if run is None:
        return GateView(None, is_over=True, progress_label="", found=[], passed=False, may_publish=False)
    words = visit.words
    found = [_waivable(visit.words, it, reasons) for it in run.told]
    label = words.gettext(STEPS[run.step]) if run.step in STEPS else words.gettext(N_("waiting for its turn"))
    if run.total > 1:
        label += f" {run.done}/{run.total}"
    if run.is_over and run.state != "done":
        label = words.gettext(N_("The checks were broken off. Run them again."))
    return GateView(
        run_id=run.id,
        is_over=run.is_over,
        progress_label=label if not run.is_over or run.state != "done" else "",
        found=found,
        passed=run.passed,
        may_publish=run.state == "done" and all(it.can_be_waived or it.is_note for it in found),
        watch_at=f"/admin/questions/{run.question_id}/publish/gate?run={run.id}",
    )


def record(run: Run, reasons: Mapping[str, str]) -> GateRecord:
    """What the gate found and what is waived, as it is kept with the revision. A waiver needs a whole reason."""
    waivers = []
    for key, reason in reasons.items():
        with suppress(ValidationError):
            waivers.append(Waiver(finding=key, reason=reason))
    return gate_runs.record_of(run, waivers)


def _waivable(words: Words, it: Told, reasons: Mapping[str, str]) -> WaivableView:
    key = finding_key(it.where, it.message)
    finding = finding_view(words, it)
    return WaivableView(key, finding, it.can_be_waived, it.kind == "note", reasons.get(key, ""))
