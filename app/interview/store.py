"""Sittings in the database: the values they are made of, read as they stand at a moment, and the frozen questions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, func, select, update

from app.bank.catalog import Bank, Entry
from app.bank.schema import Question
from app.bank.schema.blueprint import Blueprint, Section
from app.errors import N_, NotFound
from app.interview import timing
from app.interview.models import Interview, InterviewDraft, InterviewSlot
from app.interview.timing import Allowance, Clock
from app.practice.frozen import frozen_entry
from app.scheduling import store as memories

interviews: Table = Interview.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it
slots: Table = InterviewSlot.__table__  # type: ignore[attr-defined]  # as above
drafts: Table = InterviewDraft.__table__  # type: ignore[attr-defined]  # as above


@dataclass(frozen=True)
class Slot:
    """One question of a sitting. `entry` is the question as it was asked, whatever became of it in the bank."""

    id: int
    number: int
    section: int
    entry: Entry
    seed: int
    answer: dict[str, Any] | None
    revision: int
    saved_at: datetime | None
    flagged: bool
    confidence: int | None
    locked_at: datetime | None
    seconds: float
    correct: bool | None
    score: float | None
    submission_id: str | None
    attempts: int
    regraded_at: datetime | None  # when what it is worth followed a mended key

    @property
    def is_answered(self) -> bool:
        return is_answer(self.entry.question, self.answer)


@dataclass(frozen=True)
class Sitting:
    """A sitting as it stands at `now`, which is never before what it has seen already."""

    id: int
    account_id: int
    blueprint: Blueprint
    multiplier: float
    realistic: bool
    started_at: datetime
    clock: Clock
    stored: Clock  # as the database has it: `clock` with nothing that has happened by itself since
    current_slot: int | None
    entered_at: datetime | None
    practised_at: datetime | None
    now: datetime
    slots: tuple[Slot, ...]

    @cached_property
    def allowed(self) -> Allowance:
        return timing.allowance(self.blueprint, self.multiplier)

    @property
    def deadline(self) -> datetime:
        """Of the phase it is in."""
        return timing.deadline(self.allowed, self.clock)

    @property
    def whole_deadline(self) -> datetime:
        return timing.whole_deadline(self.allowed, self.clock)

    @property
    def needs_closing(self) -> bool:
        """Its time ran out, and nobody has marked it yet."""
        return self.clock.is_over and not self.stored.is_over

    @property
    def section(self) -> Section:
        return self.blueprint.sections[max(self.clock.section, 0)]

    def of_section(self, section: int) -> list[Slot]:
        return [slot for slot in self.slots if slot.section == section]

    def slot(self, number: int) -> Slot:
        """NotFound for a number that the paper does not have."""
        if not 1 <= number <= len(self.slots):
            raise NotFound(N_("There is no such question in this interview."))
        return self.slots[number - 1]

    def is_open(self, slot: Slot) -> bool:
        """Whether an answer to it is taken now."""
        clock = self.clock
        return not clock.is_over and clock.paused_at is None and clock.section == slot.section


def seen_at(connection: Connection, account_id: int) -> dict[str, datetime]:
    """When the learner last met each question, in practice or in an interview, by its id."""
    practised = select(memories.cards.c.question_id, memories.cards.c.last_at).where(
        memories.cards.c.account_id == account_id, memories.cards.c.last_at.is_not(None)
    )
    asked = (
        select(slots.c.question_id, func.max(interviews.c.started_at).label("last_at"))
        .join(interviews, interviews.c.id == slots.c.interview_id)
        .where(interviews.c.account_id == account_id)
        .group_by(slots.c.question_id)
    )
    seen: dict[str, datetime] = {}
    for query in (practised, asked):
        for row in connection.execute(query):
            seen[row.question_id] = max(row.last_at, seen.get(row.question_id, row.last_at))
    return seen


def load(connection: Connection, bank: Bank, account_id: int, interview_id: int, now: datetime) -> Sitting:
    """The learner's sitting as it stands; NotFound if it is not theirs. Changes nothing."""
    query = select(interviews).where(interviews.c.id == interview_id, interviews.c.account_id == account_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound(N_("There is no such interview."))
    return _sitting(connection, bank, row, now)


def open_sitting(connection: Connection, bank: Bank, account_id: int, now: datetime) -> Sitting | None:
    """The learner's sitting whose time is not over, if there is one."""
    query = select(interviews).where(interviews.c.account_id == account_id, interviews.c.ended_at.is_(None))
    rows = connection.execute(query.order_by(interviews.c.id)).mappings().all()
    found = [_sitting(connection, bank, row, now) for row in rows]
    return next((sitting for sitting in found if not sitting.clock.is_over), None)


def unmarked(connection: Connection, account_id: int) -> list[int]:
    """The learner's sittings that nobody has marked yet, over or not."""
    query = select(interviews.c.id).where(interviews.c.account_id == account_id, interviews.c.ended_at.is_(None))
    return list(connection.execute(query.order_by(interviews.c.id)).scalars())


def newest_known_at(connection: Connection) -> datetime | None:
    """The latest moment that any sitting under way has seen: time must not go on from before it."""
    return connection.execute(select(func.max(interviews.c.known_at)).where(interviews.c.ended_at.is_(None))).scalar()


def heartbeat(connection: Connection, now: datetime) -> None:
    """Note that the sittings under way have seen this moment."""
    connection.execute(
        update(interviews).where(interviews.c.ended_at.is_(None), interviews.c.known_at < now).values(known_at=now)
    )


def any_under_way(connection: Connection) -> bool:
    return (
        connection.execute(select(interviews.c.id).where(interviews.c.ended_at.is_(None)).limit(1)).first() is not None
    )


def count_under_way(connection: Connection) -> int:
    return connection.execute(select(func.count()).where(interviews.c.ended_at.is_(None))).scalar_one()


def overdue(connection: Connection, before: datetime) -> list[tuple[int, int]]:
    """(account, sitting) of those whose time was over at `before` and that nobody has marked yet."""
    query = select(interviews.c.account_id, interviews.c.id).where(
        interviews.c.ended_at.is_(None), interviews.c.latest_end_at <= before
    )
    return [(row[0], row[1]) for row in connection.execute(query.order_by(interviews.c.latest_end_at))]


def is_answer(question: Question, answer: Mapping[str, Any] | None) -> bool:
    """Whether anything was answered at all."""
    if not answer:
        return False
    match question.kind:
        case "open":
            return bool(str(answer.get("text", "")).strip()) or answer.get("on_paper") is True
        case "code":
            return str(answer.get("code", "")).strip() not in ("", question.starter.strip())
        case _:
            return any(_says_something(value) for value in answer.values())


def _says_something(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_says_something, value.values()))
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def covers_cases(connection: Connection, slot_id: int) -> bool:
    """Whether the question belongs to a realistic sitting that is still under way."""
    query = (
        select(interviews.c.id)
        .join(slots, slots.c.interview_id == interviews.c.id)
        .where(slots.c.id == slot_id, interviews.c.realistic.is_(True), interviews.c.ended_at.is_(None))
    )
    return connection.execute(query).first() is not None


