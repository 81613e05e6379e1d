"""Publishing a question, retiring it, bringing an old text back: what learners see, and what it does to them.

Owns the decision on their memories and that what they were asked before stays as it was. Each is one step of the
transaction that the caller commits; afterwards the caller puts `entry` into the live bank. Whether a text may be
published at all is the gate's word, kept in `gate_record`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from app.accounts import audit
from app.accounts.service import Learner
from app.authoring import revisions
from app.authoring.gate_record import GateRecord, GateRefused
from app.authoring.regrade import Foreseen, Regraded, foresee, regrade
from app.authoring.revisions import Fresh, Head, Version
from app.authoring.single import read_single, with_status
from app.bank.catalog import Bank, Entry
from app.bank.schema import Status
from app.errors import N_, Conflict, Invalid, NotFound
from app.practice import frozen
from app.scheduling import store


class Memories(StrEnum):
    """What becomes of what learners remember of the question."""

    keep = "keep"
    reset = "reset"


@dataclass(frozen=True)
class Published:
    """What a publish did. `before` is what learners saw last; `kept` and `reset` count their memories,
    `regraded` the answers that got another mark, `unmarked` those that can't be marked by the new text, `sent` the
    solutions in code that wait to be graded again."""

    version: Version
    entry: Entry
    before: Entry | None
    kept: int
    reset: int
    regraded: int
    unmarked: int
    sent: int


@dataclass(frozen=True)
class Retired:
    """`entry` is what the bank holds from now on: the retired question, None if its text can't be read any more."""

    version: Version
    entry: Entry | None


def publish(
    connection: Connection,
    bank: Bank,
    entry: Entry,
    fresh: Fresh,
    by: Learner | None,
    now: datetime,
    *,
    base_number: int | None,
    memories: Memories | None,
    regrades: bool = True,
    foreseen: Foreseen | None = None,
) -> Published:
    """Make `entry`, which is what `fresh` says, the question that learners see. Goes into the audit log by itself.

    `fresh.gate` is a `GateRecord`'s JSON, None where the text comes from a folder that has a gate of its own.
    `memories` None follows `proposal`. `regrades` marks the answers given so far by the new text; False where that asks
    something else; `foreseen` are those marks, worked out beforehand. Raises GateRefused, Invalid, StaleBase; nothing
    is changed then.
    """
    _check(entry, fresh)
    before = last_published(connection, bank, entry.question.id)
    chosen = memories or proposal(before, entry)
    remembered = store.remembered(connection, entry.question.id)
    if before is not None:
        decision = {"chosen": chosen.value, "proposed": proposal(before, entry).value, "learners": remembered}
        fresh = replace(fresh, gate=(fresh.gate or {}) | {"memories": decision})
    version = revisions.save(connection, fresh, by, now, base_number=base_number, publish=True)
    frozen.freeze(connection, [entry, before] if before else [entry])  # for sessions and interviews under way
    if chosen is Memories.reset:
        store.forget_all(connection, entry.question.id, entry.meaning_hash)
    else:
        store.carry_over(connection, entry.question.id, entry.meaning_hash)
    marked = regrade(connection, before, entry, now, foreseen) if before and regrades else Regraded()
    kept, reset = (remembered, 0) if chosen is Memories.keep else (0, remembered)
    marks = {"regraded": marked.changed, "unmarked": marked.unmarked, "sent": marked.sent}
    counts = {"kept": kept, "reset": reset} | marks
    waived = [waiver["reason"] for waiver in (fresh.gate or {}).get("waivers", [])]
    audit.record(
        connection, by, now, "question.publish", entry.question.id,
        number=version.number, memories=chosen.value, waived=waived, **counts,
    )  # fmt: skip
    return Published(version, entry, before, **counts)


def foreseen(connection: Connection, bank: Bank, entry: Entry) -> Foreseen:
    """The marks that publishing `entry` would give, for `publish`: thousands of answers take seconds to mark, and while
    a transaction writes nobody else can."""
    return foresee(connection, last_published(connection, bank, entry.question.id), entry)


