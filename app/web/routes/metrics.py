"""What Prometheus reads. Nothing in it is of a person, and yet it is not for everybody: it tells how busy we are."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, Request, Response
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from app.errors import N_, Forbidden
from app.settings import is_loopback
from app.web.services import Here, names_this_machine

router = APIRouter(include_in_schema=False)
# Any of these says that somebody asks for somebody else, and then it does not matter that the asker is this machine.
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


@router.get("/metrics")
def metrics(visit: Here) -> Response:
    """In Prometheus's text format. With WHETSTONE_METRICS_TOKEN for who brings it, without for this machine alone."""
    token = visit.services.settings.metrics_token
    if not (brings(visit.request, token) if token else asks_for_itself(visit.request)):
        raise Forbidden(
            N_("This page is for programs that watch over the server."),
            N_("docs/operations/README.md says how they are let in."),
        )
    return Response(generate_latest(visit.services.meters.registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def brings(request: Request, token: str) -> bool:
    """Whether the request has this bearer token."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


def asks_for_itself(request: Request) -> bool:
    """Whether a program on this machine asks, and not a proxy on it for somebody else, nor a web page by a trick."""
    peer = request.client.host if request.client else ""
    return (
        is_loopback(peer)
        and names_this_machine(request.headers.get("host", ""))
        and not any(name in request.headers for name in FORWARDED)
    )
