"""Every question for those who keep the bank: searched, filtered, sorted, the way to all that is done with one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import Connection

from app.accounts.models import Role
from app.authoring.listing import Row, Wanted, found
from app.authoring.revisions import authors_of
from app.web.admin_list_views import PATH, list_view, on_page, page_count
from app.web.pages import html
from app.web.services import Here, Visit

router = APIRouter(prefix=PATH, include_in_schema=False)
Filter = Annotated[str, Query(max_length=100)]


def _wanted(
    q: Filter = "",
    area: Filter = "",
    topic: Filter = "",
    kind: Filter = "",
    difficulty: Annotated[str, Query(pattern="^[1-5]?$")] = "",
    status: Filter = "",
    tag: Filter = "",
    sort: Filter = "",
) -> Wanted:
    return Wanted(q, area, topic, kind, difficulty, status, tag, sort)


Looked = Annotated[Wanted, Depends(_wanted)]


@router.get("")
def questions(visit: Here, wanted: Looked, page: Annotated[int, Query(ge=1, le=100_000)] = 1) -> Response:
    visit.require(Role.editor)
    with visit.read() as connection:
        rows = all_rows(visit, connection)
        fitting = found(rows, wanted)
        page = min(page, page_count(fitting))
        authors = authors_of(connection, {it.question_id: it.number for it in on_page(fitting, page) if it.number})
    view = list_view(visit, wanted, fitting, visit.services.listing.tags(), page, authors)
    return html(
        visit, "admin/questions/_rows.html" if visit.is_fragment else "admin/questions/page.html", view, "admin"
    )


def all_rows(visit: Visit, connection: Connection) -> tuple[Row, ...]:
    return visit.services.listing.rows(connection, visit.services.bank)
