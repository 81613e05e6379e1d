"""How people come to an account of their own, back into it, and leave it.

Who may sign up (nobody, whoever has an invitation, everybody) is what an admin has set.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Table, delete, insert, select

from app.accounts import audit, links
from app.accounts.models import LinkPurpose, Role, SiteSetting
from app.accounts.service import Learner, add_hashed, learner, remove, set_password_hash
from app.errors import N_, Forbidden

site_settings: Table = SiteSetting.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it

_NAME = "signup"
ASK = N_("Ask whoever keeps this server.")


class SignUp(StrEnum):
    """Who may make an account for themselves: nobody, who has an invitation, everybody."""

    closed = "closed"
    invitation = "invitation"
    open = "open"


def mode(connection: Connection) -> SignUp:
    """What holds now; closed until an admin says otherwise."""
    value = connection.execute(select(site_settings.c.value).where(site_settings.c.name == _NAME)).scalar()
    return SignUp(value) if value else SignUp.closed


def set_mode(connection: Connection, mode_: SignUp) -> None:
    connection.execute(delete(site_settings).where(site_settings.c.name == _NAME))
    connection.execute(insert(site_settings).values(name=_NAME, value=mode_.value))


def require_open(connection: Connection) -> None:
    """Forbidden unless everybody may make an account."""
    if mode(connection) is not SignUp.open:
        raise Forbidden(N_("Nobody can sign up here without an invitation."), ASK)


def sign_up(connection: Connection, name: str, password_hash: str, now: datetime) -> int:
    """Make a learner's account for whoever comes; its id. Forbidden unless sign-up is open."""
    require_open(connection)
    return _join(connection, name, password_hash, Role.learner, now)


def find_invitation(connection: Connection, key: str, now: datetime) -> links.Link:
    """The invitation as long as it is good: NotFound if it is not, Forbidden while sign-up is closed."""
    link = links.find(connection, LinkPurpose.invitation, key, now)
    if mode(connection) is SignUp.closed:
        raise Forbidden(N_("Sign-up is closed, for invitations too."), ASK)
    return link


def accept(connection: Connection, key: str, name: str, password_hash: str, now: datetime) -> int:
    """Make the account that an invitation is for; its id. Fails as `find_invitation` does, or Invalid by the name."""
    find_invitation(connection, key, now)
    link = links.use(connection, LinkPurpose.invitation, key, now)
    return _join(connection, name, password_hash, link.role or Role.learner, now, invited_by=link.made_by)


def reset_password(connection: Connection, key: str, password_hash: str, now: datetime) -> int:
    """Set the password that a reset link is for and log all its browsers out; the account's id. NotFound as `find`."""
    link = links.use(connection, LinkPurpose.reset, key, now)
    assert link.account_id is not None  # noqa: S101  (what such a link is made with)
    set_password_hash(connection, link.account_id, password_hash)
    who = learner(connection, link.account_id)
    audit.record(connection, who, now, "account.reset", who.name, link_by=link.made_by)
    return who.id


def leave(connection: Connection, me: Learner, now: datetime) -> None:
    """Delete somebody's own account and all that is theirs. Conflict for the last admin."""
    remove(connection, me.id, now)
    audit.record(connection, me, now, "account.delete", me.name)


def _join(connection: Connection, name: str, password_hash: str, role: Role, now: datetime, **details: object) -> int:
    account_id = add_hashed(connection, name, password_hash, role, now)
    made = learner(connection, account_id)
    audit.record(connection, made, now, "account.signup", made.name, role=role, **details)
    return account_id
