"""Logging in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Response

from app.accounts import logins, passwords, signup
from app.accounts import service as accounts
from app.errors import Unauthorised
from app.web import guesses, sign_in
from app.web.pages import go, html, local_path
from app.web.services import LOGIN_COOKIE, Here, Visit
from app.web.views import LoginView

router = APIRouter(include_in_schema=False)


@router.get("/login")
def show(visit: Here, next: Annotated[str, Query(max_length=2000)] = "/") -> Response:  # noqa: A002  (the address's word)
    return _page(visit, "", None, next)


@router.post("/login")
def log_in(
    visit: Here,
    name: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=passwords.MAX_PASSWORD)],
    next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002  (the form's field)
) -> Response:
    try:
        account_id = guesses.check_password(
            visit.services.allowances, visit.request, name, lambda: _whose(visit, name, password)
        )
    except Unauthorised as wrong:
        return _page(visit, name, visit.words.gettext(wrong.message), next, status=401)
    with visit.services.db.write() as connection:
        key = sign_in.begin(visit, connection, account_id)
    return sign_in.remember(visit, go(local_path(next)), key)


@router.post("/logout")
def log_out(visit: Here) -> Response:
    if key := visit.login_key():
        with visit.services.db.write() as connection:
            logins.log_out(connection, key)
    response = go("/login")
    response.delete_cookie(LOGIN_COOKIE)
    return response


def _whose(visit: Visit, name: str, password: str) -> int:
    with visit.services.db.read() as connection:
        stored = accounts.stored_hash(connection, name)
    return passwords.verify(stored, password)


def _page(visit: Visit, name: str, error: str | None, next_path: str, status: int = 200) -> Response:
    with visit.services.db.read() as connection:
        can_sign_up = signup.mode(connection) is signup.SignUp.open
    view = LoginView(name, error, local_path(next_path), can_sign_up)
    return html(visit, "accounts/login.html", view, active="", status=status)
