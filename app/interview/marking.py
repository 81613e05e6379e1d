"""Marking a sitting: at its end, as the learner scores open answers, and as the graders return.

What the last saved draft is worth counts, finished or not. Code goes through the ordinary grading queue as a submission
of its own; should grading itself break, it is tried again, and is left out of the score rather than counted as wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from sqlalchemy import Connection, select, update

from app.errors import N_, Conflict
from app.grading.answers import grade_answer
from app.grading.outcome import MalformedAnswer, Outcome
from app.grading.verdict import Verdict
from app.interview.sittings import end
from app.interview.store import Sitting, Slot, interviews, slots
from app.practice import coding
from app.practice.coding import submissions

MAX_ATTEMPTS = 3  # of grading code whose grading broke, before a person has to ask for more
NOTHING_RIGHT = Outcome(correct=False, score=0.0)

MarkState = Literal["right", "partly", "wrong", "unanswered", "to_score", "grading", "broken"]


@dataclass(frozen=True)
class Mark:
    """What became of one question. `score` is None while it is not known, or where grading broke."""

    state: MarkState
    score: float | None
    submission_id: str | None = None
    verdict: str | None = None


def close(connection: Connection, sitting: Sitting) -> list[str]:
    """End and mark a sitting whose clock is over; ids of the submissions that the graders have to be given.

    Does nothing if somebody else did so before.
    """
    if not end(connection, sitting):
        return []
    sent = [_mark(connection, sitting, slot) for slot in sitting.slots if slot.score is None]
    return [submission_id for submission_id in sent if submission_id is not None]


def outcome_of(slot: Slot) -> Outcome:
    """What the answer to a question of any kind but code is worth as it stands."""
    question = slot.entry.question
    if question.kind == "code" or (question.kind == "open" and not slot.is_answered):
        return NOTHING_RIGHT
    try:
        return grade_answer(question, slot.seed, slot.answer or {}, finished=False)
    except MalformedAnswer:
        return NOTHING_RIGHT


def mark_locked(connection: Connection, slot: Slot) -> Outcome:
    """The worth of an answer that is commented at once, kept for good (an open one's once it is scored)."""
    outcome = outcome_of(slot)
    if outcome.correct is not None:
        _keep(connection, slot, outcome)
    return outcome


def score_open(connection: Connection, sitting: Sitting, slot: Slot, points: Sequence[int]) -> Outcome:
    """The learner's own scoring of an open answer against the rubric; it may be mended later.

    Conflict while the answer can still be changed, or before its model answer is shown.
    """
    if slot.entry.question.kind != "open" or not slot.is_answered or not may_score(sitting, slot):
        raise Conflict(N_("This answer cannot be scored now."))
    answer = (slot.answer or {}) | {"points": list(points)}
    outcome = grade_answer(slot.entry.question, slot.seed, answer)
    connection.execute(update(slots).where(slots.c.id == slot.id).values(answer=answer))
    _keep(connection, slot, outcome)
    return outcome


def may_score(sitting: Sitting, slot: Slot) -> bool:
    """Open answers are scored after the end, or once locked where the interview comments at once."""
    return sitting.stored.is_over or (sitting.blueprint.feedback == "immediate" and slot.locked_at is not None)


def marks(connection: Connection, sitting: Sitting) -> dict[int, Mark]:
    """What became of every question, by its number."""
    ids = [slot.submission_id for slot in sitting.slots if slot.submission_id]
    query = select(submissions.c.id, submissions.c.status, submissions.c.verdict, submissions.c.report).where(
        submissions.c.id.in_(ids)
    )
    graded: dict[str, Mapping[str, Any]] = (
        {row["id"]: {**row} for row in connection.execute(query).mappings()} if ids else {}
    )
    return {slot.number: _mark_of(slot, graded.get(slot.submission_id or "")) for slot in sitting.slots}


def worth(graded: Mapping[str, Any] | None) -> tuple[bool, float] | None:
    """Whether a submission's code is right, and its score; None while that is not known, or where grading broke."""
    if graded is None or graded["status"] != "done" or graded["verdict"] == Verdict.internal_error:
        return None
    if graded["verdict"] == Verdict.accepted:
        return True, 1.0
    return False, float(graded["report"]["score"])  # of the whole report no more is wanted, and it may be long


def regrade(connection: Connection, sitting: Sitting, slot: Slot) -> str | None:
    """Grade code whose grading broke once more; the new submission's id, or None if there is nothing to do."""
    if slot.submission_id is None or marks(connection, sitting)[slot.number].state != "broken":
        return None
    return _send(connection, sitting, slot)


def broken_slots(connection: Connection) -> list[tuple[int, int, int]]:
    """(account, interview, number) of code whose grading broke and is worth another try by itself."""
    query = (
        select(interviews.c.account_id, interviews.c.id, slots.c.number)
        .join(interviews, interviews.c.id == slots.c.interview_id)
        .join(submissions, submissions.c.id == slots.c.submission_id)
        .where(submissions.c.verdict == Verdict.internal_error, slots.c.attempts < MAX_ATTEMPTS)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def _mark(connection: Connection, sitting: Sitting, slot: Slot) -> str | None:
    if slot.entry.question.kind == "code" and slot.is_answered:
        return _send(connection, sitting, slot)
    outcome = outcome_of(slot)
    if outcome.correct is not None:
        _keep(connection, slot, outcome)
    return None


def _send(connection: Connection, sitting: Sitting, slot: Slot) -> str:
    code = str((slot.answer or {}).get("code", ""))
    submission_id = coding.store_submission(
        connection,
        sitting.account_id,
        slot.entry,
        code,
        "submit",
        rng=Random(f"{slot.id}:{slot.attempts}"),
        now=sitting.now,
        interview_slot_id=slot.id,
    )
    values = {"submission_id": submission_id, "attempts": slots.c.attempts + 1}
    connection.execute(update(slots).where(slots.c.id == slot.id).values(**values))
    return submission_id


def _keep(connection: Connection, slot: Slot, outcome: Outcome) -> None:
    values = {"correct": outcome.correct, "score": outcome.score}
    connection.execute(update(slots).where(slots.c.id == slot.id).values(**values))


def _mark_of(slot: Slot, graded: Mapping[str, Any] | None) -> Mark:
    if not slot.is_answered:
        return Mark("unanswered", 0.0)
    if slot.entry.question.kind != "code":
        if slot.score is None:
            return Mark("to_score", None)
        state: MarkState = "right" if slot.correct else "partly" if slot.score > 0 else "wrong"
        return Mark(state, slot.score)
    if graded is None or graded["status"] != "done":
        return Mark("grading", None, slot.submission_id)
    verdict = graded["verdict"]
    known = worth(graded)
    if known is None:
        return Mark("broken", None, slot.submission_id, verdict)
    right, score = known
    return Mark("right" if right else "partly" if score > 0 else "wrong", score, slot.submission_id, verdict)
