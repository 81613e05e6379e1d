"""What stands before every route: body limits, the cross-site guard, and the headers of every response. Plain ASGI."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 512 * 1024  # a 64 KiB submission, URL-encoded at worst thrice its size, with room for its form
# What the bank's keepers send is larger: a question's text of 256 KiB, URL-encoded, and both sides of a merge; decks.
MAX_BODY_BYTES_BELOW = {
    "/admin/import": 20 * 1024 * 1024,
    "/admin": 2 * 1024 * 1024,
    "/api/admin": 2 * 1024 * 1024,
}  # the first prefix that fits counts

HEADERS = {
    "cache-control": "no-store",  # unless a response says better, as built files do
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
POLICY = "content-security-policy"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def embedding(response: Response) -> Response:
    """Let this page show pages of ours in frames."""
    response.headers[POLICY] = f"{HEADERS[POLICY]}; frame-src 'self'"
    return response


def embeddable(response: Response) -> Response:
    """Let our own pages show this one in a frame, where it runs no script and sends no form."""
    policy = HEADERS[POLICY].replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    policy = policy.replace("script-src 'self'", "script-src 'none'").replace(
        "form-action 'self'", "form-action 'none'"
    )
    response.headers[POLICY] = f"{policy}; sandbox allow-same-origin"
    response.headers["x-frame-options"] = "SAMEORIGIN"
    return response


class Guard:
    """Refuses cross-site writes and oversized bodies, and dresses every response in the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        send = _with_headers(send)
        limit = body_limit(scope["path"])
        if scope["method"] not in SAFE_METHODS and bearer(headers, scope["path"]) is None and is_cross_site(headers):
            await _refuse(send, 403, "Cross-site request refused")
        elif _declared_length(headers) > limit:
            await _refuse(send, 413, f"A request has at most {limit // 1024} KiB")
        else:
            await self.app(scope, _limited(receive, limit), send)


def body_limit(path: str) -> int:
    """How many bytes a request to that path may have."""
    below = (limit for prefix, limit in MAX_BODY_BYTES_BELOW.items() if f"{path}/".startswith(f"{prefix}/"))
    return next(below, MAX_BODY_BYTES)


class BodyTooLargeError(HTTPException):
    """A body without a declared length went over the limit. The framework lets an HTTPException through as it is."""

    def __init__(self) -> None:
        super().__init__(413)


def bearer(headers: Headers, path: str) -> str | None:
    """The token that a program sends to the API. With one, no cookie is looked at: other sites gain nothing."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if path.startswith("/api/") and scheme.lower() == "bearer" else None


def is_cross_site(headers: Headers) -> bool:
    """Whether a browser says that another site made this request. Programs other than browsers say nothing and pass."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def _declared_length(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdigit() else 0


def _limited(receive: Receive, limit: int) -> Receive:
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise BodyTooLargeError
        return message

    return limited


def _with_headers(send: Send) -> Send:
    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            message["headers"] = headers.raw
        await send(message)

    return dressed


async def _refuse(send: Send, status: int, title: str) -> None:
    body = json.dumps({"type": "about:blank", "title": title, "status": status}).encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
