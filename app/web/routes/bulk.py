"""Changing or exporting many questions at once, from the keepers' list: shown first, then done as one."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy import Connection
from starlette.datastructures import FormData

from app.accounts.models import Role
from app.authoring import bulk
from app.authoring.bulk import Moved, Order, Step
from app.authoring.export import as_json, as_yaml
from app.authoring.interviews import Undrawable, require_drawable
from app.authoring.listing import Row, Wanted, found
from app.errors import N_, Invalid
from app.web.admin_list_views import PATH
from app.web.answer_forms import Fields, text, texts
from app.web.bulk_views import bulk_view
from app.web.pages import go, html
from app.web.routes.admin_questions import all_rows
from app.web.services import Here, Visit

router = APIRouter(prefix=PATH, include_in_schema=False)
_VALUES = {
    "add-tag": "bulk-tag",
    "remove-tag": "bulk-tag",
    "difficulty": "bulk-difficulty",
    "topic": "bulk-topic",
    "status": "bulk-status",
}


@router.post("/bulk")
def preview(visit: Here, form: Fields) -> Response:
    """What would change; nothing does."""
    visit.require(Role.editor)
    action = text(form, "action")
    what = bulk.order(action, text(form, _VALUES.get(action, "action")).strip(), visit.services.bank)
    with visit.read() as connection:
        steps = bulk.plan(connection, visit.services.bank, chosen_rows(visit, connection, form), what)
    return _page(visit, steps, what)


@router.post("/bulk/apply")
def carry_out(visit: Here, form: Fields) -> Response:
    """What was shown, if all of it still stands; else it is shown again."""
    visit.require(Role.editor)
    what = bulk.order(text(form, "action"), text(form, "value"), visit.services.bank)
    seen = _seen(form)
    steps = _planned(visit, seen, what)
    try:
        if any(step.row.number != seen[step.row.question_id] for step in steps if step.fresh):
            raise Moved
        require_drawable(visit.services.blueprints.values(), visit.services.bank, bulk.changes_of(steps))
        with visit.write() as connection:
            done = bulk.carry_out(connection, visit.services.bank, steps, what, visit.me, visit.now)
    except Moved as moved:
        said = " ".join(visit.words.gettext(phrase) for phrase in (moved.message, moved.advice))
        return _page(visit, _planned(visit, seen, what), what, said, status=moved.status)
    except Undrawable as refused:
        return _page(visit, steps, what, status=refused.status)
    if done.changes:
        shelf = visit.services.shelf
        shelf.bank = shelf.bank.with_changes(done.changes)
    return go(f"{PATH}?sort=-changed")


@router.post("/export")
def export(visit: Here, form: Fields) -> Response:
    """The chosen questions as a file."""
    visit.require(Role.editor)
    with visit.read() as connection:
        rows = chosen_rows(visit, connection, form)
        made = as_json(connection, rows) if text(form, "format") == "json" else as_yaml(connection, rows)
    headers = {"content-disposition": f'attachment; filename="{made.name}"'}
    return Response(made.body, media_type=made.media_type, headers=headers)


def chosen_rows(visit: Visit, connection: Connection, form: FormData) -> list[Row]:
    """The rows that were ticked, or all that the form's filters find."""
    rows = all_rows(visit, connection)
    if text(form, "all"):
        wanted = {name: text(form, name) for name in ("area", "topic", "kind", "difficulty", "status", "tag", "sort")}
        return found(rows, Wanted(words=text(form, "q"), **wanted))
    ticked = set(texts(form, "ids"))
    return [row for row in rows if row.question_id in ticked]


def _planned(visit: Visit, seen: dict[str, int], what: Order) -> list[Step]:
    with visit.read() as connection:
        rows = [row for row in all_rows(visit, connection) if row.question_id in seen]
        return bulk.plan(connection, visit.services.bank, rows, what)


def _seen(form: FormData) -> dict[str, int]:
    """The questions that were shown, each with the revision that was its newest then; 0 for none."""
    field = form.get("chosen", "")
    seen: dict[str, int] = {}
    for part in str(field).split():
        question_id, _, number = part.partition(":")
        if not number.isascii() or not number.isdigit() or len(number) > 9:
            raise Invalid(N_("The field %(name)s takes a whole number."), name="chosen")
        seen[question_id] = int(number)
    return seen


def _page(visit: Visit, steps: list[Step], what: Order, notice: str | None = None, status: int = 200) -> Response:
    view = bulk_view(visit, steps, what, notice)
    return html(visit, "admin/questions/bulk.html", view, active="admin", status=status)
