"""The publish page's view: what the newest revision changes for learners, and what the gate says of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection

from app.authoring import desk, publishing, revisions
from app.authoring.gate import Told
from app.authoring.gate_record import GateFinding, GateRecord, Waiver, finding_key
from app.authoring.gate_runs import Run
from app.authoring.revisions import Version
from app.authoring.single import Single, read_single
from app.bank.catalog import COSMETIC, Entry
from app.bank.findings import Finding
from app.errors import N_, NotFound
from app.scheduling import store
from app.web.editor_views import (
    ChangedField,
    FindingView,
    GateView,
    PublishView,
    WaivableView,
    check_view,
)
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
    findings = single.findings
    if entry is None and not findings:
        findings = (Finding(Path(), 1, 1, "", "no question can be read", "write one"),)
    return PublishView(
        question_id=version.question_id,
        number=version.number,
        is_new=before is None,
        nothing_new=version.status == "published",
        fields=changed_fields(before, entry) if entry else [],
        learners=store.remembered(connection, version.question_id),
        proposal=publishing.proposal(before, entry).value if entry else "keep",
        note=note or version.note,
        check=check_view(findings),
        gate=gate_view(visit, run, reasons or {}),
        refusal=refusal,
        own_draft=desk.draft(connection, visit.me.id, version.question_id) is not None,
    )


def changed_fields(before: Entry | None, after: Entry) -> list[ChangedField]:
    """The top-level fields that differ from what learners see; all of a new question count as one change: none."""
    if before is None:
        return []
    old, new = (entry.question.model_dump(mode="json") for entry in (before, after))
    names = [name for name in {**old, **new} if old.get(name) != new.get(name) and name != "status"]
    same_meaning = before.meaning_hash == after.meaning_hash
    return [ChangedField(name, is_meaning=not same_meaning and name not in COSMETIC) for name in names]


def gate_view(visit: Visit, run: Run | None, reasons: Mapping[str, str]) -> GateView:
    if run is None:
        return GateView(None, is_over=True, progress_label="", found=[], passed=False, may_publish=False)
    words = visit.words
    found = [_waivable(it, reasons) for it in run.told]
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
    """What the gate found and what is waived, as it is kept with the revision. A waiver needs its reason."""
    standing = [it for it in run.told if it.kind != "note"]
    findings = [
        GateFinding(
            key=finding_key(it.where, it.message),
            line=it.line,
            column=it.column,
            where=it.where,
            message=it.message,
            mend=it.mend,
        )
        for it in standing
    ]
    waivable = {finding_key(it.where, it.message) for it in standing if it.can_be_waived}
    given = {key: reasons[key].strip()[:500] for key in waivable if len(reasons.get(key, "").strip()) >= 3}
    waivers = [Waiver(finding=key, reason=reason) for key, reason in given.items()]
    return GateRecord(passed=run.passed, findings=findings, waivers=waivers)


def _waivable(it: Told, reasons: Mapping[str, str]) -> WaivableView:
    key = finding_key(it.where, it.message)
    finding = FindingView(it.line, it.column, it.where, it.message, it.mend)
    return WaivableView(key, finding, it.can_be_waived, it.kind == "note", reasons.get(key, ""))
