"""A check of the publish gate on its way, and one with everything that it may say."""

from __future__ import annotations

from collections.abc import Iterator

from app.bank.schema import Lang
from app.web.gate_views import GateFault, GateField, GateStep, GateView

LABEL: dict[Lang, str] = {"en": "the reference", "zh": "参考解"}


def pages(lang: Lang) -> Iterator[tuple[str, str, object, str]]:
    label = LABEL[lang]
    steps = [GateStep(label, "passed", label, 0, 0), GateStep(label, "running", label, 3, 40)]
    running = GateView(7, "iou", "running", False, label, label, "running-mutants-3", steps, [])
    yield "gate-running", "admin/gate/page.html", running, "admin"
    yield "gate-state", "admin/gate/_state.html", running, "admin"
    faults = [
        GateFault("fault", f"{label} · wrong solution 2", "this mutant passes <b>every</b> case", "waive it\n- a\n+ b"),
        GateFault("note", label, "no oracle proves the answer", "add one"),
    ]
    unproved = GateFault("not_checked", "", "code is not run on this server", "have it checked elsewhere")
    fields = [GateField("", [unproved]), GateField("reference", faults)]
    states = [GateStep(label, state, label, 0, 0) for state in ("passed", "failed", "unproved", "skipped")]
    done = GateView(7, "iou", "done", False, label, label, "done--0", states, fields)
    yield "gate-done", "admin/gate/page.html", done, "admin"
    yield (
        "gate-passed",
        "admin/gate/page.html",
        GateView(7, "iou", "done", True, label, label, "d", steps[:1], []),
        "admin",
    )
