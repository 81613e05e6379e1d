"""What the pages about people and the audit log are given."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.web.views import Choice


@dataclass(frozen=True)
class MemberView:
    """`seen` says when a browser or program of theirs was last here; `state` is empty while all is as usual."""

    id: int
    name: str
    role: str
    since: str
    seen: str
    state: str


@dataclass(frozen=True)
class InvitationView:
    handle: str
    role: str
    made_by: str
    until: str


@dataclass(frozen=True)
class PeopleView:
    """`fresh_link` is an invitation just made, shown this once. `is_cut`: more people than are listed."""

    members: list[MemberView]
    is_cut: bool
    search: str
    modes: list[Choice]
    can_invite: bool
    roles: list[Choice]
    invitations: list[InvitationView]
    fresh_link: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class PersonView:
    """`fresh_link` is a reset link just made, shown this once."""

    member: MemberView
    roles: list[Choice]
    is_disabled: bool
    is_me: bool
    fresh_link: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class EventView:
    """`lists` are details of many things: name, how many, and which."""

    at: str
    actor: str
    action: str
    subject: str
    details: list[tuple[str, str]]
    lists: list[tuple[str, int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class AuditView:
    events: list[EventView]
    actor: str
    actions: list[Choice]
    subject: str
    is_first: bool
    older_href: str | None
