"""The frame round every page."""

from __future__ import annotations

from typing import cast

from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.accounts.models import Role
from app.web.render import render
from app.web.services import Visit
from app.web.views import Shell, Theme


def page(visit: Visit, template: str, view: object, active: str) -> str:
    """A page or fragment as HTML, in the visitor's language."""
    return render(template, visit.lang, shell=shell(visit, active), view=view)


def html(visit: Visit, template: str, view: object, active: str, status: int = 200) -> HTMLResponse:
    response = HTMLResponse(page(visit, template, view, active), status_code=status)
    response.headers["cache-control"] = "no-store"
    response.headers["vary"] = "HX-Request, Cookie, Accept-Language"
    return response


def go(address: str) -> Response:
    """Send the browser on after a form."""
    return RedirectResponse(address, status_code=303)


def shell(visit: Visit, active: str) -> Shell:
    me = visit.learner
    url = visit.request.url
    path = url.path + (f"?{url.query}" if url.query else "")
    return Shell(
        lang=visit.lang,
        theme=cast("Theme", me.theme if me else "auto"),
        active=active,  # type: ignore[arg-type]  # routes name their own tab; templates only compare it
        path=path if visit.request.method == "GET" else "/",
        learner=me.name if me else None,
        can_log_out=me is not None and visit.login_key() is not None,
        shortcuts=me.shortcuts if me else False,
        keeps_bank=me is not None and me.role.reaches(Role.editor),
        is_admin=me is not None and me.role.reaches(Role.admin),
    )


def local_path(path: str) -> str:
    """`path` if it stays on this server, else the home page."""
    stays = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if stays else "/"
