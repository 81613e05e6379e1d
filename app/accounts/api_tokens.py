"""Personal tokens for programs: made with a name and perhaps an end, shown once, listed, revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update

from app.accounts import keys
from app.accounts.models import ApiToken
from app.accounts.service import LEARNER_COLUMNS, Learner, accounts, learner_of
from app.errors import N_, Conflict, Invalid

api_tokens: Table = ApiToken.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it

PREFIX = "wst_"  # so that people, and scanners for leaked secrets, see what it is
MAX_TOKENS = 50
MAX_NAME = 80
USED_EVERY = timedelta(minutes=10)  # as with browsers: asking something is no writing

_HOLDER = (
    select(*LEARNER_COLUMNS, api_tokens.c.expires_at, api_tokens.c.used_at)
    .join(api_tokens, api_tokens.c.account_id == accounts.c.id)
    .where(api_tokens.c.token_hash == bindparam("token_hash"), accounts.c.disabled_at.is_(None))
)


@dataclass(frozen=True)
class Token:
    """One of somebody's tokens, without its secret."""

    id: int
    name: str
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


def make(connection: Connection, account_id: int, name: str, days: int | None, now: datetime) -> str:
    """A new token, to be shown once. It ends after `days`, or never. Invalid without a name, Conflict at fifty."""
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise Invalid(N_("A token's name has 1 to %(most)d characters."), most=MAX_NAME)
    count = select(func.count()).select_from(api_tokens).where(api_tokens.c.account_id == account_id)
    if connection.execute(count).scalar_one() >= MAX_TOKENS:
        raise Conflict(N_("You have %(most)d tokens already."), N_("Revoke one that is not used."), most=MAX_TOKENS)
    token = PREFIX + keys.fresh()
    connection.execute(
        insert(api_tokens).values(
            account_id=account_id,
            name=name,
            token_hash=keys.digest(token),
            created_at=now,
            expires_at=now + timedelta(days=days) if days else None,
        )
    )
    return token


def holder(connection: Connection, token: str, now: datetime) -> tuple[Learner, bool] | None:
    """Whose token it is, and whether its use is due to be noted; None if it is nobody's any more."""
    row = connection.execute(_HOLDER, {"token_hash": keys.digest(token)}).mappings().first()
    if row is None or (row["expires_at"] is not None and row["expires_at"] <= now):
        return None
    return learner_of(row), row["used_at"] is None or now - row["used_at"] >= USED_EVERY


def note_used(connection: Connection, token: str, now: datetime) -> None:
    connection.execute(update(api_tokens).where(api_tokens.c.token_hash == keys.digest(token)).values(used_at=now))


def tokens(connection: Connection, account_id: int) -> list[Token]:
    """Somebody's tokens, the newest first, those that have ended too."""
    query = select(api_tokens).where(api_tokens.c.account_id == account_id).order_by(api_tokens.c.id.desc())
    return [Token(row.id, row.name, row.created_at, row.expires_at, row.used_at) for row in connection.execute(query)]


def revoke(connection: Connection, account_id: int, token_id: int) -> None:
    """End one of somebody's own tokens. Nothing happens if it is gone already."""
    connection.execute(delete(api_tokens).where(api_tokens.c.account_id == account_id, api_tokens.c.id == token_id))
