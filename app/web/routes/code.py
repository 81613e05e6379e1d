"""The code page: draft, run, submit, results as they come, hints, solution, rating."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from random import Random
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection

from app.bank.catalog import Entry
from app.bank.present import hint_html, present, reveal
from app.bank.schema import Code
from app.db import MAX_INTEGER
from app.errors import N_, Conflict, Invalid, NotFound, Problem, Unavailable
from app.grading.outcome import MalformedAnswer
from app.practice import coding, sessions
from app.scheduling import store
from app.web.cards import ratings
from app.web.failures import label
from app.web.pages import go, html, page
from app.web.reporting import report_form
from app.web.routes.questions import entry_for, memory_of
from app.web.services import Here, Visit
from app.web.streams import Seen, follow
from app.web.submissions import own_submission, submission_view
from app.web.views import CodeView, EditorView, ErrorView, ExampleView, SubmissionView

router = APIRouter(prefix="/code", include_in_schema=False)
InSession = Annotated[int | None, Query(ge=1, le=MAX_INTEGER)]
InSessionForm = Annotated[int | None, Form(ge=1, le=MAX_INTEGER)]
WAIT_S = 10.0
SOON_S = 0.15  # what is graded within this time needs no second request


@router.get("/{question_id}")
def show(visit: Here, question_id: str, session: InSession = None) -> Response:
    with visit.read() as connection:
        view = _view(visit, connection, question_id, session)
    if view.question.code is not None:
        visit.services.grading.expect(view.question.code.lib)
    return html(visit, "code/page.html", view, active="practice" if view.session_id else "browse")


@router.get("/{question_id}/example")
def example(visit: Here, question_id: str) -> Response:
    """The statement's example as a picture. It comes after the page, for its case has to be run."""
    with visit.read():
        question = _entry(visit, question_id).question
    drawn = visit.services.grading.example(question) if question.kind == "code" else None
    if drawn is None:
        return Response(status_code=204)
    title = drawn.title.in_(visit.lang) if drawn.title else ""
    return html(visit, "code/_example.html", ExampleView(title, drawn.args, drawn.picture.in_(visit.lang)), active="")


@router.get("/{question_id}/side")
def side(visit: Here, question_id: str, session: InSession = None) -> Response:
    """Hints, solution and rating buttons: what changes once a submission is accepted."""
    with visit.read() as connection:
        view = _view(visit, connection, question_id, session)
    return html(visit, "code/_side.html", view, active="")


@router.post("/{question_id}/hint")
def hint(visit: Here, question_id: str, session_id: InSessionForm = None) -> Response:
    with visit.write() as connection:
        entry, _ = _asked(visit, connection, question_id, session_id)
        coding.take_hint(connection, visit.me.id, entry)
    return _side_or_page(visit, question_id, session_id)


@router.post("/{question_id}/reveal")
def give_up(visit: Here, question_id: str, session_id: InSessionForm = None) -> Response:
    with visit.write() as connection:
        entry, _ = _asked(visit, connection, question_id, session_id)
        coding.reveal(connection, visit.me.id, entry)
    return _side_or_page(visit, question_id, session_id)


@router.put("/{question_id}/draft")
async def save_draft(visit: Here, question_id: str, request: Request) -> Response:
    code = coding.decoded(await request.body())

    def save() -> None:
        entry = _entry(visit, question_id)
        with visit.write() as connection:
            coding.save_draft(connection, visit.me.id, entry, code, visit.now)

    await run_in_threadpool(save)
    return Response(status_code=204)


@router.post("/{question_id}/submissions")
def submit(
    visit: Here,
    question_id: str,
    code: Annotated[str, Form()],
    mode: Annotated[Literal["run", "submit"], Form()],
    session_id: InSessionForm = None,
    custom: Annotated[str, Form(max_length=10_000)] = "",
) -> Response:
    with visit.read() as connection:
        entry, _ = _asked(visit, connection, question_id, session_id)
    code = code.replace("\r\n", "\n")  # forms send CRLF; the editor has LF
    try:
        submission_id = send(visit, entry, code, mode, custom.strip() or None)
    except (Problem, MalformedAnswer) as refused:
        if not visit.is_fragment:
            raise
        view = _refusal(visit, refused)
        return html(visit, "code/_refused.html", view, active="", status=view.status)
    if not visit.is_fragment:
        return go(f"/code/{question_id}" + (f"?session={session_id}" if session_id else ""))
    visit.services.grading.wait_briefly(submission_id, SOON_S)
    with visit.read() as connection:
        view_now = submission_view(visit, connection, coding.submission(connection, visit.me.id, submission_id))
    return html(visit, "code/_results.html", view_now, active="", status=202)


