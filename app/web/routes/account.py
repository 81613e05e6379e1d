"""One's own account: password, logged-in browsers, tokens for programs, everything as JSON, and the way out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Path, Response

from app.accounts import api_tokens, logins, passwords, service, signup
from app.db import MAX_INTEGER
from app.errors import N_, Invalid, Problem, Unauthorised
from app.interop.learner_data import export_data
from app.interop.learner_store import gather
from app.web import agents, guesses, sign_in, wording
from app.web.account_views import AccountView, BrowserView, DeleteView, TokenView
from app.web.failures import label
from app.web.pages import go, html
from app.web.services import LOGIN_COOKIE, Here, Visit
from app.web.views import Choice

router = APIRouter(prefix="/account", include_in_schema=False)

LIVES = {"30": N_("30 days"), "90": N_("90 days"), "365": N_("A year"), "": N_("Until it is revoked")}
DONE = {
    "password": N_("The password is changed, and your other browsers are signed out."),
    "browser": N_("That browser is signed out."),
    "browsers": N_("Your other browsers are signed out."),
    "token": N_("The token is revoked."),
}
Password = Annotated[str, Form(max_length=2000)]
Handle = Annotated[str, Form(max_length=64)]


@router.get("")
def show(visit: Here, done: str = "") -> Response:
    return _page(visit, done=done)


@router.post("/password")
def change_password(visit: Here, new: Password = "", old: Password = "") -> Response:
    """Asked for the old one, if there is one; the person's other browsers are logged out."""
    visit.require_learner()
    try:
        _check_own_password(visit, old)
        new_hash = guesses.hashed(new)
    except Unauthorised:
        return _page(visit, errors={"old": _not_yours(visit)}, status=422)
    except Invalid as problem:
        return _page(visit, errors={"new": _said(visit, problem)}, status=422)
    with visit.write() as connection:
        service.set_password_hash(connection, visit.me.id, new_hash)
        key = sign_in.begin(visit, connection, visit.me.id)
    return sign_in.remember(visit, go("/account?done=password"), key)


@router.post("/browsers/end")
def end_browser(visit: Here, handle: Handle) -> Response:
    with visit.write() as connection:
        logins.end(connection, visit.me.id, handle)
    return go("/account?done=browser")


@router.post("/browsers/end-others")
def end_other_browsers(visit: Here) -> Response:
    with visit.write() as connection:
        logins.end_others(connection, visit.me.id, visit.login_key())
    return go("/account?done=browsers")


@router.post("/tokens")
def make_token(
    visit: Here, name: Annotated[str, Form(max_length=500)] = "", days: Annotated[str, Form(max_length=10)] = ""
) -> Response:
    """Shown in the answer itself, this once."""
    visit.require_learner()
    try:
        if days not in LIVES:
            raise Invalid(N_("Choose one of the spans."))
        with visit.write() as connection:
            token = api_tokens.make(connection, visit.me.id, name, int(days) if days else None, visit.now)
    except Problem as problem:
        return _page(visit, errors={"token_name": _said(visit, problem)}, token_name=name, status=problem.status)
    return _page(visit, fresh_token=token)


@router.post("/tokens/{token_id}/revoke")
def revoke_token(visit: Here, token_id: Annotated[int, Path(ge=1, le=MAX_INTEGER)]) -> Response:
    with visit.write() as connection:
        api_tokens.revoke(connection, visit.me.id, token_id)
    return go("/account?done=token")


@router.get("/export.json")
def export(visit: Here) -> Response:
    """Everything of one's own, as `whetstone import-data` takes it."""
    with visit.read() as connection:
        document = export_data(gather(connection, visit.me.id, visit.now))
    headers = {"content-disposition": 'attachment; filename="whetstone.json"'}
    return Response(document, media_type="application/json", headers=headers)


@router.get("/delete")
def ask_to_delete(visit: Here) -> Response:
    return _delete_page(visit)


