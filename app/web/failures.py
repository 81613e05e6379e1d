"""Every failure turned into a page or problem+json, in one place."""

from __future__ import annotations

from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from app import logs
from app.errors import N_, Invalid, NotFound, Problem, TooLarge, Unauthorised, Unavailable
from app.grading.outcome import MalformedAnswer
from app.web.attendance import attended
from app.web.i18n import Words
from app.web.pages import page
from app.web.security import BodyTooLargeError, body_limit
from app.web.services import Visit
from app.web.views import ErrorView

log = structlog.get_logger()

SECRET_PATHS = frozenset({"invite", "reset"})
BY_STATUS: dict[int, tuple[str, str]] = {
    400: (N_("That could not be read"), N_("Nothing was changed. Correct it and send it again.")),
    404: (N_("Not found"), N_("There is nothing at this address. The question list shows everything there is.")),
    405: (N_("Not possible here"), N_("This address does not take that kind of request.")),
}


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(MalformedAnswer, _malformed)
    app.add_exception_handler(BodyTooLargeError, _too_large)
    app.add_exception_handler(OperationalError, _database)
    app.add_exception_handler(PoolTimeoutError, _database)
    app.add_exception_handler(Exception, _unexpected)


def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101  (Starlette hands over what was registered)
    if isinstance(error.__cause__, DBAPIError):
        log.error("database unavailable", path=_shown_path(request), error=str(error.__cause__.orig))
    visit = Visit(request)
    if isinstance(error, Unauthorised) and not _wants_json(request) and request.url.path != "/login":
        target = quote(_address(request)) if request.method == "GET" else "/"
        if visit.is_fragment:
            return Response(status_code=401, headers={"HX-Redirect": f"/login?next={target}"})
        return RedirectResponse(f"/login?next={target}", status_code=303)
    words = visit.words
    return answer(
        visit,
        error.status,
        words.gettext(error.title),
        words.gettext(error.message, **error.params),
        words.gettext(error.advice),
    )


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  (as above)
    visit = Visit(request)
    title, advice = BY_STATUS.get(error.status_code, (Problem.title, Problem.advice))
    response = answer(visit, error.status_code, visit.words.gettext(title), "", visit.words.gettext(advice))
    response.headers.update(error.headers or {})
    return response


def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  (as above)
    visit = Visit(request)
    found = error.errors()
    if not _wants_json(request) and any(it["loc"][0] == "path" for it in found):
        return _problem(request, NotFound(N_("There is nothing at this address.")))
    where = "; ".join(f"{'.'.join(map(str, it['loc'][1:]))}: {it['msg']}" for it in found[:5])
    return answer(visit, 422, visit.words.gettext(Invalid.title), where, visit.words.gettext(Invalid.advice))


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, MalformedAnswer)  # noqa: S101  (as above)
    visit = Visit(request)
    message = error.message.in_(visit.lang)
    return answer(
        visit, 422, visit.words.gettext(Invalid.title), message, visit.words.gettext(Invalid.advice), field=error.field
    )


def _too_large(request: Request, _error: Exception) -> Response:
    return _problem(
        request, TooLarge(N_("A request has at most %(limit)d KiB."), limit=body_limit(request.url.path) // 1024)
    )


def _database(request: Request, error: Exception) -> Response:
    log.error("database unavailable", path=_shown_path(request), error=str(error))
    return _problem(request, Unavailable(N_("The database does not answer.")))


def _unexpected(request: Request, error: Exception) -> Response:
    log.exception("unexpected failure", path=_shown_path(request), exc_info=error)
    logs.told(error)
    return _problem(request, Problem(N_("Something unexpected went wrong on our side.")))


def _shown_path(request: Request) -> str:
    """The path for the log, without the secret of a link in it."""
    first, *rest = request.url.path.lstrip("/").split("/")
    return f"/{first}/..." if rest and first in SECRET_PATHS else request.url.path


def answer(visit: Visit, status: int, title: str, message: str, advice: str, **more: object) -> Response:
    """The failure as the asker can read it: problem+json (RFC 9457), a fragment, or a page."""
    known = attended(visit.request)
    request_id = known.request_id if known else ""
    if _wants_json(visit.request):
        problem = {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": message or title,
            "advice": advice,
            "request_id": request_id,
        }
        return JSONResponse(problem | more, status_code=status, media_type="application/problem+json")
    view = ErrorView(status, title, message, advice, request_id)
    return HTMLResponse(page(visit, "errors/page.html", view, active=""), status_code=status)


def _wants_json(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def label(words: Words, problem: Problem) -> str:
    """What happened and what to do, in one line."""
    return f"{words.gettext(problem.message, **problem.params)} {words.gettext(problem.advice)}"
