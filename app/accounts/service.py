"""Who has an account: names, roles, settings, who may not come in any more, and the local person of a loopback server.

Browser sessions are in `logins`, tokens for programs in `api_tokens`, links in `links`; what an admin does to other
people, with its line in the audit log, is in `people`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, delete, func, insert, select, update

from app.accounts import passwords
from app.accounts.models import Account, Login, Role
from app.errors import N_, Conflict, Invalid, NotFound

accounts: Table = Account.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it
logins: Table = Login.__table__  # type: ignore[attr-defined]  # as above

LOCAL_NAME = "local"
MAX_NAME = 80
RESERVED = frozenset({LOCAL_NAME, "server"})  # what the local person and the audit log's own lines are called


@dataclass(frozen=True)
class Learner:
    """The person of a request, with their settings. `zone` is an IANA name or None when not chosen yet."""

    id: int
    name: str
    role: Role
    language: str | None
    zone: str | None
    theme: str
    shortcuts: bool
    new_per_day: int
    reviews_per_day: int


LEARNER_COLUMNS = (
    accounts.c.id,
    accounts.c.name,
    accounts.c.role,
    accounts.c.language,
    accounts.c.zone,
    accounts.c.theme,
    accounts.c.shortcuts,
    accounts.c.new_per_day,
    accounts.c.reviews_per_day,
)
_LOCAL = select(*LEARNER_COLUMNS).where(accounts.c.name == LOCAL_NAME)
_WITH_PASSWORD = select(accounts.c.id).where(accounts.c.password_hash.is_not(None)).exists()
_LOCAL_ALONE = _LOCAL.where(~_WITH_PASSWORD, accounts.c.disabled_at.is_(None))
_ADMINS = select(accounts.c.id).where(
    accounts.c.role == Role.admin, accounts.c.password_hash.is_not(None), accounts.c.disabled_at.is_(None)
)


def learner_of(values: RowMapping) -> Learner:
    """The learner in a row of LEARNER_COLUMNS."""
    return Learner(**{name: values[name] for name in Learner.__dataclass_fields__} | {"role": Role(values["role"])})


def has_admin(connection: Connection) -> bool:
    """Whether an admin can log in."""
    return connection.execute(_ADMINS.limit(1)).first() is not None


def local_learner(connection: Connection) -> Learner | None:
    """The local person of a loopback server, while nobody can log in there; None once somebody has a password."""
    row = connection.execute(_LOCAL_ALONE).mappings().first()
    return learner_of(row) if row else None


def make_local(connection: Connection, now: datetime) -> None:
    """Make the local person, an admin without a password, unless they are there."""
    if connection.execute(_LOCAL).first() is None:
        connection.execute(insert(accounts).values(_row(LOCAL_NAME, None, Role.admin, now)))


def clean_name(name: str) -> str:
    """The name as it is kept: NFKC, single spaces. Invalid if it is empty, too long, reserved, or hides characters."""
    name = " ".join(unicodedata.normalize("NFKC", name).split())
    if not name or len(name) > MAX_NAME:
        raise Invalid(N_("A name has 1 to %(most)d characters."), most=MAX_NAME)
    if not name.isprintable():  # control and format characters, such as those that turn the direction of writing
        raise Invalid(N_("A name has only characters that can be seen."))
    if name.casefold() in RESERVED:
        raise Invalid(N_("The name %(name)s is taken."), name=name)
    return name


def add(connection: Connection, name: str, password: str, role: Role, now: datetime) -> int:
    """Make an account; its id. Invalid if the name is taken or no name, or the password too short."""
    return add_hashed(connection, name, passwords.hashed(password), role, now)


def add_hashed(connection: Connection, name: str, password_hash: str, role: Role, now: datetime) -> int:
    """As `add`, for who has hashed the password before the transaction."""
    name = clean_name(name)
    if connection.execute(select(accounts.c.id).where(_named(name))).first():
        raise Invalid(N_("The name %(name)s is taken."), name=name)
    made = insert(accounts).values(_row(name, password_hash, role, now)).returning(accounts.c.id)
    account_id: int = connection.execute(made).scalar_one()
    return account_id


def id_of(connection: Connection, name: str) -> int:
    """The account of that name, in upper or lower case; Invalid if there is none."""
    row = connection.execute(select(accounts.c.id).where(_named(name))).first()
    if row is None:
        raise Invalid(N_("There is no account named %(name)s."), name=name)
    return int(row.id)


def learner(connection: Connection, account_id: int) -> Learner:
    """NotFound if there is no such account."""
    row = connection.execute(select(*LEARNER_COLUMNS).where(accounts.c.id == account_id)).mappings().first()
    if row is None:
        raise NotFound(N_("There is no such account."))
    return learner_of(row)


def set_password(connection: Connection, name: str, password: str) -> None:
    """Change a password and end all browser sessions of that account."""
    set_password_hash(connection, id_of(connection, name), passwords.hashed(password))


def set_password_hash(connection: Connection, account_id: int, password_hash: str) -> None:
    """As `set_password`, for who has hashed the password before the transaction."""
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(password_hash=password_hash))
    connection.execute(delete(logins).where(logins.c.account_id == account_id))


def set_role(connection: Connection, account_id: int, role: Role) -> None:
    """Give a role. Conflict if no admin could log in afterwards who could before."""
    if role is not Role.admin:
        _require_another_admin(connection, account_id)
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(role=role))


def disable(connection: Connection, account_id: int, now: datetime) -> None:
    """Let them in no more: no password, browser or token of theirs works from now on. Conflict for the last admin."""
    _require_another_admin(connection, account_id)
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(disabled_at=now))
    connection.execute(delete(logins).where(logins.c.account_id == account_id))


def enable(connection: Connection, account_id: int) -> None:
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(disabled_at=None))


def remove(connection: Connection, account_id: int, now: datetime) -> None:
    """Delete the account with everything that hangs on it, for good. Conflict for the last admin.

    The local person of a server where nobody can log in begins anew, as whoever starts such a server first does.
    """
    local = local_learner(connection)
    is_local = local is not None and local.id == account_id
    if not is_local:
        _require_another_admin(connection, account_id)
    connection.execute(delete(accounts).where(accounts.c.id == account_id))
    if is_local:
        make_local(connection, now)


def _require_another_admin(connection: Connection, account_id: int) -> None:
    """Conflict if this is an admin and no other one can log in. Call it in the transaction that changes something."""
    if learner(connection, account_id).role is not Role.admin:
        return
    if connection.execute(_ADMINS.where(accounts.c.id != account_id).limit(1)).first() is None:
        raise Conflict(
            N_("This is the only admin who can sign in."), N_("Nothing was changed. Make somebody else an admin first.")
        )


def stored_hash(connection: Connection, name: str) -> tuple[int, str] | None:
    """(account id, password hash) of a name that can log in."""
    return _stored(connection, _named(name))


def own_hash(connection: Connection, account_id: int) -> tuple[int, str] | None:
    """(account id, password hash) of an account that has a password."""
    return _stored(connection, accounts.c.id == account_id)


def _stored(connection: Connection, who: ColumnElement[bool]) -> tuple[int, str] | None:
    query = select(accounts.c.id, accounts.c.password_hash).where(who, accounts.c.disabled_at.is_(None))
    row = connection.execute(query).first()
    return (row.id, row.password_hash) if row and row.password_hash else None


def save_settings(connection: Connection, account_id: int, **values: object) -> None:
    """Store settings that are already validated."""
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(**values))


def _named(name: str) -> ColumnElement[bool]:
    """Whether an account has this name, however it is typed: Ünal, ünal and the full-width Ｕnal are the same."""
    typed = " ".join(unicodedata.normalize("NFKC", name).split())
    return func.fold_case(accounts.c.name) == typed.casefold()


def _row(name: str, password_hash: str | None, role: Role, now: datetime) -> dict[str, object]:
    made = Account(name=name, password_hash=password_hash, role=role, created_at=now)
    return made.model_dump(exclude={"id"})