def clock_columns(clock: Clock) -> dict[str, Any]:
    values = asdict(clock)
    return values | {
        "paused_s": values.pop("paused").total_seconds(),
        "section_paused_s": values.pop("section_paused").total_seconds(),
    }


def _clock(row: RowMapping) -> Clock:
    names = ("section", "section_began_at", "work_began_at", "paused_at", "pauses_used", "ended_at")
    return Clock(
        **{name: row[name] for name in names},
        paused=timedelta(seconds=row["paused_s"]),
        section_paused=timedelta(seconds=row["section_paused_s"]),
    )


def _sitting(connection: Connection, bank: Bank, row: RowMapping, now: datetime) -> Sitting:
    blueprint = Blueprint.model_validate_json(json.dumps(row["plan"]))
    now = max(now, row["known_at"])
    stored = _clock(row)
    query = select(slots).where(slots.c.interview_id == row["id"]).order_by(slots.c.number)
    return Sitting(
        **{name: row[name] for name in ("id", "account_id", "multiplier", "realistic", "started_at")},
        **{name: row[name] for name in ("current_slot", "entered_at", "practised_at")},
        blueprint=blueprint,
        clock=timing.settle(timing.allowance(blueprint, row["multiplier"]), stored, now),
        stored=stored,
        now=now,
        slots=tuple(_slot(connection, bank, it) for it in connection.execute(query).mappings()),
    )


def _slot(connection: Connection, bank: Bank, row: RowMapping) -> Slot:
    names = set(Slot.__dataclass_fields__) - {"entry"}
    entry = frozen_entry(connection, bank, row["question_id"], row["question_hash"], row["topic_id"])
    return Slot(entry=entry, **{name: row[name] for name in names})
