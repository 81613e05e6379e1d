"""Notices: what a person must be told on their next page. Owns the rows; how a kind is worded is the web's matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, insert, select, update

from app.accounts.models import Notice
from app.errors import N_, NotFound

notices: Table = Notice.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it

KEPT_IN_SIGHT = 100


@dataclass(frozen=True)
class Told:
    """One notice as it was told. `kind` and `params` word it; a later version may know kinds that this one does not."""

    id: int
    kind: str
    question_id: str | None
    params: dict[str, Any]
    created_at: datetime
    seen_at: datetime | None


_NEWEST_FIRST = select(*(notices.c[name] for name in Told.__dataclass_fields__)).order_by(
    notices.c.created_at.desc(), notices.c.id.desc()
)


def tell(
    connection: Connection, account_id: int, kind: str, question_id: str | None, now: datetime, **params: object
) -> None:
    """Leave a notice for a person. `params` must be JSON."""
    tell_all(connection, kind, question_id, now, {account_id: params})


def tell_all(
    connection: Connection, kind: str, question_id: str | None, now: datetime, told: Mapping[int, Mapping[str, object]]
) -> None:
    """Leave a notice for each person; `told` has its `params` by account. There may be thousands."""
    of_all = {"kind": kind, "question_id": question_id, "created_at": now}
    rows = [{"account_id": account_id, "params": dict(params), **of_all} for account_id, params in told.items()]
    if rows:
        connection.execute(insert(notices), rows)


def unseen(connection: Connection, account_id: int) -> Sequence[Told]:
    """What the person has not put away yet, newest first."""
    return _told(connection, _NEWEST_FIRST.where(notices.c.account_id == account_id, notices.c.seen_at.is_(None)))


def latest(connection: Connection, account_id: int) -> Sequence[Told]:
    """The last hundred, seen or not, newest first."""
    return _told(connection, _NEWEST_FIRST.where(notices.c.account_id == account_id).limit(KEPT_IN_SIGHT))


def see(connection: Connection, account_id: int, notice_id: int, now: datetime) -> None:
    """Put one notice away; NotFound if it is not the person's. Doing it again changes nothing."""
    own = (notices.c.id == notice_id, notices.c.account_id == account_id)
    if connection.execute(select(notices.c.id).where(*own)).first() is None:
        raise NotFound(N_("There is no such notice."))
    connection.execute(update(notices).where(*own, notices.c.seen_at.is_(None)).values(seen_at=now))


def see_all(connection: Connection, account_id: int, up_to: int, now: datetime) -> None:
    """Put away everything up to the notice `up_to`: what came after the page was made stays."""
    own = (notices.c.account_id == account_id, notices.c.id <= up_to, notices.c.seen_at.is_(None))
    connection.execute(update(notices).where(*own).values(seen_at=now))


def _told(connection: Connection, query: Select[Any]) -> list[Told]:
    return [Told(**row) for row in connection.execute(query).mappings()]
