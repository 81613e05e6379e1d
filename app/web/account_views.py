"""What the account's pages, and those that lead to one, are given."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.web.views import Choice


@dataclass(frozen=True)
class BrowserView:
    """A logged-in browser. `handle` names it in the form that ends it."""

    handle: str
    label: str
    address: str
    since: str
    seen: str
    is_this: bool


@dataclass(frozen=True)
class TokenView:
    id: int
    name: str
    since: str
    used: str
    ends: str
    has_ended: bool


@dataclass(frozen=True)
class AccountView:
    """`fresh_token` is shown this once. `errors` by field name; `done` says what has just been done."""

    name: str
    role: str
    has_password: bool
    browsers: list[BrowserView]
    tokens: list[TokenView]
    lives: list[Choice]  # how long a new token is good
    least_password: int
    token_name: str = ""
    fresh_token: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    done: str | None = None


@dataclass(frozen=True)
class DeleteView:
    """`begins_anew`: the local person of a machine, who is there again at once, with nothing."""

    name: str
    has_password: bool
    begins_anew: bool
    error: str | None = None


@dataclass(frozen=True)
class JoinView:
    """The page that makes an account. `action` is where its form goes; None where nobody may sign up: then why."""

    action: str | None
    role: str
    invited_by: str | None
    name: str
    least_password: int
    error: str | None = None


@dataclass(frozen=True)
class ResetView:
    action: str
    name: str
    least_password: int
    error: str | None = None
