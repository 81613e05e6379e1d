"""Notices: the last hundred on a page, and putting them away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Response

from app.accounts import notices
from app.db import MAX_INTEGER
from app.web.notices import notices_view
from app.web.pages import go, html, local_path
from app.web.services import Here

router = APIRouter(prefix="/notices", include_in_schema=False)
Back = Annotated[str, Form(max_length=500)]


@router.get("")
def show(visit: Here) -> Response:
    with visit.read() as connection:
        told = notices.latest(connection, visit.me.id)
    return html(visit, "home/notices.html", notices_view(visit, told, "/notices"), active="home")


@router.post("/seen")
def see_all(visit: Here, up_to: Annotated[int, Form(ge=0, le=MAX_INTEGER)], back: Back = "/notices") -> Response:
    with visit.write() as connection:
        notices.see_all(connection, visit.me.id, up_to, visit.now)
    return go(local_path(back))


@router.post("/{notice_id}/seen")
def see(visit: Here, notice_id: Annotated[int, Path(ge=1, le=MAX_INTEGER)], back: Back = "/") -> Response:
    with visit.write() as connection:
        notices.see(connection, visit.me.id, notice_id, visit.now)
    return go(local_path(back))
