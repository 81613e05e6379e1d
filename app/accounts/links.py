"""Links that an admin hands to somebody, good once: an invitation makes an account, a reset link sets a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, delete, func, insert, select, update

from app.accounts import keys
from app.accounts.models import AccountLink, LinkPurpose, Role
from app.accounts.service import accounts
from app.errors import N_, NotFound

account_links: Table = AccountLink.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it

VALID_FOR = {LinkPurpose.invitation: timedelta(days=7), LinkPurpose.reset: timedelta(hours=24)}


@dataclass(frozen=True)
class Link:
    """What a link is for. `role` is that of an invitation; `account_id` and `name` whose password a reset sets."""

    handle: str
    role: Role | None
    account_id: int | None
    name: str | None
    made_by: str
    expires_at: datetime


def invite(connection: Connection, role: Role, made_by: str, now: datetime) -> str:
    """The key of a new invitation."""
    return _make(connection, LinkPurpose.invitation, made_by, now, role=role)


def make_reset(connection: Connection, account_id: int, made_by: str, now: datetime) -> str:
    """The key of a new reset link. Those made for this account before end."""
    connection.execute(delete(account_links).where(account_links.c.account_id == account_id))
    return _make(connection, LinkPurpose.reset, made_by, now, account_id=account_id)


def find(connection: Connection, purpose: LinkPurpose, key: str, now: datetime) -> Link:
    """The link as long as it is good: not used, not past its time, its account not disabled. Else NotFound."""
    query = _open(purpose, now).where(account_links.c.token_hash == keys.digest(key))
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(
            N_("This link is no longer valid."), N_("It was used, taken back or too old. Ask for another one.")
        )
    return _link(row)


def use(connection: Connection, purpose: LinkPurpose, key: str, now: datetime) -> Link:
    """As `find`, and it is good no longer. In the transaction that does what the link is for."""
    link = find(connection, purpose, key, now)
    is_it = account_links.c.token_hash == keys.digest(key)
    connection.execute(update(account_links).where(is_it).values(used_at=now))
    return link


def open_invitations(connection: Connection, now: datetime) -> list[Link]:
    """Those that can still be used, the newest first."""
    query = _open(LinkPurpose.invitation, now).order_by(account_links.c.created_at.desc(), account_links.c.token_hash)
    return [_link(row) for row in connection.execute(query)]


def withdraw(connection: Connection, handle: str) -> Role | None:
    """Take an invitation back; its role, or None if it is gone or used already."""
    is_it = func.substr(account_links.c.token_hash, 1, keys.HANDLE_LENGTH) == handle
    is_open = account_links.c.purpose == LinkPurpose.invitation, account_links.c.used_at.is_(None)
    row = connection.execute(delete(account_links).where(is_it, *is_open).returning(account_links.c.role)).first()
    return Role(row.role) if row else None


def _make(connection: Connection, purpose: LinkPurpose, made_by: str, now: datetime, **what: object) -> str:
    key = keys.fresh()
    connection.execute(delete(account_links).where(account_links.c.expires_at < now))
    connection.execute(
        insert(account_links).values(
            token_hash=keys.digest(key),
            purpose=purpose,
            made_by=made_by,
            created_at=now,
            expires_at=now + VALID_FOR[purpose],
            **what,
        )
    )
    return key


def _open(purpose: LinkPurpose, now: datetime) -> Select[Any]:
    return (
        select(account_links, accounts.c.name)
        .outerjoin(accounts, accounts.c.id == account_links.c.account_id)
        .where(
            account_links.c.purpose == purpose,
            account_links.c.used_at.is_(None),
            account_links.c.expires_at > now,
            accounts.c.disabled_at.is_(None),
        )
    )


def _link(row: Row[Any]) -> Link:
    return Link(
        handle=keys.handle(row.token_hash),
        role=Role(row.role) if row.role else None,
        account_id=row.account_id,
        name=row.name,
        made_by=row.made_by,
        expires_at=row.expires_at,
    )
