"""A sitting: start, look, save, lock, move on, pause, hand in. Each function is one step of the caller's transaction.

The clock is the server's. Whatever happened by itself since the last step (a section over, a pause at its end) is
worked out first, so no step depends on anybody having looked. Nothing is taken after its section's deadline; what was
saved before stays, and is what gets marked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, insert, select, update

from app.bank.catalog import Bank, Entry
from app.bank.schema.blueprint import Blueprint
from app.errors import N_, Conflict, Invalid
from app.interview import timing
from app.interview.answers import shaped
from app.interview.models import Interview, InterviewSlot
from app.interview.paper import draw
from app.interview.store import (
    Sitting,
    Slot,
    clock_columns,
    drafts,
    interviews,
    open_sitting,
    seen_at,
    slots,
)
from app.interview.timing import Clock
from app.practice.frozen import freeze
from app.practice.sessions import check_storable

MULTIPLIERS = (1.0, 1.25, 1.5, 2.0)
REFUSED = 0  # the revision of a draft that another page had overtaken
DRAFT_SPAN = timedelta(seconds=20)  # what is saved within it is one draft of the replay


class TooLate(Conflict):
    """The time for this answer is over. What was saved before counts."""


def start(
    connection: Connection,
    bank: Bank,
    account_id: int,
    blueprint: Blueprint,
    multiplier: float,
    realistic: bool,
    now: datetime,
    rng: Random,
    available: Callable[[Entry], bool],
    seed: int | None = None,
) -> int:
    """Draw a paper, freeze it and start the clock; the sitting's id.

    Conflict while another sitting of the learner is under way; `paper.CannotFill` if the bank has too few questions.
    """
    if multiplier not in MULTIPLIERS:
        raise Invalid(N_("The extra time is one of the offered ones."))
    under_way = open_sitting(connection, bank, account_id, now)
    if under_way is not None:
        raise Conflict(N_("Another mock interview of yours is under way."), N_("Go on with it, or hand it in first."))
    seed = rng.randrange(2**31) if seed is None else seed
    entries = [entry for entry in bank.published if available(entry)]
    paper = draw(blueprint, entries, seen_at(connection, account_id), Random(seed))
    allowed = timing.allowance(blueprint, multiplier)
    clock = timing.begin(allowed, now)
    row = Interview(
        account_id=account_id,
        plan=blueprint.model_dump(mode="json"),
        seed=seed,
        multiplier=multiplier,
        realistic=realistic,
        started_at=now,
        latest_end_at=timing.whole_deadline(allowed, clock),
        known_at=now,
        **clock_columns(clock),
    )
    made = insert(interviews).values(row.model_dump(exclude={"id"})).returning(interviews.c.id)
    interview_id: int = connection.execute(made).scalar_one()
    freeze(connection, [drawn.entry for drawn in paper])
    blank = InterviewSlot(
        interview_id=interview_id, number=0, section=0, question_id="", question_hash="", topic_id="", seed=0
    ).model_dump(exclude={"id"})
    connection.execute(
        insert(slots),
        [
            blank
            | {
                "number": number,
                "section": drawn.section,
                "question_id": drawn.entry.question.id,
                "question_hash": drawn.entry.hash,
                "topic_id": drawn.entry.topic.id,
                "seed": drawn.seed,
            }
            for number, drawn in enumerate(paper, start=1)
        ],
    )
    return interview_id


def settle(connection: Connection, sitting: Sitting) -> Sitting:
    """Store what has happened by itself; the time spent on a question whose section ended is booked. Not the end."""
    if sitting.clock == sitting.stored or sitting.clock.is_over:
        return sitting
    sitting = _book(connection, sitting)
    _store_clock(connection, sitting, sitting.clock)
    return replace(sitting, stored=sitting.clock)


def look_at(connection: Connection, sitting: Sitting, number: int) -> Sitting:
    """The learner turns to a question: from now on the time is spent on this one."""
    slot = sitting.slot(number)
    sitting = settle(connection, sitting)
    if not sitting.is_open(slot) or sitting.current_slot == number:
        return sitting
    sitting = _book(connection, sitting)
    moved = {"current_slot": number, "entered_at": sitting.now, "known_at": sitting.now}
    connection.execute(update(interviews).where(interviews.c.id == sitting.id).values(**moved))
    return replace(sitting, current_slot=number, entered_at=sitting.now)


@dataclass(frozen=True)
class Saved:
    """What is saved now. `superseded`: it is what another page saved since, and the answer sent became a draft only."""

    revision: int
    saved_at: datetime
    superseded: bool = False


def save(
    connection: Connection,
    sitting: Sitting,
    number: int,
    answer: Mapping[str, Any],
    base: int | None = None,
    confidence: int | None = None,
) -> Saved:
    """Keep an answer, finished or not. `base` is the revision it was written on; None overwrites whatever there is.

    If another page has saved something else since `base`, that stays, and what was sent is kept for the replay.
    Invalid if it is no answer to this kind of question; TooLate after the section's deadline; Conflict while reading or
    paused, or once the answer is locked.
    """
    slot = sitting.slot(number)
    check_storable(answer)
    answer = shaped(slot.entry.question, answer)
    _require_open(sitting, slot)
    answer = _kept_of_locked(slot, answer)
    settle(connection, sitting)
    if base is not None and base != slot.revision and dict(answer) != slot.answer:
        _keep_draft(connection, slot, REFUSED, answer, sitting.now)
        return Saved(slot.revision, slot.saved_at or sitting.now, superseded=True)
    if dict(answer) == slot.answer and confidence == slot.confidence:
        return Saved(slot.revision, slot.saved_at or sitting.now)
    saved = Saved(slot.revision + 1, sitting.now)
    connection.execute(
        update(slots)
        .where(slots.c.id == slot.id)
        .values(answer=dict(answer), revision=saved.revision, saved_at=saved.saved_at, confidence=confidence)
    )
    _keep_draft(connection, slot, saved.revision, answer, sitting.now)
    return saved


def set_flag(connection: Connection, sitting: Sitting, number: int, flagged: bool) -> None:
    """Mark a question to come back to."""
    slot = sitting.slot(number)
    _require_open(sitting, slot)
    connection.execute(update(slots).where(slots.c.id == slot.id).values(flagged=flagged))


def lock(connection: Connection, sitting: Sitting, number: int) -> Slot:
    """Finish an answer for good, to see what follows. Conflict if there is none, or the interview does not lock it."""
    slot = sitting.slot(number)
    _require_open(sitting, slot)
    if not locks(sitting.blueprint, slot):
        raise Conflict(N_("This answer can be changed until the section ends."))
    if not slot.is_answered:
        raise Conflict(N_("There is no answer yet."))
    locked = replace(slot, locked_at=slot.locked_at or sitting.now)
    connection.execute(update(slots).where(slots.c.id == slot.id).values(locked_at=locked.locked_at))
    return locked


def locks(blueprint: Blueprint, slot: Slot) -> bool:
    """Open answers are locked before the interviewer goes on; others where an answer is commented at once."""
    kind = slot.entry.question.kind
    return kind == "open" or (blueprint.feedback != "end" and kind != "code")


def move_on(connection: Connection, sitting: Sitting) -> Sitting:
    """Leave the reading or the section for good; after the last one the caller closes the sitting."""
    return _step(connection, sitting, lambda clock: timing.move_on(sitting.allowed, clock, sitting.now))


def pause(connection: Connection, sitting: Sitting) -> Sitting:
    """Stop the clock, where the blueprint allows it."""
    return _step(connection, sitting, lambda clock: timing.pause(sitting.allowed, clock, sitting.now))


def resume(connection: Connection, sitting: Sitting) -> Sitting:
    """Let the clock go on before the pause ends by itself."""
    return _step(connection, sitting, lambda clock: timing.resume(clock, sitting.now))


def hand_in(sitting: Sitting) -> Sitting:
    """The sitting ended now, for the caller to close."""
    if sitting.clock.is_over:
        return sitting
    return replace(sitting, clock=timing.end(sitting.clock, sitting.now))


def end(connection: Connection, sitting: Sitting) -> bool:
    """Store the end of a sitting whose clock is over. False if that was done before: its marking is somebody else's."""
    booked = _book(connection, sitting)
    values = clock_columns(booked.clock) | {"current_slot": None, "entered_at": None, "known_at": sitting.now}
    ending = update(interviews).where(interviews.c.id == sitting.id, interviews.c.ended_at.is_(None)).values(**values)
    return connection.execute(ending).rowcount == 1


