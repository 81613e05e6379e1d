"""Accounts and their browser sessions, as tables."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from app.db import UtcDateTime


class Role(StrEnum):
    learner = "learner"
    editor = "editor"
    admin = "admin"


class Account(SQLModel, table=True):
    """A person, with their settings. The local person of a loopback server has no password."""

    __tablename__ = "account"

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


class Login(SQLModel, table=True):
    """One logged-in browser, by the hash of its token."""

    __tablename__ = "login"

    token_hash: str = Field(primary_key=True, max_length=64)
    account_id: int = Field(foreign_key="account.id", index=True, ondelete="CASCADE")
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
