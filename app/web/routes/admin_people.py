"""Who has an account, and what an admin does about it: role, disabling, reset links, invitations, who may sign up."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Response

from app.accounts import links, people, signup
from app.accounts.models import Role
from app.accounts.people import Member
from app.accounts.signup import SignUp
from app.db import MAX_INTEGER
from app.errors import N_, Problem
from app.web import wording
from app.web.failures import label
from app.web.pages import go, html
from app.web.people_views import InvitationView, MemberView, PeopleView, PersonView
from app.web.services import Here, Visit
from app.web.views import Choice

router = APIRouter(prefix="/admin/people", include_in_schema=False)

MODES = {
    SignUp.closed: N_("Nobody"),
    SignUp.invitation: N_("Whoever has an invitation"),
    SignUp.open: N_("Everybody who can reach this server"),
}
AccountId = Annotated[int, Path(ge=1, le=MAX_INTEGER)]
Search = Annotated[str, Query(max_length=100)]


@router.get("")
def show(visit: Here, q: Search = "") -> Response:
    visit.require(Role.admin)
    return _people(visit, q)


@router.post("/sign-up")
def set_sign_up(visit: Here, mode: Annotated[SignUp, Form()]) -> Response:
    visit.require(Role.admin)
    try:
        with visit.write() as connection:
            people.set_sign_up(connection, visit.me, mode, visit.now)
    except Problem as problem:
        return _people(visit, problem=problem)
    return go("/admin/people#sign-up")


@router.post("/invitations")
def invite(visit: Here, role: Annotated[Role, Form()]) -> Response:
    """The link is shown in the answer itself, this once."""
    visit.require(Role.admin)
    try:
        with visit.write() as connection:
            key = people.invite(connection, visit.me, role, visit.now)
    except Problem as problem:
        return _people(visit, problem=problem)
    return _people(visit, fresh_link=_address(visit, f"/invite/{key}"))


@router.post("/invitations/withdraw")
def withdraw(visit: Here, handle: Annotated[str, Form(max_length=64)]) -> Response:
    visit.require(Role.admin)
    with visit.write() as connection:
        people.withdraw_invitation(connection, visit.me, handle, visit.now)
    return go("/admin/people#sign-up")


@router.get("/{account_id}")
def show_person(visit: Here, account_id: AccountId) -> Response:
    visit.require(Role.admin)
    return _person(visit, account_id)


@router.post("/{account_id}/role")
def set_role(visit: Here, account_id: AccountId, role: Annotated[Role, Form()]) -> Response:
    visit.require(Role.admin)
    try:
        with visit.write() as connection:
            people.set_role(connection, visit.me, account_id, role, visit.now)
    except Problem as problem:
        return _person(visit, account_id, problem=problem)
    return go(f"/admin/people/{account_id}" if account_id != visit.me.id else "/")


@router.post("/{account_id}/disable")
def disable(visit: Here, account_id: AccountId) -> Response:
    visit.require(Role.admin)
    try:
        with visit.write() as connection:
            people.disable(connection, visit.me, account_id, visit.now)
    except Problem as problem:
        return _person(visit, account_id, problem=problem)
    return go(f"/admin/people/{account_id}")


@router.post("/{account_id}/enable")
def enable(visit: Here, account_id: AccountId) -> Response:
    visit.require(Role.admin)
    with visit.write() as connection:
        people.enable(connection, visit.me, account_id, visit.now)
    return go(f"/admin/people/{account_id}")


@router.post("/{account_id}/reset-link")
def make_reset_link(visit: Here, account_id: AccountId) -> Response:
    """The link is shown in the answer itself, this once."""
    visit.require(Role.admin)
    try:
        with visit.write() as connection:
            key = people.reset_link(connection, visit.me, account_id, visit.now)
    except Problem as problem:
        return _person(visit, account_id, problem=problem)
    return _person(visit, account_id, fresh_link=_address(visit, f"/reset/{key}"))


def _people(
    visit: Visit, search: str = "", *, fresh_link: str | None = None, problem: Problem | None = None
) -> Response:
    with visit.read() as connection:
        found = people.members(connection, search, people.MOST_LISTED + 1)
        mode = signup.mode(connection)
        invitations = links.open_invitations(connection, visit.now)
    view = PeopleView(
        members=[_member(visit, member) for member in found[: people.MOST_LISTED]],
        is_cut=len(found) > people.MOST_LISTED,
        search=search,
        modes=[Choice(it.value, visit.words.gettext(title), it is mode) for it, title in MODES.items()],
        can_invite=mode is not SignUp.closed,
        roles=_roles(visit, Role.learner),
        invitations=[_invitation(visit, link) for link in invitations],
        fresh_link=fresh_link,
        error=label(visit.words, problem) if problem else None,
    )
    return html(visit, "admin/people/page.html", view, active="admin", status=problem.status if problem else 200)


def _person(
    visit: Visit, account_id: int, *, fresh_link: str | None = None, problem: Problem | None = None
) -> Response:
    with visit.read() as connection:
        member = people.member(connection, account_id)
    view = PersonView(
        member=_member(visit, member),
        roles=_roles(visit, member.role),
        is_disabled=member.disabled_at is not None,
        is_me=member.id == visit.me.id,
        fresh_link=fresh_link,
        error=label(visit.words, problem) if problem else None,
    )
    return html(visit, "admin/people/person.html", view, active="admin", status=problem.status if problem else 200)


def _member(visit: Visit, member: Member) -> MemberView:
    gettext = visit.words.gettext
    seen = wording.moment(member.seen_at, visit.zone, visit.words) if member.seen_at else gettext(N_("not signed in"))
    state = ""
    if member.disabled_at is not None:
        state = gettext(N_("disabled"))
    elif not member.has_password:
        state = gettext(N_("without a password"))
    since = wording.moment(member.created_at, visit.zone, visit.words)
    return MemberView(member.id, member.name, wording.role(member.role, visit.words), since, seen, state)


def _invitation(visit: Visit, link: links.Link) -> InvitationView:
    role = wording.role(link.role or Role.learner, visit.words)
    return InvitationView(link.handle, role, link.made_by, wording.moment(link.expires_at, visit.zone, visit.words))


def _roles(visit: Visit, chosen: Role) -> list[Choice]:
    return [Choice(role.value, wording.role(role, visit.words), role is chosen) for role in Role]


def _address(visit: Visit, path: str) -> str:
    """The whole address, as the admin's own browser calls this server."""
    return str(visit.request.base_url).rstrip("/") + path