@router.post("/delete")
def delete(visit: Here, password: Password = "", name: Password = "") -> Response:
    """Confirmed by the password, or by the name typed where there is no password."""
    visit.require_learner()
    try:
        if not _check_own_password(visit, password) and name.strip() != visit.me.name:
            raise Invalid(N_("That is not the name of this account."))
        with visit.write(everybody=True) as connection:  # an admin must remain
            signup.leave(connection, visit.me, visit.now)
    except Unauthorised:
        return _delete_page(visit, _not_yours(visit), status=422)
    except Problem as problem:
        return _delete_page(visit, label(visit.words, problem), status=problem.status)
    response = go("/")
    response.delete_cookie(LOGIN_COOKIE)
    return response


def _check_own_password(visit: Visit, password: str) -> bool:
    """Whether there is one; Unauthorised if this is not it."""
    with visit.read() as connection:
        stored = service.own_hash(connection, visit.me.id)
    if stored is not None:
        guesses.check_password(
            visit.services.allowances, visit.request, visit.me.name, lambda: passwords.verify(stored, password)
        )
    return stored is not None


def _not_yours(visit: Visit) -> str:
    return visit.words.gettext(N_("That is not your password."))


def _said(visit: Visit, problem: Problem) -> str:
    return visit.words.gettext(problem.message, **problem.params)


def _page(
    visit: Visit,
    *,
    errors: dict[str, str] | None = None,
    token_name: str = "",
    fresh_token: str | None = None,
    done: str = "",
    status: int = 200,
) -> Response:
    with visit.read() as connection:
        me = visit.me
        has_password = service.own_hash(connection, me.id) is not None
        browsers = logins.browsers(connection, me.id, visit.now)
        tokens = api_tokens.tokens(connection, me.id)
    key = visit.login_key()
    gettext = visit.words.gettext
    view = AccountView(
        name=me.name,
        role=wording.role(me.role, visit.words),
        has_password=has_password,
        browsers=[_browser(visit, browser, logins.is_of(browser.handle, key)) for browser in browsers],
        tokens=[_token(visit, token) for token in tokens],
        lives=[Choice(days, gettext(life), days == "90") for days, life in LIVES.items()],
        least_password=passwords.MIN_PASSWORD,
        token_name=token_name,
        fresh_token=fresh_token,
        errors=errors or {},
        done=gettext(DONE[done]) if done in DONE else None,
    )
    return html(visit, "accounts/page.html", view, active="settings", status=status)


def _browser(visit: Visit, browser: logins.Browser, is_this: bool) -> BrowserView:
    return BrowserView(
        handle=browser.handle,
        label=agents.label(browser.agent, visit.words),
        address=browser.address,
        since=wording.moment(browser.created_at, visit.zone, visit.words),
        seen=wording.moment(browser.seen_at, visit.zone, visit.words),
        is_this=is_this,
    )


def _token(visit: Visit, token: api_tokens.Token) -> TokenView:
    def when(at: datetime | None, otherwise: str) -> str:
        return wording.moment(at, visit.zone, visit.words) if at else visit.words.gettext(otherwise)

    return TokenView(
        id=token.id,
        name=token.name,
        since=wording.moment(token.created_at, visit.zone, visit.words),
        used=when(token.used_at, N_("never")),
        ends=when(token.expires_at, N_("when it is revoked")),
        has_ended=token.expires_at is not None and token.expires_at <= visit.now,
    )


def _delete_page(visit: Visit, error: str | None = None, status: int = 200) -> Response:
    with visit.read() as connection:
        has_password = service.own_hash(connection, visit.me.id) is not None
        local = service.local_learner(connection)
    begins_anew = local is not None and local.id == visit.me.id
    view = DeleteView(visit.me.name, has_password, begins_anew, error)
    return html(visit, "accounts/delete.html", view, active="settings", status=status)