def _require_open(sitting: Sitting, slot: Slot) -> None:
    clock = sitting.clock
    if clock.is_over or clock.section > slot.section:
        raise TooLate(N_("The time for this answer is over."), N_("What was saved before counts."))
    if clock.paused_at is not None:
        raise Conflict(N_("The interview is paused."), N_("Go on with it first."))
    if clock.section < slot.section:
        raise Conflict(N_("This section has not begun yet."))


def _kept_of_locked(slot: Slot, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of a locked open answer only what is said to follow-up questions may still change; of others nothing."""
    if slot.locked_at is None:
        return answer
    if slot.entry.question.kind != "open" or slot.answer is None:
        raise Conflict(N_("This answer is locked."))
    return slot.answer | {"follow_ups": answer.get("follow_ups", [])}


def _step(connection: Connection, sitting: Sitting, step: Callable[[Clock], Clock]) -> Sitting:
    sitting = settle(connection, sitting)
    try:
        clock = step(sitting.clock)
    except timing.NotNow:
        raise Conflict(N_("That is not possible just now; here is the interview as it stands.")) from None
    moved = replace(sitting, clock=clock)
    if clock.is_over:
        return moved
    moved = _book(connection, moved)
    _store_clock(connection, moved, clock)
    return replace(moved, stored=clock)


def _book(connection: Connection, sitting: Sitting) -> Sitting:
    """Add the time since the learner turned to the current question to it, up to the end of its section or a pause."""
    began, clock = sitting.entered_at, sitting.clock
    stopped = clock.ended_at or clock.paused_at or sitting.now
    if began is not None and sitting.current_slot is not None:
        until = min(stopped, _section_end(sitting))
        spent = max((until - began).total_seconds(), 0.0)
        slot = sitting.slot(sitting.current_slot)
        connection.execute(update(slots).where(slots.c.id == slot.id).values(seconds=slots.c.seconds + spent))
    stays = clock.section == sitting.stored.section and not clock.is_over
    number = sitting.current_slot if stays else None
    entered_at = None if number is None or clock.paused_at is not None else sitting.now
    return replace(sitting, current_slot=number, entered_at=entered_at)


def _section_end(sitting: Sitting) -> datetime:
    """When the section that the database knows of ends, or has ended."""
    return timing.deadline(sitting.allowed, sitting.stored)


def _store_clock(connection: Connection, sitting: Sitting, clock: Clock) -> None:
    values = clock_columns(clock) | {
        "latest_end_at": timing.whole_deadline(sitting.allowed, clock),
        "known_at": sitting.now,
        "current_slot": sitting.current_slot,
        "entered_at": sitting.entered_at,
    }
    connection.execute(update(interviews).where(interviews.c.id == sitting.id).values(**values))


def _keep_draft(connection: Connection, slot: Slot, revision: int, answer: Mapping[str, Any], now: datetime) -> None:
    """Add to the drafts of the replay, or go on with the latest while it is young and what this one was made of."""
    known = select(drafts.c.id, drafts.c.began_at, drafts.c.revision).where(drafts.c.slot_id == slot.id)
    last = connection.execute(known.order_by(drafts.c.id.desc()).limit(1)).first()
    values = {"revision": revision, "saved_at": now, "answer": dict(answer)}
    goes_on = last is not None and last.revision == revision - 1 and now - last.began_at < DRAFT_SPAN
    if last is not None and goes_on:
        connection.execute(update(drafts).where(drafts.c.id == last.id).values(**values))
    else:
        connection.execute(insert(drafts).values(slot_id=slot.id, began_at=now, **values))
