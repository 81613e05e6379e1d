"""Topics added in the browser, kept for all where several processes each read a topic map of their own."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, Table, insert, select

from app.authoring.models import AddedTopic
from app.bank.schema import Topic
from app.errors import N_, Conflict

added_topics: Table = AddedTopic.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it


def added(connection: Connection) -> tuple[Topic, ...]:
    """In the order in which they were added."""
    bodies = connection.execute(select(added_topics.c.body).order_by(added_topics.c.added_at, added_topics.c.id))
    return tuple(Topic.model_validate_json(json.dumps(body)) for body in bodies.scalars())


def keep(connection: Connection, topic: Topic, now: datetime) -> None:
    """Conflict if another process has added one of that name."""
    if connection.execute(select(added_topics.c.id).where(added_topics.c.id == topic.id)).first() is not None:
        raise Conflict(N_("There is a topic named %(name)s already."), N_("Choose another name."), name=topic.id)
    body = topic.model_dump(mode="json")
    connection.execute(insert(added_topics).values(id=topic.id, body=body, added_at=now))
