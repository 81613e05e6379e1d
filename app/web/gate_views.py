"""The page of one run of the gate: its steps, how far it is, and what it found by field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from app.authoring.gate import Step, Told, steps_of, unreached
from app.authoring.gate_runs import Run
from app.errors import N_
from app.web.services import Visit

STEP_LABELS: dict[Step, str] = {
    "schema": N_("Fields and names"),
    "texts": N_("Texts, formulas and figures"),
    "bank": N_("Place in the bank"),
    "oracle": N_("Oracle"),
    "solutions": N_("Reference and solutions"),
    "mutants": N_("Mutants"),
}
_KIND = re.compile(r"^kind:\s*[\"']?([a-z-]+)", re.MULTILINE)
StepState = Literal["passed", "failed", "unproved", "running", "waiting", "skipped"]
_STATE_LABELS: dict[StepState, str] = {
    "passed": N_("passed"),
    "failed": N_("something found"),
    "unproved": N_("not checked here"),
    "running": N_("running"),
    "waiting": N_("waiting"),
    "skipped": N_("not reached"),
}


@dataclass(frozen=True)
class GateStep:
    """`done` of `total` parts while it runs; `total` 0 where it has none to count."""

    label: str
    state: StepState
    state_label: str
    done: int
    total: int


@dataclass(frozen=True)
class GateFault:
    """`place` says where in the text: line and column, then the author's words for it."""

    kind: Literal["fault", "not_checked", "note"]
    place: str
    message: str
    mend: str


@dataclass(frozen=True)
class GateField:
    name: str
    faults: list[GateFault]


@dataclass(frozen=True)
class GateView:
    """`mark` is another whenever there is something new to show; `status` another whenever it is worth saying aloud."""

    id: int
    question_id: str
    state: str
    passed: bool
    headline: str
    status: str
    mark: str
    steps: list[GateStep]
    fields: list[GateField]


def gate_view(visit: Visit, run: Run) -> GateView:
    steps = _steps(visit, run)
    headline = _headline(visit, run)
    here = next((step.label for step in steps if step.state == "running"), "")
    return GateView(
        id=run.id,
        question_id=run.question_id,
        state=run.state,
        passed=run.passed,
        headline=headline,
        status=headline if run.is_over or not here else visit.words.gettext(N_("Checking: %(step)s"), step=here),
        mark=f"{run.state}-{run.step}-{run.done}",
        steps=steps,
        fields=_fields(visit, run.told),
    )


def _headline(visit: Visit, run: Run) -> str:
    gettext = visit.words.gettext
    match run.state:
        case "queued":
            return gettext(N_("Waiting for its turn"))
        case "running":
            return gettext(N_("Checking"))
        case "cancelled":
            return gettext(N_("Not finished: a newer text of this question is being checked instead"))
        case "broken":
            return gettext(N_("The check itself broke. That is a fault of the server, not of the question; try again."))
    count = sum(it.kind != "note" for it in run.told)
    if run.passed:
        return gettext(N_("Nothing found. The question can be published."))
    return visit.words.ngettext(N_("%(num)s thing to mend"), N_("%(num)s things to mend"), count, num=count)


def _steps(visit: Visit, run: Run) -> list[GateStep]:
    found = _KIND.search(run.yaml)
    steps = steps_of(found[1] if found else "")
    order = {step: place for place, step in enumerate(steps)}
    skipped = unreached(steps, run.told)
    now = order.get(run.step, -1) if not run.is_over else len(steps)  # type: ignore[call-overload]  # "" is no step

    def state(step: Step) -> StepState:
        if run.state in ("broken", "cancelled") or step in skipped:
            return "skipped"
        if order[step] >= now:
            return "running" if order[step] == now else "waiting"
        kinds = {it.kind for it in run.told if it.step == step}
        return "unproved" if "not_checked" in kinds else "failed" if "fault" in kinds else "passed"

    def row(step: Step) -> GateStep:
        counts = step == run.step and not run.is_over and run.total > 1
        gettext = visit.words.gettext
        label = _STATE_LABELS[state(step)]
        return GateStep(
            label=gettext(STEP_LABELS[step]),
            state=state(step),
            state_label=gettext(label),
            done=run.done if counts else 0,
            total=run.total if counts else 0,
        )

    return [row(step) for step in steps]


def _fields(visit: Visit, told: Sequence[Told]) -> list[GateField]:
    """By field, in the order of the text; what concerns none of them first."""
    lines = sorted(told, key=lambda it: (it.field != "", it.line, it.column))
    return [
        GateField(name, [_fault(visit, it) for it in group]) for name, group in groupby(lines, key=lambda it: it.field)
    ]


def _fault(visit: Visit, it: Told) -> GateFault:
    say = visit.words.say
    place = visit.words.gettext(N_("line %(line)s, column %(column)s"), line=it.line, column=it.column)
    if it.where:
        place += f" · {say(it.where)}"
    return GateFault(it.kind, place if it.field else "", say(it.message), say(it.mend))
