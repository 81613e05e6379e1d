"""Accounts, their browser sessions, links and tokens, what they report and are told, the audit log, as tables."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from app.db import Json, UtcDateTime


class Role(StrEnum):
    """Each may do what those before it may."""

    learner = "learner"
    editor = "editor"
    admin = "admin"

    def reaches(self, other: Role) -> bool:
        """Whether this role may do what `other` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


class Account(SQLModel, table=True):
    """A person, with their settings. The local person of a loopback server has no password."""

    __tablename__ = "account"
    # Names are looked up without regard to case. Not on SQLite, whose other programs don't know the function.
    __table_args__ = (Index("account_folded_name", text("fold_case(name)")).ddl_if(dialect="postgresql"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=80)
    password_hash: str | None = Field(default=None, max_length=200)
    role: str = Field(default=Role.learner, max_length=10)
    created_at: datetime = Field(sa_type=UtcDateTime)
    language: str | None = Field(default=None, max_length=2)
    zone: str | None = Field(default=None, max_length=64)
    theme: str = Field(default="auto", max_length=5)
    shortcuts: bool = True
    new_per_day: int = 20
    reviews_per_day: int = 200
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Login(SQLModel, table=True):
    """One logged-in browser, by the hash of its token."""

    __tablename__ = "login"

    token_hash: str = Field(primary_key=True, max_length=64)
    account_id: int = Field(foreign_key="account.id", index=True, ondelete="CASCADE")
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    agent: str = Field(default="", max_length=200)  # what the browser calls itself
    address: str = Field(default="", max_length=45)


class LinkPurpose(StrEnum):
    invitation = "invitation"
    reset = "reset"


class AccountLink(SQLModel, table=True):
    """A link that an admin hands to somebody, by the hash of its token: it makes an account, or sets a new password.

    `role` is the role of the account that an invitation makes; `account_id` whose password a reset sets.
    """

    __tablename__ = "account_link"

    token_hash: str = Field(primary_key=True, max_length=64)
    purpose: str = Field(max_length=10)
    role: str | None = Field(default=None, max_length=10)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True, ondelete="CASCADE")
    made_by: str = Field(max_length=80)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiToken(SQLModel, table=True):
    """A person's token for programs, by its hash."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True, ondelete="CASCADE")
    name: str = Field(max_length=80)
    token_hash: str = Field(unique=True, max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SiteSetting(SQLModel, table=True):
    """What an admin has set for everybody, such as who may sign up."""

    __tablename__ = "site_setting"

    name: str = Field(primary_key=True, max_length=40)
    value: Any = Field(sa_type=Json)


class Notice(SQLModel, table=True):
    """Something that a person must be told on their next page: `kind` words it, with `params`."""

    __tablename__ = "notice"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True, ondelete="CASCADE")
    kind: str = Field(max_length=30)
    question_id: str | None = Field(default=None, max_length=80)
    params: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AuditEvent(SQLModel, table=True):
    """What somebody with rights did. The database refuses to change or remove a row."""

    __tablename__ = "audit_event"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    actor_id: int | None = None  # no foreign key: the log outlives the account
    actor: str = Field(max_length=80)
    action: str = Field(max_length=40)
    subject: str = Field(default="", max_length=120)  # the question, the account
    details: dict[str, Any] = Field(default_factory=dict, sa_type=Json)


class QuestionReport(SQLModel, table=True):
    """A learner's word that something is wrong with a question, with the version and seed they saw."""

    __tablename__ = "question_report"
    __table_args__ = (Index("question_report_open", "closed_at", "created_at"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    question_id: str = Field(max_length=80, index=True)
    question_hash: str = Field(max_length=64)
    seed: int
    lang: str = Field(max_length=2)
    about: str = Field(max_length=20)  # key, unclear, translation, typo, display, other
    text: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: str | None = Field(default=None, max_length=80)
    outcome: str | None = Field(default=None, max_length=20)  # mended, not-a-fault, duplicate
    reply: str | None = None


class CountedTry(SQLModel, table=True):
    """A try that counts until it lapses, by the hash of who or where, for the limits that several processes share."""

    __tablename__ = "counted_try"
    __table_args__ = (Index("counted_try_key", "key_hash", "tried_at"),)

    id: int | None = Field(default=None, primary_key=True)
    key_hash: str = Field(max_length=64)
    tried_at: datetime = Field(sa_type=UtcDateTime)
    lapses_at: datetime = Field(sa_type=UtcDateTime, index=True)


class SharedSecret(SQLModel, table=True):
    """What all processes of one instance must sign with alike."""

    __tablename__ = "shared_secret"

    name: str = Field(primary_key=True, max_length=40)
    value: str = Field(max_length=200)
