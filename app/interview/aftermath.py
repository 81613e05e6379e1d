"""What a sitting does to practice: its misses come back, as questions forgotten."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, update

from app.errors import N_, Conflict
from app.interview.report import Line
from app.interview.store import Sitting, interviews
from app.practice.sessions import SCHEDULE, card_key
from app.practice.today import Person
from app.scheduling import store
from app.scheduling.days import study_day
from app.scheduling.schedule import State, review, turns_leech

AGAIN = 1


def practise_misses(connection: Connection, person: Person, sitting: Sitting, misses: Sequence[Line]) -> int:
    """Rate every miss as forgotten, once, so that it is due now and its topic counts as weak; how many there were.

    Conflict if that was done already. Questions that left the bank since are left out by practice itself.
    """
    marked = (
        update(interviews)
        .where(interviews.c.id == sitting.id, interviews.c.practised_at.is_(None))
        .values(practised_at=sitting.now)
    )
    if connection.execute(marked).rowcount == 0:
        raise Conflict(N_("These questions are in your practice already."))
    meaning_of = {line.slot.entry.question.id: line.slot.entry.meaning_hash for line in misses}
    card_ids = store.ensure_cards(connection, person.id, meaning_of, sitting.now) if meaning_of else {}
    known = store.states(connection, person.id, meaning_of)
    for line in misses:
        _forget(connection, person, sitting, line, card_ids[line.slot.entry.question.id], known)
    return len(misses)


def _forget(
    connection: Connection,
    person: Person,
    sitting: Sitting,
    line: Line,
    card_id: int,
    known: dict[str, store.CardRow],
) -> None:
    slot, now = line.slot, sitting.now
    row = known[slot.entry.question.id]
    before = row.memory
    reviewed = review(before, AGAIN, now, person.zone, SCHEDULE, card_key(card_id))
    store.save_review(
        connection,
        {
            "account_id": person.id,
            "card_id": card_id,
            "item_id": None,
            "rating": AGAIN,
            "suggested_rating": AGAIN,
            "reviewed_at": now,
            "zone": person.zone,
            "study_day": study_day(now, person.zone),
            "question_hash": slot.entry.hash,
            "seed": slot.seed,
            "answer": slot.answer,
            "correct": False,
            "score": line.mark.score or 0.0,
            "seconds": slot.seconds,
            "interval_days": reviewed.interval_days,
            "is_new": before is None,
            "was_review": before is not None and before.state is State.review,
            "memory_before": before.as_dict() if before else None,
            "leech_before": row.leech,
            "undone_at": None,
        },
        reviewed.memory,
        leech=row.leech or turns_leech(before, reviewed.memory),
    )
    if row.suspended:
        store.set_flags(connection, card_id, suspended=False)