def proposal(before: Entry | None, after: Entry) -> Memories:
    """A cosmetic edit keeps memories, a change of meaning resets them."""
    return Memories.keep if before is None or before.meaning_hash == after.meaning_hash else Memories.reset


def retire(
    connection: Connection,
    bank: Bank,
    question_id: str,
    by: Learner | None,
    now: datetime,
    *,
    base_number: int,
    note: str = "",
) -> Retired:
    """Take the question from learners; memories and answers stay. Its text is the published one, or the newest.

    Conflict if it is retired already; NotFound, StaleBase.
    """
    head = _head(connection, question_id)
    if head.status == Status.retired:
        raise Conflict(N_("This question is retired already."))
    last = revisions.version(connection, question_id, head.published_number or head.head_number)
    before = last_published(connection, bank, question_id)
    yaml = with_status(last.yaml, Status.retired)
    entry = _read(bank, yaml, last.topic_id)
    fresh = Fresh(question_id, last.topic_id, Status.retired.value, yaml, entry.hash if entry else None, note=note)
    version = revisions.save(connection, fresh, by, now, base_number=base_number, publish=True)
    if before is not None:
        frozen.freeze(connection, [before])
    audit.record(connection, by, now, "question.retire", question_id, number=version.number)
    return Retired(version, entry)


def restore(
    connection: Connection,
    bank: Bank,
    question_id: str,
    number: int,
    by: Learner | None,
    now: datetime,
    *,
    base_number: int,
    note: str = "",
) -> Version:
    """Bring the text of an old revision back, as a new draft on top: history is never rewritten.

    Conflict if it is the newest already; NotFound, StaleBase.
    """
    head = _head(connection, question_id)
    old = revisions.version(connection, question_id, number)
    if number == head.head_number and old.status != Status.retired:
        raise Conflict(N_("This is the newest revision already."))
    topic_id = old.topic_id if old.topic_id in bank.topics else head.topic_id
    yaml = with_status(old.yaml, Status.published)
    entry = _read(bank, yaml, topic_id)
    fresh = Fresh(question_id, topic_id, Status.draft.value, yaml, entry.hash if entry else None, note=note)
    version = revisions.save(connection, fresh, by, now, base_number=base_number, publish=False)
    audit.record(connection, by, now, "question.restore", question_id, number=version.number, restored=number)
    return version


def last_published(connection: Connection, bank: Bank, question_id: str) -> Entry | None:
    """The question as learners see it, or saw it until it was retired; the bank's where there are no revisions yet."""
    live = bank.questions.get(question_id)
    if revisions.head(connection, question_id) is None:
        return live if live and live.is_published else None
    version = revisions.newest_published(connection, question_id)
    if version is None:
        return None
    if live is not None and live.hash == version.hash:
        return live
    return _read(bank, version.yaml, version.topic_id)


def _check(entry: Entry, fresh: Fresh) -> None:
    if entry.question.id != fresh.question_id:
        raise Invalid(
            N_("The id of a question never changes: this one is %(id)s, the text says %(said)s."),
            N_("Put the id back. To have another id, make a new question and retire this one."),
            id=fresh.question_id,
            said=entry.question.id,
        )
    if not entry.is_published:
        raise Invalid(N_("The text says that it is %(status)s."), status=entry.question.status.value)
    if (entry.hash, entry.topic.id, fresh.status) != (fresh.hash, fresh.topic_id, Status.published):
        raise ValueError(f"{fresh.question_id}: the revision is not what the entry says")
    if fresh.gate is not None:
        record = GateRecord.model_validate(fresh.gate)
        if not record.lets_through:
            raise GateRefused(record)


def _head(connection: Connection, question_id: str) -> Head:
    head = revisions.head(connection, question_id)
    if head is None:
        raise NotFound(N_("There is no question with this name."))
    return head


def _read(bank: Bank, yaml: str, topic_id: str) -> Entry | None:
    topic = bank.topics.get(topic_id)
    return read_single(yaml, topic, bank).entry if topic else None
