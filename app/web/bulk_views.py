"""What the page that shows a bulk edit beforehand is given, with every label worded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.authoring.bulk import Order, Step, changes_of
from app.authoring.interviews import taken_away
from app.errors import N_
from app.web.admin_list_views import status_label
from app.web.services import Visit

_HEADINGS = {
    "add-tag": N_("Add the tag %(value)s"),
    "remove-tag": N_("Remove the tag %(value)s"),
    "difficulty": N_("Set the difficulty to %(value)s"),
    "topic": N_("Move to “%(value)s”"),
    "status": N_("Set the status to “%(value)s”"),
}


@dataclass(frozen=True)
class ChangeView:
    id: str
    title: str
    before: str
    after: str


@dataclass(frozen=True)
class RefusedView:
    id: str
    reason: str


@dataclass(frozen=True)
class BulkView:
    """`chosen` is `id:number …` of all that were looked at; the counts are of published questions.

    `taken_away` are the interviews that could no longer be drawn; nothing is changed while there is one.
    """

    heading: str
    notice: str | None
    action: str
    value: str
    chosen: str
    changes: list[ChangeView]
    refused: list[RefusedView]
    seen_at_once: int
    withdrawn: int
    taken_away: list[str]


def bulk_view(visit: Visit, steps: Sequence[Step], what: Order, notice: str | None) -> BulkView:
    words = visit.words
    sound = [step for step in steps if step.fresh]
    live = sum(step.publish and step.row.is_published for step in sound)
    return BulkView(
        heading=words.gettext(_HEADINGS[what.action], value=_named(visit, what, what.value)),
        notice=notice,
        action=what.action,
        value=what.value,
        chosen=" ".join(f"{step.row.question_id}:{step.row.number or 0}" for step in steps),
        changes=[
            ChangeView(
                step.row.question_id,
                step.row.title(visit.lang),
                _named(visit, what, step.before),
                _named(visit, what, step.after),
            )
            for step in sound
        ],
        refused=[
            RefusedView(step.row.question_id, words.gettext(step.refused.message, **step.refused.params))
            for step in steps
            if step.refused
        ],
        seen_at_once=0 if what.action == "status" else live,
        withdrawn=live if what.action == "status" else 0,
        taken_away=[
            it.title.in_(visit.lang)
            for it in taken_away(visit.services.blueprints.values(), visit.services.bank, changes_of(steps))
        ],
    )


def _named(visit: Visit, what: Order, value: str) -> str:
    """A topic by its title, a status by its name, anything else as it is."""
    match what.action:
        case "topic":
            topic = visit.services.bank.topics.get(value)
            return topic.title.in_(visit.lang) if topic else value
        case "status":
            return status_label(visit, value)
        case _:
            return value