def _refusal(visit: Visit, refused: Problem | MalformedAnswer) -> ErrorView:
    gettext = visit.words.gettext
    if isinstance(refused, MalformedAnswer):
        return ErrorView(Invalid.status, gettext(Invalid.title), refused.message.in_(visit.lang), "")
    return ErrorView(refused.status, gettext(refused.title), label(visit.words, refused), "")


def send(visit: Visit, entry: Entry, code: str, mode: coding.Mode, custom: str | None) -> str:
    """Keep a submission and hand it to the graders; its id. An earlier one that still waits is cancelled."""
    if entry.question.kind != "code":
        raise NotFound(N_("This is not a coding question."))
    if not visit.services.available(entry):
        raise Unavailable(why_unavailable(visit, entry) or "")
    with visit.write() as connection:
        before = coding.latest(connection, visit.me.id, entry.question.id)
        if before and before["status"] in coding.UNFINISHED:
            coding.keep_report(connection, before["id"], None, visit.now)
        submission_id = coding.submit(
            connection, visit.me.id, entry, code, mode, custom, Random(secrets.randbits(64)), visit.now
        )
        if before:
            visit.services.grading.drop(connection, before["id"])
        visit.services.grading.enqueue(connection, coding.submission(connection, visit.me.id, submission_id))
    return submission_id


@router.get("/submissions/{submission_id}")
async def results(
    visit: Here, submission_id: str, wait: bool = False, seen: Annotated[str | None, Query(max_length=200)] = None
) -> Response:
    """The submission as it stands; with `wait`, as soon as it is not as `seen`, after ten seconds at the latest.

    `seen` is the progress that the page shows: what happened since then must not be waited for again.
    """

    def read() -> SubmissionView:
        with visit.read() as connection:
            return submission_view(visit, connection, own_submission(visit, connection, submission_id))

    with visit.services.grading.listening(submission_id) as news:
        view = await run_in_threadpool(read)
        if wait and view.status in coding.UNFINISHED and seen in (None, view.progress_label):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), WAIT_S)
            view = await run_in_threadpool(read)
    return html(visit, "code/_results.html", view, active="")


@router.get("/submissions/{submission_id}/events")
async def events(visit: Here, submission_id: str) -> Response:
    """The results as they come, as server-sent events; each `data` is the fragment that `results` answers."""

    def look(fresh: Visit) -> Seen:
        with fresh.read() as connection:
            view = submission_view(fresh, connection, own_submission(fresh, connection, submission_id))
        return Seen(page(fresh, "code/_results.html", view, active=""), is_last=view.status not in coding.UNFINISHED)

    return await follow(visit, submission_id, look)


@router.post("/submissions/{submission_id}/cancel")
def cancel(visit: Here, submission_id: str, leaving: bool = False) -> Response:
    """Stop a submission. `leaving`: sent by a page that goes away, so nobody reads the answer."""
    with visit.write() as connection:
        known = coding.submission(connection, visit.me.id, submission_id)
        if known["interview_slot_id"] is not None and known["mode"] == "submit":
            raise Conflict(N_("What an interview hands in is graded in any case."))
        coding.keep_report(connection, submission_id, None, visit.now)
        visit.services.grading.drop(connection, submission_id)
        view = submission_view(visit, connection, coding.submission(connection, visit.me.id, submission_id))
    if leaving:
        return Response(status_code=204)
    if not visit.is_fragment:
        return go(f"/code/{known['question_id']}")
    return html(visit, "code/_results.html", view, active="")


