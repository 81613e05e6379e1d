"""The audit log: who with rights did what. Rows are only ever added; a trigger of the database refuses the rest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Table, insert

from app.accounts.models import AuditEvent
from app.accounts.service import Learner

events: Table = AuditEvent.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it


def record(
    connection: Connection, by: Learner | None, now: datetime, action: str, subject: str = "", **details: object
) -> None:
    """Take down what was done, in the transaction that does it. `by` None stands for the server or its command line.

    `action` is a stable word such as `question.publish` or `account.role`; `subject` the question's id or the account's
    name. Never hand over a secret: the log is shown whole.
    """
    actor = {"actor_id": by.id, "actor": by.name} if by else {"actor_id": None, "actor": "server"}
    connection.execute(insert(events).values(at=now, action=action, subject=subject, details=details, **actor))
