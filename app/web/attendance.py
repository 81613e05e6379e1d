"""Every request attended from its first byte to its last: its id, its line in the log, its place in the metrics.

The line has the route's template and never the path, the query, a header or a body: those hold links that let people
in, what people search for and what they write.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass

import structlog
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from app.meters import Meters

log = structlog.get_logger()
HEADER = "x-request-id"
_PLACE = "whetstone.attended"
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ELSEWHERE = "(no such route)"


@dataclass
class Attended:
    """What becomes known of one request on its way."""

    request_id: str
    account_id: int | None = None
    status: int | None = None
    began_after_s: float | None = None  # until the response's first byte
    is_stream: bool = False


class Attendance:
    """Plain ASGI, outside of everything else, so that what fails is attended to the end too."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self._app = app
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        attended = scope[_PLACE] = Attended(_id_of(scope))
        clear_contextvars()
        bind_contextvars(request_id=attended.request_id)

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                attended.status = message["status"]
                attended.began_after_s = time.perf_counter() - began
                attended.is_stream = _is_stream(message)
                message["headers"] = [*message["headers"], (HEADER.encode(), attended.request_id.encode())]
            await send(message)

        self._meters.requests_open.inc()
        try:
            await self._app(scope, receive, watched)
        finally:
            self._meters.requests_open.dec()
            self._note(scope, attended, time.perf_counter() - began)

    def _note(self, scope: Scope, attended: Attended, took_s: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = route_of(scope)
        status = attended.status or 500
        shown_s = attended.began_after_s if attended.is_stream and attended.began_after_s is not None else took_s
        self._meters.requests_s.labels(method, route, f"{status // 100}xx").observe(shown_s)
        more = {} if attended.account_id is None else {"account": attended.account_id}
        log.info("request", method=method, route=route, status=status, ms=round(took_s * 1000, 1), **more)


def attended(request: HTTPConnection) -> Attended | None:
    """What is known of a request; None where nothing attends it."""
    found = request.scope.get(_PLACE)
    return found if isinstance(found, Attended) else None


def identified(request: HTTPConnection, account_id: int) -> None:
    """Note whose request it is, for its own line and for every line that is written while it is answered."""
    if (found := attended(request)) is not None:
        found.account_id = account_id
        bind_contextvars(account=account_id)


def route_of(scope: Scope) -> str:
    """The template of the route that took the request, or of the folder of files; the same for all that fit none."""
    path = getattr(scope.get("route"), "path", None)
    if isinstance(path, str):
        return path
    return f"{scope['root_path']}/…" if scope.get("endpoint") and scope.get("root_path") else ELSEWHERE


def _id_of(scope: Scope) -> str:
    """As a proxy before us named it, if that is no more than a name."""
    given = Headers(scope=scope).get(HEADER, "")
    return given if _WELL_FORMED.fullmatch(given) else secrets.token_hex(8)


def _is_stream(message: Message) -> bool:
    kinds = [value for name, value in message["headers"] if name.lower() == b"content-type"]
    return any(value.startswith(b"text/event-stream") for value in kinds)
