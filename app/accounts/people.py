"""What an admin does to other people's accounts, each act with its line in the audit log. `by` None: the server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, select

from app.accounts import links, passwords, service, signup
from app.accounts.api_tokens import api_tokens
from app.accounts.audit import record
from app.accounts.models import Role
from app.accounts.service import Learner, accounts, logins
from app.accounts.signup import SignUp
from app.errors import N_, Conflict

MOST_LISTED = 200


@dataclass(frozen=True)
class Member:
    """Somebody with an account. `seen_at` is when a browser or program of theirs that still may come was last here."""

    id: int
    name: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None
    has_password: bool
    seen_at: datetime | None


_BROWSER_AT = (
    select(func.max(func.coalesce(logins.c.seen_at, logins.c.created_at)))
    .where(logins.c.account_id == accounts.c.id)
    .scalar_subquery()
)
_PROGRAM_AT = select(func.max(api_tokens.c.used_at)).where(api_tokens.c.account_id == accounts.c.id).scalar_subquery()
_MEMBERS = select(
    accounts.c.id,
    accounts.c.name,
    accounts.c.role,
    accounts.c.created_at,
    accounts.c.disabled_at,
    accounts.c.password_hash.is_not(None).label("has_password"),
    _BROWSER_AT.label("browser_at"),
    _PROGRAM_AT.label("program_at"),
)


def members(connection: Connection, search: str = "", most: int = MOST_LISTED) -> list[Member]:
    """The first `most` by name, of those whose name contains `search`."""
    folded = func.fold_case(accounts.c.name)
    query = _MEMBERS.where(folded.contains(search.strip().casefold(), autoescape=True)).order_by(folded).limit(most)
    return [_member(row) for row in connection.execute(query).mappings()]


def member(connection: Connection, account_id: int) -> Member:
    """NotFound if there is no such account."""
    service.learner(connection, account_id)
    return _member(connection.execute(_MEMBERS.where(accounts.c.id == account_id)).mappings().one())


def add(connection: Connection, by: Learner | None, name: str, password: str, role: Role, now: datetime) -> int:
    """Make an account; its id. As `service.add`."""
    account_id = service.add(connection, name, password, role, now)
    record(connection, by, now, "account.add", service.learner(connection, account_id).name, role=role)
    return account_id


def set_password(connection: Connection, by: Learner | None, account_id: int, password: str, now: datetime) -> None:
    """Set somebody's password and log all their browsers out."""
    service.set_password_hash(connection, account_id, passwords.hashed(password))
    record(connection, by, now, "account.password", _name(connection, account_id))


def set_role(connection: Connection, by: Learner | None, account_id: int, role: Role, now: datetime) -> None:
    """Give a role. Conflict for the last admin."""
    before = service.learner(connection, account_id)
    if before.role is role:
        return
    service.set_role(connection, account_id, role)
    record(connection, by, now, "account.role", before.name, before=before.role, after=role)


def disable(connection: Connection, by: Learner | None, account_id: int, now: datetime) -> None:
    """Let somebody in no more. Conflict for the last admin."""
    name = _name(connection, account_id)
    service.disable(connection, account_id, now)
    record(connection, by, now, "account.disable", name)


def enable(connection: Connection, by: Learner | None, account_id: int, now: datetime) -> None:
    """Let somebody in again."""
    name = _name(connection, account_id)
    service.enable(connection, account_id)
    record(connection, by, now, "account.enable", name)


def reset_link(connection: Connection, by: Learner | None, account_id: int, now: datetime) -> str:
    """The key of a link by which somebody sets a new password."""
    who = member(connection, account_id)
    if who.disabled_at is not None:
        raise Conflict(N_("This account is disabled."), N_("Nothing was changed. Enable it first."))
    key = links.make_reset(connection, account_id, _maker(by), now)
    record(connection, by, now, "account.reset-link", who.name)
    return key


def invite(connection: Connection, by: Learner | None, role: Role, now: datetime) -> str:
    """The key of an invitation. Conflict while sign-up is closed."""
    if signup.mode(connection) is SignUp.closed:
        raise Conflict(N_("Sign-up is closed, for invitations too."), N_("Choose who may sign up first."))
    key = links.invite(connection, role, _maker(by), now)
    record(connection, by, now, "invitation.make", role=role)
    return key


def withdraw_invitation(connection: Connection, by: Learner | None, handle: str, now: datetime) -> None:
    """Take an invitation back; nothing happens if it is gone or used already."""
    role = links.withdraw(connection, handle)
    if role is not None:
        record(connection, by, now, "invitation.withdraw", role=role)


def set_sign_up(connection: Connection, by: Learner | None, mode: SignUp, now: datetime) -> None:
    """Say who may sign up. Conflict while no admin can log in: the local person would be locked out by the first."""
    if mode is not SignUp.closed and not service.has_admin(connection):
        raise Conflict(
            N_("Once somebody has a password, everybody signs in, you too, and you have none yet."),
            N_("Nothing was changed. Set a password on your account's page first."),
        )
    before = signup.mode(connection)
    if before is mode:
        return
    signup.set_mode(connection, mode)
    record(connection, by, now, "site.signup", before=before, after=mode)


def _member(row: RowMapping) -> Member:
    seen = [at for at in (row["browser_at"], row["program_at"]) if at is not None]
    return Member(
        id=row["id"],
        name=row["name"],
        role=Role(row["role"]),
        created_at=row["created_at"],
        disabled_at=row["disabled_at"],
        has_password=row["has_password"],
        seen_at=max(seen) if seen else None,
    )


def _maker(by: Learner | None) -> str:
    return by.name if by else "server"


def _name(connection: Connection, account_id: int) -> str:
    return service.learner(connection, account_id).name
