"""The audit log: who with rights did what. Rows are only ever added; a trigger of the database refuses the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from app.accounts.models import AuditEvent
from app.accounts.service import Learner

events: Table = AuditEvent.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it


@dataclass(frozen=True)
class Event:
    """A line of the log. `actor_id` None: the server or its command line."""

    id: int
    at: datetime
    actor_id: int | None
    actor: str
    action: str
    subject: str
    details: dict[str, Any]


def record(
    connection: Connection, by: Learner | None, now: datetime, action: str, subject: str = "", **details: object
) -> None:
    """Take down what was done, in the transaction that does it. `by` None stands for the server or its command line.

    `action` is a stable word such as `question.publish` or `account.role`; `subject` the question's id or the account's
    name. Never hand over a secret: the log is shown whole.
    """
    actor = {"actor_id": by.id, "actor": by.name} if by else {"actor_id": None, "actor": "server"}
    connection.execute(insert(events).values(at=now, action=action, subject=subject, details=details, **actor))


def page(
    connection: Connection, *, actor: str = "", action: str = "", subject: str = "", before: int | None, most: int
) -> list[Event]:
    """The newest `most` events, of those before the event `before` if that is given.

    `actor` and `subject` are parts of names in either case, `action` is the whole word; "" leaves it open.
    """
    query = select(events).order_by(events.c.id.desc()).limit(most)
    for column, part in ((events.c.actor, actor), (events.c.subject, subject)):
        if part.strip():
            query = query.where(func.fold_case(column).contains(part.strip().casefold(), autoescape=True))
    if action:
        query = query.where(events.c.action == action)
    if before is not None:
        query = query.where(events.c.id < before)
    return [Event(**row) for row in connection.execute(query).mappings()]


def actions(connection: Connection) -> list[str]:
    """Every action that is in the log."""
    return list(connection.execute(select(events.c.action).distinct().order_by(events.c.action)).scalars())
