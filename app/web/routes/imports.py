"""Questions from elsewhere: sent, looked at row by row, and made drafts when that is confirmed.

Between the steps the browser keeps what was sent; each step reads and checks all of it anew.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData, UploadFile

from app.accounts.models import Role
from app.authoring import imports
from app.authoring.import_table import COLUMNS, TableKind, as_csv, decoded, from_table, guessed, table
from app.authoring.imports import MAX_TEXT_BYTES, MOST_ROWS, Candidate, from_yaml, too_many
from app.errors import N_, Invalid, Problem
from app.interop.anki_import import UnreadableDeckError, import_anki
from app.web.import_views import FORMATS, Source, columns_view, dry_run_view, import_view
from app.web.pages import go, html
from app.web.routes.admin_questions import all_rows
from app.web.services import Here, Visit

router = APIRouter(prefix="/admin/import", include_in_schema=False)
_LEFT_OUT = "# left out: "


async def _sent(request: Request) -> AsyncIterator[FormData]:
    async with request.form(max_files=1, max_fields=60, max_part_size=2 * MAX_TEXT_BYTES) as form:
        yield form


Sent = Annotated[FormData, Depends(_sent)]


@router.get("")
def begin(visit: Here) -> Response:
    visit.require(Role.editor)
    return html(visit, "admin/import/page.html", import_view(visit, "yaml", "", None), active="admin")


@router.post("")
def receive(visit: Here, form: Sent) -> Response:
    """A file or a pasted text: a table goes on to its columns, everything else to the dry run."""
    visit.require(Role.editor)
    format_, topic = _said(form, "format"), _said(form, "topic")
    try:
        source, encoding = _received(form)
        if source.format in COLUMNS:
            found, kind = table(source.text), cast("TableKind", source.format)
            view = columns_view(visit, source, found, kind, guessed(found.header, kind), encoding)
            return html(visit, "admin/import/columns.html", view, active="admin")
        return _dry_run(visit, source)
    except Problem as problem:
        error = visit.words.gettext(problem.message, **problem.params)
        view_ = import_view(visit, format_, topic, error)
        return html(visit, "admin/import/page.html", view_, active="admin", status=problem.status)


@router.post("/check")
def check(visit: Here, form: Sent) -> Response:
    """What every row would become; nothing is made."""
    visit.require(Role.editor)
    return _dry_run(visit, _source(form))


@router.post("/confirm")
def confirm(visit: Here, form: Sent) -> Response:
    """Make drafts of all that is sound, as one."""
    visit.require(Role.editor)
    source = _source(form)
    found = _candidates(visit, source)
    with visit.write() as connection:
        imports.save(connection, found, source.name or source.format, visit.me, visit.now)
    return go("/admin/questions?status=draft&sort=-changed")


@router.post("/failing")
def failing(visit: Here, form: Sent) -> Response:
    """What could not be made a draft, as it was sent, with what is wrong with it."""
    visit.require(Role.editor)
    source = _source(form)
    left = [it for it in _candidates(visit, source) if it.faults]
    say = visit.words.say
    if source.format in COLUMNS:
        header = [*table(source.text).header, "error"]
        return _file(
            as_csv(header, [[*it.given, "; ".join(map(say, it.faults))] for it in left]), "text/csv", "failing.csv"
        )
    parts = [line for line in source.text.splitlines() if line.startswith(_LEFT_OUT)]
    for it in left:
        parts += [*(f"# error: {' '.join(say(fault).split())}" for fault in it.faults), *_as_item(it.given[0]), ""]
    return _file("\n".join(parts) + "\n", "application/yaml", "failing.yaml")


def _received(form: FormData) -> tuple[Source, str]:
    """What was sent as a file, else as text, and in which encoding."""
    format_ = _said(form, "format")
    if format_ not in FORMATS:
        raise Invalid(N_("Choose what you import."))
    sent = form.get("file")
    name = Path(sent.filename or "").name[:80] if isinstance(sent, UploadFile) else ""
    raw = sent.file.read() if isinstance(sent, UploadFile) else b""
    topic = _said(form, "topic")
    if format_ == "apkg":
        return Source("yaml", topic, name, _deck(raw, topic), {}), ""
    if raw:
        text, encoding = decoded(raw)
    else:
        text, encoding = _said(form, "text"), "UTF-8"
    if not text.strip():
        raise Invalid(N_("There is nothing to import: choose a file or paste a text."))
    return Source(format_, topic, name, text, {}), encoding


def _deck(raw: bytes, topic: str) -> str:
    """An Anki deck as the text of a topic file; what it could not give is told in comments."""
    with tempfile.TemporaryDirectory(prefix="whetstone-") as folder:
        path = Path(folder) / "deck.apkg"
        path.write_bytes(raw)
        try:
            deck = import_anki(path, topic)
        except UnreadableDeckError as error:
            raise Invalid(N_("The deck can't be read: %(why)s."), why=error) from error
    if len(deck.drafts) + len(deck.errors) > MOST_ROWS:
        raise too_many()
    told = "".join(f"{_LEFT_OUT}{' '.join(str(error).split())}\n" for error in deck.errors)
    return told + deck.as_yaml()


def _dry_run(visit: Visit, source: Source) -> Response:
    found = _candidates(visit, source)
    notes = [line.removeprefix(_LEFT_OUT) for line in source.text.splitlines() if line.startswith(_LEFT_OUT)]
    view = dry_run_view(visit.words, source, found, notes, by_row=source.format in COLUMNS)
    return html(visit, "admin/import/check.html", view, active="admin")


def _candidates(visit: Visit, source: Source) -> list[Candidate]:
    bank = visit.services.bank
    with visit.read() as connection:
        taken = {row.question_id for row in all_rows(visit, connection)}
    if source.format in COLUMNS:
        found, kind = table(source.text), cast("TableKind", source.format)
        columns = {
            name: int(index)
            for name, index in source.columns.items()
            if name in COLUMNS[kind] and index.isascii() and index.isdigit() and int(index) < len(found.header)
        }
        return from_table(found, kind, columns, source.topic, bank, taken)
    return from_yaml(source.text, source.topic, bank, taken)


def _source(form: FormData) -> Source:
    """What an earlier step was sent, sent again."""
    format_ = _said(form, "format")
    if format_ not in FORMATS:
        raise Invalid(N_("Choose what you import."))
    columns = {name.removeprefix("col-"): _said(form, name)[:6] for name in form if name.startswith("col-")}
    return Source(format_, _said(form, "topic"), _said(form, "name")[:80], _said(form, "text"), columns)


def _said(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _as_item(text: str) -> list[str]:
    first, *rest = text.rstrip("\n").split("\n")
    return [f"- {first}", *(f"  {line}" if line.strip() else "" for line in rest)]


def _file(text: str, kind: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text.encode(errors="replace"), media_type=f"{kind}; charset=utf-8", headers=headers)
