"""Mock interviews in the browser: choose, start, answer, hand in. Without script every form redirects back."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from random import Random
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from sqlalchemy import Connection
from starlette.datastructures import FormData

from app.bank.schema import Question
from app.bank.schema.blueprint import Blueprint
from app.db import MAX_INTEGER
from app.errors import N_, Conflict, Invalid, NotFound, Unavailable
from app.grading.outcome import MalformedAnswer
from app.interview import marking, sittings, store
from app.interview.paper import SEEDS, CannotFill
from app.interview.store import Sitting
from app.practice import coding
from app.web import interviews as views
from app.web.answer_forms import Fields, read_answer, text, texts, whole
from app.web.failures import label
from app.web.interview_list import brief, interviews_page, multiplier
from app.web.own_interview import own_blueprint, own_page
from app.web.pages import go, html
from app.web.services import Here, Visit
from app.web.submissions import own_submission, submission_view

router = APIRouter(prefix="/interviews", include_in_schema=False)
InterviewId = Annotated[int, Path(ge=1, le=MAX_INTEGER)]
Number = Annotated[int, Path(ge=1, le=1000)]
SOON_S = 0.15  # a run done within this time needs no second request
CHANGED_ELSEWHERE = N_("Another page has changed this answer since. Load this page again to see it; nothing is lost.")
MAX_SAID = 20_000  # characters to each follow-up question


@router.get("")
def show_all(visit: Here) -> Response:
    """What there is to choose from, what is under way, and what came before."""
    with visit.read() as connection:
        view = interviews_page(visit, connection)
    return html(visit, "interviews/page.html", view, active="interviews")


@router.get("/plans/{blueprint_id}")
def show_brief(visit: Here, blueprint_id: str) -> Response:
    """The rules, and the start."""
    visit.require_learner()
    return html(visit, "interviews/brief.html", brief(visit, blueprint(visit, blueprint_id)), active="interviews")


@router.post("/plans/{blueprint_id}")
def start(
    visit: Here,
    blueprint_id: str,
    extra: Annotated[str, Form()] = "1",
    realistic: Annotated[bool, Form()] = False,
) -> Response:
    plan = blueprint(visit, blueprint_id)
    try:
        interview_id = begin(visit, plan, multiplier(extra), realistic)
    except Conflict as conflict:
        view = brief(visit, plan, notice=label(visit.words, conflict))
        return html(visit, "interviews/brief.html", view, active="interviews", status=conflict.status)
    return go(f"/interviews/{interview_id}")


@router.get("/own")
def show_own(visit: Here) -> Response:
    """The form for an interview of one's own."""
    visit.require_learner()
    return html(visit, "interviews/own.html", own_page(visit, None), active="interviews")


@router.post("/own")
def start_own(visit: Here, form: Fields) -> Response:
    """Start it; a `seed`, as in the API, draws the same paper for who has seen the same."""
    visit.require_learner()
    try:
        plan = own_blueprint(visit, form)
        seed = whole(text(form, "seed"), "seed", most=SEEDS - 1) if "seed" in form else None
        interview_id = begin(visit, plan, multiplier(text(form, "extra") or "1"), "realistic" in form, seed)
    except (Conflict, Invalid) as refused:
        view = own_page(visit, form, notice=label(visit.words, refused))
        return html(visit, "interviews/own.html", view, active="interviews", status=refused.status)
    return go(f"/interviews/{interview_id}")


def blueprint(visit: Visit, blueprint_id: str) -> Blueprint:
    """NotFound if there is none of that name."""
    try:
        return visit.services.blueprints[blueprint_id]
    except KeyError:
        raise NotFound(N_("There is no interview of that name.")) from None