def why_unavailable(visit: Visit, entry: Entry) -> str | None:
    """Why code can't be run here, in the learner's words; None if it can."""
    why = visit.services.grading.why_unavailable(entry.question.lib) if entry.question.kind == "code" else None
    return visit.words.gettext(why) if why else None


def _entry(visit: Visit, question_id: str) -> Entry:
    entry = entry_for(visit, question_id)
    if entry.question.kind != "code":
        raise NotFound(N_("This is not a coding question."))
    return entry


def _asked(
    visit: Visit, connection: Connection, question_id: str, session_id: int | None
) -> tuple[Entry, sessions.Turn | None]:
    """The question, in the version that the session asks, with its turn there; else as it stands in the bank."""
    row = store.card_of_question(connection, visit.me.id, question_id)
    turn = _turn(connection, visit.me.id, row, session_id)
    if turn is not None:
        entry = sessions.entry_of(connection, visit.services.bank, turn)
        if entry.question.kind == "code":
            return entry, turn
    return _entry(visit, question_id), turn


def _side_or_page(visit: Visit, question_id: str, session_id: int | None) -> Response:
    if not visit.is_fragment:
        return go(f"/code/{question_id}" + (f"?session={session_id}" if session_id else ""))
    with visit.read() as connection:
        view = _view(visit, connection, question_id, session_id)
    return html(visit, "code/_side.html", view, active="")


def _view(visit: Visit, connection: Connection, question_id: str, session_id: int | None) -> CodeView:
    entry, turn = _asked(visit, connection, question_id, session_id)
    question = entry.question
    if question.kind != "code":
        raise NotFound(N_("This is not a coding question."))
    account_id = visit.me.id
    desk = coding.desk(connection, account_id, question_id)
    row = store.card_of_question(connection, account_id, question_id)
    last = coding.latest(connection, account_id, question_id)
    accepted = coding.accepted_in(connection, account_id, turn) if turn else None
    solved = last is not None and last["verdict"] == "accepted" and last["mode"] == "submit"
    suggested = 1 if desk.revealed else 2 if desk.hints_shown else 3
    rateable = turn is not None and (desk.revealed or accepted is not None)
    return CodeView(
        question=present(entry, visit.lang, turn.seed if turn else 0),
        editor=_editor(desk, question, turn.session_id if turn else None, why_unavailable(visit, entry)),
        session_id=turn.session_id if turn else None,
        card_id=turn.card_id if turn else None,
        submission=submission_view(visit, connection, last) if last else None,
        hints_html=[hint_html(entry, number, visit.lang) for number in range(desk.hints_shown)],
        hints_left=len(question.hints) - desk.hints_shown,
        revealed=reveal(entry, visit.lang, 0) if desk.revealed or accepted or (solved and turn is None) else None,
        ratings=ratings(visit, turn.memory, turn.card_id, suggested) if turn and rateable else [],
        memory=memory_of(visit, connection, row),
        unavailable=why_unavailable(visit, entry),
        report=report_form(visit, entry, turn.seed if turn else 0, _here(question_id, turn)),
    )


def _here(question_id: str, turn: sessions.Turn | None) -> str:
    return f"/code/{question_id}" + (f"?session={turn.session_id}" if turn else "")


def _editor(desk: coding.Desk, question: Code, session_id: int | None, unavailable: str | None) -> EditorView:
    here = f"/code/{question.id}"
    return EditorView(
        code=desk.code if desk.code is not None else question.starter,
        has_draft=desk.code is not None,
        max_bytes=coding.MAX_CODE_BYTES,
        send_to=f"{here}/submissions",
        draft_at=f"{here}/draft",
        side_at=f"{here}/side" + (f"?session={session_id}" if session_id else ""),
        kept_as=question.id,
        unavailable=unavailable,
        session_id=session_id,
    )


def _turn(
    connection: Connection, account_id: int, row: store.CardRow | None, session_id: int | None
) -> sessions.Turn | None:
    """The card's turn in the session that the page was opened from, if it is still open."""
    if row is None or session_id is None:
        return None
    try:
        turn = sessions.turn_of(connection, account_id, row.id)
    except (NotFound, Conflict):
        return None
    return turn if turn.session_id == session_id else None
