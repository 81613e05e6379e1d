"""Questions as they were asked, kept under the hash of what they say, whatever becomes of them in the bank."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter
from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects.postgresql import insert  # SQLite says ON CONFLICT alike

from app.bank.catalog import Bank, Entry
from app.bank.schema import Question
from app.errors import N_, NotFound
from app.practice.models import FrozenQuestion

frozen: Table = FrozenQuestion.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it

_question: TypeAdapter[Question] = TypeAdapter(Question)


def frozen_question(connection: Connection, question_hash: str) -> Question | None:
    """The question that was kept under this hash."""
    body = connection.execute(select(frozen.c.body).where(frozen.c.hash == question_hash)).scalar()
    if body is None:
        return None
    return _question.validate_json(json.dumps(body))  # strict mode takes lists for tuples from JSON only


def frozen_entry(connection: Connection, bank: Bank, question_id: str, question_hash: str, topic_id: str) -> Entry:
    """The question as it was asked: the bank's, or, where that has changed, the one that was kept."""
    now_there = bank.questions.get(question_id)
    if now_there is not None and now_there.hash == question_hash:
        return now_there
    question = frozen_question(connection, question_hash)
    if question is None:
        raise NotFound(N_("This question is no longer in the bank."))
    topic = bank.topics.get(topic_id) or next(iter(bank.topics.values()))
    return Entry(question, topic, bank.area(topic.area), Path(), 0)


def asked_entry(connection: Connection, bank: Bank, question_id: str, question_hash: str | None) -> Entry:
    """The question of a practice session as it stood when the session began; NotFound once it is asked no more.

    The bank's where nothing is known of how it stood: a folder may have changed while nobody served it.
    """
    now_there = bank.questions.get(question_id)
    if now_there is None or not now_there.is_published:
        raise NotFound(N_("This question is no longer in the bank."))
    if question_hash in (None, now_there.hash):
        return now_there
    question = frozen_question(connection, question_hash)
    return Entry(question, now_there.topic, now_there.area, Path(), 0) if question else now_there


def freeze(connection: Connection, entries: Sequence[Entry]) -> None:
    """Keep the questions as they stand, those that are not kept already."""
    known = set(
        connection.execute(select(frozen.c.hash).where(frozen.c.hash.in_([entry.hash for entry in entries]))).scalars()
    )
    fresh = {entry.hash: entry.question for entry in entries if entry.hash not in known}
    keep(connection, {key: it.model_dump(mode="json", exclude_defaults=True) for key, it in fresh.items()})


def keep(connection: Connection, bodies: Mapping[str, object]) -> None:
    """Keep them by their hashes. One that is there already, or that somebody else keeps at this moment, is the same."""
    rows = [{"hash": key, "body": body} for key, body in sorted(bodies.items())]  # in order, so as not to deadlock
    if rows:
        connection.execute(insert(frozen).on_conflict_do_nothing(), rows)