def begin(visit: Visit, plan: Blueprint, extra: float, realistic: bool, seed: int | None = None) -> int:
    """Start a sitting; its id. Conflict while another is under way, or if the bank has too few questions for it.

    Unavailable if it asks for code that nothing grades just now.
    """
    services = visit.services
    close_overdue_of(visit)
    try:
        with visit.write() as connection:
            return sittings.start(
                connection,
                services.bank,
                visit.me.id,
                plan,
                extra,
                realistic,
                visit.steady_now,
                Random(secrets.randbits(64)),
                services.available,
                seed,
            )
    except CannotFill as short:
        section = plan.sections[short.section]
        if "code" in section.kinds and not services.grading.available("numpy"):
            raise Unavailable(
                N_("Nothing that grades code runs just now, and this interview asks for code."),
                N_("Try again in a while, or choose one without coding questions."),
            ) from None
        title = section.title.in_(visit.lang)
        raise Conflict(
            N_("The bank has too few questions for the section “%(title)s”."),
            N_("Ask for fewer questions, or for more topics and levels."),
            title=title,
        ) from None


@router.get("/{interview_id}")
def resume(visit: Here, interview_id: InterviewId) -> Response:
    """Wherever the sitting is: the question that was looked at last, reading, a pause, or the report."""
    sitting = current(visit, interview_id)
    if sitting.clock.is_over:
        return go(f"/interviews/{interview_id}/report")
    if sitting.clock.paused_at or sitting.clock.is_reading:
        return html(visit, "interviews/waiting.html", views.waiting(visit, sitting), active="interviews")
    return go(f"/interviews/{interview_id}/{_number_to_show(sitting)}")


@router.get("/{interview_id}/time")
def time(visit: Here, interview_id: InterviewId) -> Response:
    """What the clock says, for the page to keep its own right."""
    return JSONResponse(views.clock_values(current(visit, interview_id)))


@router.get("/{interview_id}/{number:int}")
def show(visit: Here, interview_id: InterviewId, number: Number) -> Response:
    """One question. The time is spent on it from now on."""
    sitting = current(visit, interview_id)
    slot = sitting.slot(number)
    if not sitting.is_open(slot):
        return go(f"/interviews/{interview_id}")
    with visit.write() as connection:
        sittings.look_at(connection, load(visit, connection, interview_id), number)
    return _page(visit, interview_id, number)


@router.put("/{interview_id}/{number:int}/draft")
async def save_draft(visit: Here, interview_id: InterviewId, number: Number, request: Request) -> Response:
    """Save what is being written: fields of the question's form, or code as plain text."""
    if request.headers.get("content-type", "").startswith("text/plain"):
        fields = FormData({"code": coding.decoded(await request.body())})
    else:
        fields = await request.form(max_files=0, max_fields=200)
    return await run_in_threadpool(_save_draft, visit, interview_id, number, fields, request.headers.get("x-revision"))


def _save_draft(visit: Visit, interview_id: int, number: int, fields: FormData, revision: str | None) -> Response:
    base = whole(revision, "revision") if revision is not None else None
    try:
        with visit.write() as connection:
            saved = _save(connection, load(visit, connection, interview_id), number, fields, base)
    except Conflict as refused:
        return _refused(visit, interview_id, number, label(visit.words, refused))
    if saved.superseded:
        return _refused(visit, interview_id, number, visit.words.gettext(CHANGED_ELSEWHERE))
    with visit.read() as connection:
        sitting = load(visit, connection, interview_id)
    told = {"revision": saved.revision, "said": views.saved_label(visit, saved.saved_at)}
    return JSONResponse(told | {"clock": views.clock_values(sitting)})


def _refused(visit: Visit, interview_id: int, number: int, said: str) -> Response:
    """Why an answer was not taken, and what is saved instead."""
    sitting = current(visit, interview_id)
    slot = sitting.slot(number)
    told = {"said": said, "kept": views.saved_label(visit, slot.saved_at), "revision": slot.revision}
    return JSONResponse(told | {"clock": views.clock_values(sitting)}, status_code=Conflict.status)


