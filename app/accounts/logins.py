"""Browser sessions: begun by a login, seen now and then, listed and ended by their owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from app.accounts import keys
from app.accounts.service import LEARNER_COLUMNS, Learner, accounts, learner_of, logins

LOGIN_DAYS = 30
SEEN_EVERY = timedelta(minutes=10)  # as exact as "last seen" need be, and so that looking at pages is no writing
AGENT_LENGTH, ADDRESS_LENGTH = 200, 45

_HOLDER = (
    select(*LEARNER_COLUMNS, logins.c.expires_at, logins.c.seen_at)
    .join(logins, logins.c.account_id == accounts.c.id)
    .where(logins.c.token_hash == bindparam("token_hash"), accounts.c.disabled_at.is_(None))
)


@dataclass(frozen=True)
class Browser:
    """One logged-in browser, as its owner sees it. `handle` tells it from their others."""

    handle: str
    agent: str
    address: str
    created_at: datetime
    seen_at: datetime


def log_in(connection: Connection, account_id: int, now: datetime, agent: str = "", address: str = "") -> str:
    """Start a browser session; its key. Whoever calls has checked who it is."""
    key = keys.fresh()
    connection.execute(delete(logins).where(logins.c.expires_at < now))
    connection.execute(
        insert(logins).values(
            token_hash=keys.digest(key),
            account_id=account_id,
            created_at=now,
            expires_at=now + timedelta(days=LOGIN_DAYS),
            seen_at=now,
            agent=agent[:AGENT_LENGTH],
            address=address[:ADDRESS_LENGTH],
        )
    )
    return key


def holder(connection: Connection, key: str, now: datetime) -> tuple[Learner, bool] | None:
    """Whose browser holds `key`, and whether that it was seen is due to be noted; None if it is nobody's any more."""
    row = connection.execute(_HOLDER, {"token_hash": keys.digest(key)}).mappings().first()
    if row is None or row["expires_at"] <= now:
        return None
    return learner_of(row), row["seen_at"] is None or now - row["seen_at"] >= SEEN_EVERY


def note_seen(connection: Connection, key: str, now: datetime) -> None:
    connection.execute(update(logins).where(logins.c.token_hash == keys.digest(key)).values(seen_at=now))


def log_out(connection: Connection, key: str) -> None:
    connection.execute(delete(logins).where(logins.c.token_hash == keys.digest(key)))


def browsers(connection: Connection, account_id: int, now: datetime) -> list[Browser]:
    """Where somebody is logged in, last seen first."""
    seen_at = func.coalesce(logins.c.seen_at, logins.c.created_at)
    query = select(logins, seen_at.label("seen")).where(logins.c.account_id == account_id, logins.c.expires_at > now)
    return [
        Browser(keys.handle(row.token_hash), row.agent, row.address, row.created_at, row.seen)
        for row in connection.execute(query.order_by(seen_at.desc(), logins.c.token_hash))
    ]


def count(connection: Connection, now: datetime) -> int:
    """How many browsers are logged in."""
    return connection.execute(select(func.count()).where(logins.c.expires_at > now)).scalar_one()


def is_of(handle: str, key: str | None) -> bool:
    """Whether the browser of that handle holds `key`."""
    return key is not None and handle == keys.handle(keys.digest(key))


def end(connection: Connection, account_id: int, handle: str) -> None:
    """Log one of somebody's own browsers out. Nothing happens if it is gone already."""
    is_it = func.substr(logins.c.token_hash, 1, keys.HANDLE_LENGTH) == handle
    connection.execute(delete(logins).where(logins.c.account_id == account_id, is_it))


def end_others(connection: Connection, account_id: int, key: str | None) -> None:
    """Log all of somebody's browsers out but the one that holds `key`."""
    kept = keys.digest(key) if key else ""
    connection.execute(delete(logins).where(logins.c.account_id == account_id, logins.c.token_hash != kept))
