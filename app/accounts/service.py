"""Who somebody is: accounts, passwords, browser sessions, and the local person of a loopback server.

Passwords are argon2id. A browser holds a random token; the database only its SHA-256, so a stolen one logs nobody in.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, RowMapping, Table, bindparam, delete, func, insert, select, update

from app.accounts.models import Account, Login, Role
from app.errors import N_, Invalid, Unauthorised

accounts: Table = Account.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it
logins: Table = Login.__table__  # type: ignore[attr-defined]  # as above

LOCAL_NAME = "local"
LOGIN_DAYS = 30
MIN_PASSWORD = 10

# 19 MiB and two passes: OWASP's first choice for argon2id.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


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


_COLUMNS = (
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
_BY_TOKEN = (
    select(*_COLUMNS, logins.c.expires_at)
    .join(logins, logins.c.account_id == accounts.c.id)
    .where(logins.c.token_hash == bindparam("token_hash"))
)
_LOCAL = select(*_COLUMNS).where(accounts.c.name == LOCAL_NAME)
_WITH_PASSWORD = select(accounts.c.id).where(accounts.c.password_hash.is_not(None)).exists()
_LOCAL_ALONE = _LOCAL.where(~_WITH_PASSWORD)


def _learner(values: RowMapping) -> Learner:
    return Learner(**{name: values[name] for name in Learner.__dataclass_fields__} | {"role": Role(values["role"])})


def has_admin(connection: Connection) -> bool:
    query = select(accounts.c.id).where(accounts.c.role == Role.admin, accounts.c.password_hash.is_not(None)).limit(1)
    return connection.execute(query).first() is not None


def local_learner(connection: Connection) -> Learner | None:
    """The local person of a loopback server, while nobody can log in there; None once somebody has a password."""
    row = connection.execute(_LOCAL_ALONE).mappings().first()
    return _learner(row) if row else None


def make_local(connection: Connection, now: datetime) -> None:
    """Make the local person, an admin without a password, unless they are there."""
    if connection.execute(_LOCAL).first() is None:
        connection.execute(insert(accounts).values(_row(LOCAL_NAME, None, Role.admin, now)))


def by_token(connection: Connection, token: str, now: datetime) -> Learner | None:
    """Whose browser holds `token`, unless it has expired."""
    row = connection.execute(_BY_TOKEN, {"token_hash": _digest(token)}).mappings().first()
    return _learner(row) if row and row["expires_at"] > now else None


def add(connection: Connection, name: str, password: str, role: Role, now: datetime) -> int:
    """Make an account; its id. Invalid if the name is taken or empty, or the password too short."""
    name = name.strip()
    if not name or len(name) > 80:
        raise Invalid(N_("A name has 1 to 80 characters."))
    if connection.execute(select(accounts.c.id).where(func.lower(accounts.c.name) == name.lower())).first():
        raise Invalid(N_("The name %(name)s is taken."), name=name)
    made = insert(accounts).values(_row(name, _hash(password), role, now)).returning(accounts.c.id)
    account_id: int = connection.execute(made).scalar_one()
    return account_id


def id_of(connection: Connection, name: str) -> int:
    """The account of that name, in upper or lower case; Invalid if there is none."""
    row = connection.execute(select(accounts.c.id).where(func.lower(accounts.c.name) == name.strip().lower())).first()
    if row is None:
        raise Invalid(N_("There is no account named %(name)s."), name=name)
    return int(row.id)


def set_password(connection: Connection, name: str, password: str) -> None:
    """Change a password and end all browser sessions of that account."""
    account_id = id_of(connection, name)
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(password_hash=_hash(password)))
    connection.execute(delete(logins).where(logins.c.account_id == account_id))


def set_role(connection: Connection, name: str, role: Role) -> None:
    connection.execute(update(accounts).where(accounts.c.id == id_of(connection, name)).values(role=role))


def stored_hash(connection: Connection, name: str) -> tuple[int, str] | None:
    """(account id, password hash) of a name that can log in."""
    query = select(accounts.c.id, accounts.c.password_hash).where(func.lower(accounts.c.name) == name.strip().lower())
    row = connection.execute(query).first()
    return (row.id, row.password_hash) if row and row.password_hash else None


def verify(stored: tuple[int, str] | None, password: str) -> int:
    """The account id if the password fits. As slow (50 ms) for an unknown name: call it outside a transaction."""
    try:
        _hasher.verify(stored[1] if stored else _decoy_hash(), password)
    except (VerificationError, InvalidHashError):
        stored = None
    if stored is None:
        raise Unauthorised(N_("That name and password do not fit together."))
    return stored[0]


def log_in(connection: Connection, account_id: int, now: datetime) -> str:
    """Start a browser session; its token."""
    token = secrets.token_urlsafe(32)
    connection.execute(delete(logins).where(logins.c.expires_at < now))
    connection.execute(
        insert(logins).values(
            token_hash=_digest(token),
            account_id=account_id,
            created_at=now,
            expires_at=now + timedelta(days=LOGIN_DAYS),
        )
    )
    return token


def log_out(connection: Connection, token: str) -> None:
    connection.execute(delete(logins).where(logins.c.token_hash == _digest(token)))


def save_settings(connection: Connection, account_id: int, **values: object) -> None:
    """Store settings that are already validated."""
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(**values))


def _row(name: str, password_hash: str | None, role: Role, now: datetime) -> dict[str, object]:
    made = Account(name=name, password_hash=password_hash, role=role, created_at=now)
    return made.model_dump(exclude={"id"})


@cache
def _decoy_hash() -> str:
    return _hasher.hash(secrets.token_hex(16))


def _hash(password: str) -> str:
    if len(password) < MIN_PASSWORD:
        raise Invalid(N_("A password has at least %(least)d characters."), least=MIN_PASSWORD)
    return _hasher.hash(password)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
