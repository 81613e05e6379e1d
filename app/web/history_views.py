"""What the pages of a question's history are given, with every label worded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.authoring.comparing import Blamed, Hunk
from app.authoring.revisions import Head, Version
from app.errors import N_
from app.languages import from_data
from app.web import wording
from app.web.admin_list_views import status_label
from app.web.services import Visit
from app.web.views import Choice

_ORIGINS = {
    "browser": N_("in the browser"),
    "folder": N_("from the folder"),
    "imported": N_("imported"),
}
_MEMORIES = {"keep": N_("Learners kept their memories."), "reset": N_("Learners’ memories were reset.")}


@dataclass(frozen=True)
class WaivedView:
    """A fault that was let through, and why."""

    finding: str
    reason: str


@dataclass(frozen=True)
class RevisionView:
    number: int
    when: str
    author: str
    origin: str
    note: str
    status_label: str
    is_live: bool
    gate: str | None
    waived: list[WaivedView]
    memories: str | None
    can_restore: bool


@dataclass(frozen=True)
class HistoryView:
    """`head_number` is what a restore begins with."""

    question_id: str
    head_number: int
    is_conflict: bool
    is_retired: bool
    revisions: list[RevisionView]
    choices: list[Choice]  # of revisions to compare


@dataclass(frozen=True)
class DiffView:
    """`befores` and `afters` are the revisions to choose from."""

    question_id: str
    before: int
    after: int
    befores: list[Choice]
    afters: list[Choice]
    hunks: list[Hunk]
    langs: list[Choice]
    lang: str
    topics: tuple[str, str] | None  # from, to, where the topic changed
    statuses: tuple[str, str] | None


@dataclass(frozen=True)
class BlameLine:
    number: int
    text: str
    revision: int
    author: str
    when: str
    begins: bool  # another revision than the line above


@dataclass(frozen=True)
class BlameView:
    question_id: str
    lines: list[BlameLine]


def history_view(visit: Visit, head: Head, versions: Sequence[Version]) -> HistoryView:
    return HistoryView(
        question_id=head.question_id,
        head_number=head.head_number,
        is_conflict=head.conflict_yaml is not None,
        is_retired=head.status == "retired",
        revisions=[_revision(visit, head, version) for version in versions],
        choices=revision_choices(visit, versions, None),
    )


def revision_choices(visit: Visit, versions: Sequence[Version], chosen: int | None) -> list[Choice]:
    return [
        Choice(str(it.number), f"{it.number} · {visit.words.say(it.author)} · {_when(visit, it)}", it.number == chosen)
        for it in versions
    ]


def blame_view(visit: Visit, question_id: str, lines: Sequence[Blamed]) -> BlameView:
    shown = []
    above: int | None = None
    for line in lines:
        version = line.version
        begins = version.number != above
        shown.append(
            BlameLine(
                line.number,
                line.text,
                version.number,
                visit.words.say(version.author),
                _when(visit, version),
                begins=begins,
            )
        )
        above = version.number
    return BlameView(question_id, shown)


def changed_labels(visit: Visit, old: Version, new: Version) -> tuple[tuple[str, str] | None, tuple[str, str] | None]:
    """What the texts do not show: another topic, another status."""
    topics = visit.services.bank.topics
    names = tuple(topics[it].title.in_(visit.lang) if it in topics else it for it in (old.topic_id, new.topic_id))
    moved = (names[0], names[1]) if old.topic_id != new.topic_id else None
    statuses = (status_label(visit, old.status), status_label(visit, new.status))
    return moved, statuses if old.status != new.status else None


def _revision(visit: Visit, head: Head, version: Version) -> RevisionView:
    words = visit.words
    gate = version.gate or {}
    messages = {it.get("key"): words.say(from_data(it.get("message", ""))) for it in gate.get("findings", [])}
    return RevisionView(
        number=version.number,
        when=_when(visit, version),
        author=words.say(version.author),
        origin=words.gettext(_ORIGINS.get(version.origin, version.origin)),
        note=version.note,
        status_label=status_label(visit, version.status),
        is_live=version.number == head.published_number,
        gate=_gate(visit, gate),
        waived=[
            WaivedView(messages.get(it.get("finding")) or it.get("finding", ""), it.get("reason", ""))
            for it in gate.get("waivers", [])
        ],
        memories=_memories(visit, gate),
        can_restore=version.number != head.head_number or version.status == "retired",
    )


def _gate(visit: Visit, gate: dict[str, object]) -> str | None:
    if "passed" not in gate:
        return None
    passed = N_("The publish gate found nothing.")
    waived = N_("The publish gate found faults; they were waived.")
    return visit.words.gettext(passed if gate["passed"] else waived)


def _memories(visit: Visit, gate: dict[str, object]) -> str | None:
    decision = gate.get("memories")
    said = _MEMORIES.get(str(decision.get("chosen"))) if isinstance(decision, dict) else None
    return visit.words.gettext(said) if said else None


def _when(visit: Visit, version: Version) -> str:
    return wording.moment(version.created_at, visit.zone, visit.words)