@router.post("/{interview_id}/{number:int}")
def save(visit: Here, interview_id: InterviewId, number: Number, form: Fields) -> Response:
    """Save and go on, or stay: `then` names the number of the question to go to, `lock` or `flag`."""
    then = text(form, "then")

    def step(connection: Connection, sitting: Sitting) -> None:
        slot = sitting.slot(number)
        _save(connection, sitting, number, form, None)
        if then == "flag":
            sittings.set_flag(connection, sitting, number, not slot.flagged)
        if then == "lock":
            locked = sittings.lock(connection, load(visit, connection, interview_id), number)
            if sitting.blueprint.feedback != "end":
                marking.mark_locked(connection, locked)

    refused = _try(visit, interview_id, number, step)
    return refused or go(f"/interviews/{interview_id}/{then if then.isdigit() else number}")


@router.post("/{interview_id}/{number:int}/flag")
def flag(visit: Here, interview_id: InterviewId, number: Number) -> Response:
    """Mark a question to come back to, or unmark it; its answer stays as it is saved."""

    def step(connection: Connection, sitting: Sitting) -> None:
        sittings.set_flag(connection, sitting, number, not sitting.slot(number).flagged)

    return _try(visit, interview_id, number, step) or go(f"/interviews/{interview_id}/{number}")


@router.post("/{interview_id}/{number:int}/score")
def score(visit: Here, interview_id: InterviewId, number: Number, form: Fields) -> Response:
    """The learner's own scoring of an open answer."""
    points = [whole(point, "points", most=100) for point in texts(form, "points")]
    with visit.write() as connection:
        sitting = load(visit, connection, interview_id)
        marking.score_open(connection, sitting, sitting.slot(number), points)
    back = f"report#q{number}" if sitting.stored.is_over else str(number)
    return go(f"/interviews/{interview_id}/{back}")


@router.post("/{interview_id}/{number:int}/runs")
def run(
    visit: Here,
    interview_id: InterviewId,
    number: Number,
    code: Annotated[str, Form()],
    custom: Annotated[str, Form(max_length=10_000)] = "",
) -> Response:
    """Save the code and try it on the visible cases."""
    code = code.replace("\r\n", "\n")  # forms send CRLF; the editor has LF
    with visit.write() as connection:
        sitting = load(visit, connection, interview_id)
        slot = sitting.slot(number)
        sittings.save(connection, sitting, number, {"code": code}, confidence=slot.confidence)
        submission_id, before = coding.run_in_interview(
            connection, visit.me.id, slot.entry, code, custom.strip() or None, slot.id, sitting.now
        )
        if before is not None:
            visit.services.grading.drop(connection, before)
        visit.services.grading.enqueue(connection, coding.submission(connection, visit.me.id, submission_id))
    if not visit.is_fragment:
        return go(f"/interviews/{interview_id}/{number}")
    visit.services.grading.wait_briefly(submission_id, SOON_S)
    with visit.read() as connection:
        view = submission_view(visit, connection, own_submission(visit, connection, submission_id))
    return html(visit, "code/_results.html", view, active="", status=202)


@router.post("/{interview_id}/move-on")
def move_on(visit: Here, interview_id: InterviewId) -> Response:
    return _move(visit, interview_id, sittings.move_on)


@router.post("/{interview_id}/pause")
def pause(visit: Here, interview_id: InterviewId) -> Response:
    return _move(visit, interview_id, sittings.pause)


@router.post("/{interview_id}/resume")
def go_on(visit: Here, interview_id: InterviewId) -> Response:
    return _move(visit, interview_id, sittings.resume)


@router.post("/{interview_id}/hand-in")
def hand_in(visit: Here, interview_id: InterviewId) -> Response:
    return _move(visit, interview_id, lambda _, sitting: sittings.hand_in(sitting))


def load(visit: Visit, connection: Connection, interview_id: int) -> Sitting:
    """The visitor's sitting, now."""
    return store.load(connection, visit.services.bank, visit.me.id, interview_id, visit.steady_now)


def current(visit: Visit, interview_id: int) -> Sitting:
    """The sitting as it stands, marked if its time is over."""
    with visit.read() as connection:
        sitting = load(visit, connection, interview_id)
    if not sitting.needs_closing:
        return sitting
    close(visit, interview_id, lambda it: it)
    with visit.read() as connection:
        return load(visit, connection, interview_id)


