"""Logging in and out. Five wrong passwords for a name, or twenty from an address, and both wait a minute."""

from __future__ import annotations

import threading
from typing import Annotated

from fastapi import APIRouter, Form, Query, Response
from limits import parse

from app.accounts import service as accounts
from app.errors import N_, TooManyRequests, Unauthorised
from app.web.pages import go, html, local_path
from app.web.services import LOGIN_COOKIE, Here, Visit
from app.web.views import LoginView

router = APIRouter(include_in_schema=False)
PER_NAME = parse("5/minute")
PER_ADDRESS = parse("20/minute")
_one_guess = threading.Lock()


@router.get("/login")
def show(visit: Here, next: Annotated[str, Query(max_length=2000)] = "/") -> Response:  # noqa: A002  (the address's word)
    return _page(visit, "", None, next)


@router.post("/login")
def log_in(
    visit: Here,
    name: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=1000)],
    next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002  (the form's field)
) -> Response:
    try:
        account_id = _check(visit, name, password)
    except Unauthorised as wrong:
        return _page(visit, name, visit.words.gettext(wrong.message), next, status=401)
    with visit.services.db.write() as connection:
        token = accounts.log_in(connection, account_id, visit.now)
    response = go(local_path(next))
    response.set_cookie(
        LOGIN_COOKIE,
        visit.services.signer.sign(token).decode(),
        max_age=accounts.LOGIN_DAYS * 86_400,
        httponly=True,
        samesite="lax",
        secure=visit.request.url.scheme == "https",
    )
    return response


@router.post("/logout")
def log_out(visit: Here) -> Response:
    if token := visit.login_token():
        with visit.services.db.write() as connection:
            accounts.log_out(connection, token)
    response = go("/login")
    response.delete_cookie(LOGIN_COOKIE)
    return response


def _check(visit: Visit, name: str, password: str) -> int:
    """The account that the name and password open; Unauthorised, or TooManyRequests after too many wrong ones.

    One at a time: guesses sent together must not all pass before the first is counted, nor fill the memory (argon2).
    """
    limiter = visit.services.limiter
    address = visit.request.client.host if visit.request.client else ""
    limits = ((PER_NAME, "name", name.strip().lower()), (PER_ADDRESS, "address", address))

    def refuse_too_many() -> None:
        if not all(limiter.test(limit, *key) for limit, *key in limits):
            raise TooManyRequests(N_("Too many wrong passwords."))

    refuse_too_many()  # before queuing too, so that a flood does not hold up other pages
    with _one_guess:
        refuse_too_many()
        with visit.services.db.read() as connection:
            stored = accounts.stored_hash(connection, name)
        try:
            return accounts.verify(stored, password)
        except Unauthorised:
            for limit, *key in limits:
                limiter.hit(limit, *key)
            raise


def _page(visit: Visit, name: str, error: str | None, next_path: str, status: int = 200) -> Response:
    return html(visit, "accounts/login.html", LoginView(name, error, local_path(next_path)), active="", status=status)
