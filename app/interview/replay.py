"""A sitting seen again: for each question what was written when, what was run, and what was handed in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select

from app.interview.store import Sitting, drafts
from app.practice.coding import REGRADE, submissions

What = Literal["draft", "run", "graded", "locked"]


@dataclass(frozen=True)
class Moment:
    """Something that happened to one question: an answer as it stood, or code with the verdict that it got."""

    at: datetime
    what: What
    answer: Mapping[str, Any] | None = None
    verdict: str | None = None


def replay(connection: Connection, sitting: Sitting) -> dict[int, list[Moment]]:
    """What happened to each question, by its number, in order."""
    number_of = {slot.id: slot.number for slot in sitting.slots}
    found: dict[int, list[Moment]] = defaultdict(list)
    written = select(drafts).where(drafts.c.slot_id.in_(list(number_of)))
    for row in connection.execute(written).mappings():
        found[number_of[row["slot_id"]]].append(Moment(row["saved_at"], "draft", row["answer"]))
    sent = select(submissions).where(
        submissions.c.interview_slot_id.in_(list(number_of)), submissions.c.status != REGRADE
    )
    for row in connection.execute(sent).mappings():
        what: What = "run" if row["mode"] == "run" else "graded"
        moment = Moment(row["created_at"], what, {"code": row["code"]}, row["verdict"])
        found[number_of[row["interview_slot_id"]]].append(moment)
    for slot in sitting.slots:
        if slot.locked_at is not None:
            found[slot.number].append(Moment(slot.locked_at, "locked"))
    return {number: sorted(moments, key=lambda moment: moment.at) for number, moments in found.items()}
