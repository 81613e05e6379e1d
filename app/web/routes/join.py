"""The ways to an account for who has none, or has lost their password: sign-up, an invitation, a reset link.

What these pages are for needs no account, so they open their own transactions; a link's key is in the address, which
is why no page here leads on to anything with it.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Response

from app.accounts import links, passwords, signup
from app.accounts.models import LinkPurpose, Role
from app.errors import Forbidden, Invalid, Problem
from app.web import guesses, sign_in, wording
from app.web.account_views import JoinView, ResetView
from app.web.failures import label
from app.web.pages import go, html
from app.web.services import Here, Visit

router = APIRouter(include_in_schema=False)

Key = Annotated[str, Path(max_length=100)]
Name = Annotated[str, Form(max_length=500)]
Password = Annotated[str, Form(max_length=2000)]


@router.get("/signup")
def show_sign_up(visit: Here) -> Response:
    with visit.services.db.read() as connection:
        mode = signup.mode(connection)
    return _join_page(visit, "/signup" if mode is signup.SignUp.open else None, Role.learner)


@router.post("/signup")
def sign_up(visit: Here, name: Name = "", password: Password = "") -> Response:
    guesses.count_sign_up(visit.services.allowances, visit.request)
    try:
        with visit.services.db.read() as connection:
            signup.require_open(connection)
        password_hash = guesses.hashed(password)
        with visit.services.db.write() as connection:
            account_id = signup.sign_up(connection, name, password_hash, visit.now)
            key = sign_in.begin(visit, connection, account_id)
    except Forbidden as problem:
        return _join_page(visit, None, Role.learner, status=problem.status)
    except Invalid as problem:
        return _join_page(visit, "/signup", Role.learner, name=name, error=problem)
    return sign_in.remember(visit, go("/"), key)


@router.get("/invite/{key}")
def show_invitation(visit: Here, key: Key) -> Response:
    link = _invitation(visit, key)
    return _join_page(visit, f"/invite/{key}", link.role or Role.learner, link.made_by)


@router.post("/invite/{key}")
def accept(visit: Here, key: Key, name: Name = "", password: Password = "") -> Response:
    link = _invitation(visit, key)
    try:
        password_hash = guesses.hashed(password)
        with visit.services.db.write() as connection:
            account_id = signup.accept(connection, key, name, password_hash, visit.now)
            login_key = sign_in.begin(visit, connection, account_id)
    except Invalid as problem:
        return _join_page(visit, f"/invite/{key}", link.role or Role.learner, link.made_by, name, problem)
    return sign_in.remember(visit, go("/"), login_key)


@router.get("/reset/{key}")
def show_reset(visit: Here, key: Key) -> Response:
    return _reset_page(visit, key, _reset_link(visit, key))


@router.post("/reset/{key}")
def reset(visit: Here, key: Key, password: Password = "") -> Response:
    """Set the password, log out every browser of that account, and this one in."""
    link = _reset_link(visit, key)
    try:
        password_hash = guesses.hashed(password)
        with visit.services.db.write() as connection:
            account_id = signup.reset_password(connection, key, password_hash, visit.now)
            login_key = sign_in.begin(visit, connection, account_id)
    except Invalid as problem:
        return _reset_page(visit, key, link, problem)
    return sign_in.remember(visit, go("/"), login_key)


def _invitation(visit: Visit, key: str) -> links.Link:
    def find() -> links.Link:
        with visit.services.db.read() as connection:
            return signup.find_invitation(connection, key, visit.now)

    return guesses.check_key(visit.services.allowances, visit.request, find)


def _reset_link(visit: Visit, key: str) -> links.Link:
    def find() -> links.Link:
        with visit.services.db.read() as connection:
            return links.find(connection, LinkPurpose.reset, key, visit.now)

    return guesses.check_key(visit.services.allowances, visit.request, find)


def _join_page(
    visit: Visit,
    action: str | None,
    role: Role,
    invited_by: str | None = None,
    name: str = "",
    error: Problem | None = None,
    status: int = 200,
) -> Response:
    view = JoinView(
        action=action,
        role=wording.role(role, visit.words),
        invited_by=invited_by,
        name=name,
        least_password=passwords.MIN_PASSWORD,
        error=label(visit.words, error) if error else None,
    )
    return html(visit, "accounts/join.html", view, active="", status=error.status if error else status)


def _reset_page(visit: Visit, key: str, link: links.Link, error: Problem | None = None) -> Response:
    said = label(visit.words, error) if error else None
    view = ResetView(f"/reset/{key}", link.name or "", passwords.MIN_PASSWORD, said)
    return html(visit, "accounts/reset.html", view, active="", status=error.status if error else 200)
