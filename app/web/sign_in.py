"""What begins a browser session once somebody has shown who they are: a row, and the cookie with its key."""

from __future__ import annotations

from fastapi import Response
from sqlalchemy import Connection

from app.accounts import logins
from app.web import guesses
from app.web.services import LOGIN_COOKIE, Visit


def begin(visit: Visit, connection: Connection, account_id: int) -> str:
    """Start a session of this browser, in place of the one it had; its key, for `remember`."""
    if key := visit.login_key():
        logins.log_out(connection, key)
    agent = visit.request.headers.get("user-agent", "")
    return logins.log_in(connection, account_id, visit.now, agent, guesses.address(visit.request))


def remember(visit: Visit, response: Response, key: str) -> Response:
    """Hand the browser its key."""
    response.set_cookie(
        LOGIN_COOKIE,
        visit.services.signer.sign(key).decode(),
        max_age=logins.LOGIN_DAYS * 86_400,
        httponly=True,
        samesite="lax",
        secure=visit.request.url.scheme == "https",
    )
    return response