def close(visit: Visit, interview_id: int, end: Callable[[Sitting], Sitting]) -> None:
    """End and mark a sitting, and give its code to the graders."""
    with visit.write() as connection:
        sitting = end(load(visit, connection, interview_id))
        _give_to_graders(visit, connection, marking.close(connection, sitting))


def close_overdue_of(visit: Visit) -> None:
    """Mark the visitor's sitting whose time ran out unseen."""
    with visit.read() as connection:
        found = store.unmarked(connection, visit.me.id)
    for interview_id in found:
        current(visit, interview_id)


def _move(visit: Visit, interview_id: int, step: Callable[[Connection, Sitting], Sitting]) -> Response:
    """A step of the whole sitting; what leads to its end marks it."""
    try:
        with visit.write() as connection:
            sitting = step(connection, load(visit, connection, interview_id))
            if sitting.clock.is_over:
                _give_to_graders(visit, connection, marking.close(connection, sitting))
    except Conflict:
        return go(f"/interviews/{interview_id}")
    return go(f"/interviews/{interview_id}")


def _give_to_graders(visit: Visit, connection: Connection, sent: Sequence[str]) -> None:
    for submission_id in sent:
        visit.services.grading.enqueue(connection, coding.submission(connection, visit.me.id, submission_id))


def _try(visit: Visit, interview_id: int, number: int, step: Callable[[Connection, Sitting], None]) -> Response | None:
    """A step on one question. What can't be done says so above the question, with what was saved."""
    try:
        with visit.write() as connection:
            step(connection, load(visit, connection, interview_id))
    except sittings.TooLate:
        return go(f"/interviews/{interview_id}")
    except Conflict as conflict:
        return _page(visit, interview_id, number, notice=label(visit.words, conflict), status=conflict.status)
    except MalformedAnswer as malformed:
        return _page(visit, interview_id, number, error=malformed.message.in_(visit.lang), status=Invalid.status)
    return None


def _page(
    visit: Visit,
    interview_id: int,
    number: int,
    *,
    notice: str | None = None,
    error: str | None = None,
    status: int = 200,
) -> Response:
    with visit.read() as connection:
        sitting = load(visit, connection, interview_id)
        slot = sitting.slot(number)
        if not sitting.is_open(slot):
            return go(f"/interviews/{interview_id}")
        view = views.answering(visit, connection, sitting, slot, notice=notice, error=error)
    question = slot.entry.question
    if question.kind == "code":
        visit.services.grading.expect(question.lib)
    return html(visit, "interviews/answering.html", view, active="interviews", status=status)


def _number_to_show(sitting: Sitting) -> int:
    here = sitting.of_section(sitting.clock.section)
    if sitting.current_slot in [slot.number for slot in here]:
        return sitting.current_slot or here[0].number
    return next((slot.number for slot in here if not slot.is_answered), here[0].number)


def _save(connection: Connection, sitting: Sitting, number: int, form: FormData, base: int | None) -> sittings.Saved:
    slot = sitting.slot(number)
    confidence = text(form, "confidence")
    sure = whole(confidence, "confidence", 1, 3) if confidence else None
    if slot.locked_at is not None and slot.entry.question.kind != "open":
        return sittings.Saved(slot.revision, slot.saved_at or sitting.now)
    return sittings.save(connection, sitting, number, answer_of(slot.entry.question, form), base, sure)


def answer_of(question: Question, form: FormData) -> dict[str, Any]:
    """The answer's JSON from the form of a sitting."""
    if question.kind == "code":
        code = form.get("code", "")
        if not isinstance(code, str):
            raise Invalid(N_("This form takes no files."))
        code = code.replace("\r\n", "\n")
        coding.check_code(code)
        return {"code": code}
    answer = read_answer(question, form)
    if question.kind == "open":
        answer["on_paper"] = "on_paper" in form
        answer["follow_ups"] = [said[:MAX_SAID] for said in texts(form, "follow_up")]
    return answer
