"""The audit log, newest first. There is nothing here to change it with."""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from app.accounts import audit
from app.accounts.models import Role
from app.db import MAX_INTEGER
from app.errors import N_
from app.web import wording
from app.web.pages import html
from app.web.people_views import AuditView, EventView
from app.web.services import Here, Visit
from app.web.views import Choice

router = APIRouter(include_in_schema=False)
PAGE_SIZE = 50
FEW = 3  # of a longer list the line has the number, and names them when it is opened
Filter = Annotated[str, Query(max_length=120)]


@router.get("/admin/audit")
def show(
    visit: Here,
    actor: Filter = "",
    action: Filter = "",
    subject: Filter = "",
    before: Annotated[int | None, Query(ge=1, le=MAX_INTEGER)] = None,
) -> Response:
    visit.require(Role.admin)
    with visit.read() as connection:
        found = audit.page(connection, actor=actor, action=action, subject=subject, before=before, most=PAGE_SIZE + 1)
        actions = audit.actions(connection)
    listed = found[:PAGE_SIZE]
    filters = {"actor": actor, "action": action, "subject": subject}
    older = filters | {"before": str(listed[-1].id)} if len(found) > PAGE_SIZE else None
    every = Choice("", visit.words.gettext(N_("Every action")), not action)
    view = AuditView(
        events=[_event(visit, event) for event in listed],
        actor=actor,
        actions=[every, *(Choice(it, it, it == action) for it in actions)],
        subject=subject,
        is_first=before is None,
        older_href="/admin/audit?" + urlencode({name: value for name, value in older.items() if value})
        if older
        else None,
    )
    return html(visit, "admin/audit.html", view, active="admin")


def _event(visit: Visit, event: audit.Event) -> EventView:
    many = {name: value for name, value in event.details.items() if isinstance(value, list) and len(value) > FEW}
    details = [(name, _told(value)) for name, value in event.details.items() if name not in many]
    lists = [(name, len(value), ", ".join(map(_told, value))) for name, value in many.items()]
    actor = event.actor if event.actor_id is not None else visit.words.gettext(N_("the server"))
    at = wording.moment(event.at, visit.zone, visit.words)
    return EventView(at, actor, event.action, event.subject, details, lists)


def _told(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
