"""A practice session in the browser. Without script every form redirects back to the session's page."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from random import Random
from typing import Annotated

from fastapi import APIRouter, Form, Path, Response
from sqlalchemy import Connection

from app.db import MAX_INTEGER
from app.errors import N_, Conflict, Invalid
from app.grading.outcome import MalformedAnswer
from app.practice import coding, sessions
from app.practice.sessions import Session, Turn
from app.practice.today import Choice, path_of
from app.scheduling import store
from app.web import wording
from app.web.answer_forms import Fields, read_answer, seconds, text, whole
from app.web.cards import card, question_row
from app.web.failures import label
from app.web.pages import go, html
from app.web.services import Here, Visit
from app.web.topics import STEPS, step_views
from app.web.views import SessionView, SummaryView, TopicScore

router = APIRouter(prefix="/practice", include_in_schema=False)
SessionId = Annotated[int, Path(ge=1, le=MAX_INTEGER)]


@router.get("")
def resume(visit: Here) -> Response:
    """The open session if there is one."""
    with visit.read() as connection:
        left = sessions.open_session(connection, visit.services.bank, visit.me.id, visit.now)
    return go(f"/practice/{left.id}" if left else "/")


@router.post("")
def start(
    visit: Here,
    topic: Annotated[list[str] | None, Form()] = None,
    kind: Annotated[list[str] | None, Form()] = None,
    limit: Annotated[int | None, Form(ge=1, le=500)] = None,
    more: Annotated[bool, Form()] = False,
) -> Response:
    choice = Choice(frozenset(topic or ()), frozenset(kind or ()), more)
    rng = Random(secrets.randbits(64))
    services = visit.services
    with visit.write() as connection:
        session_id = sessions.start(
            connection, services.bank, visit.person, choice, limit, visit.now, rng, services.available
        )
    return go(f"/practice/{session_id}" if session_id else "/")


@router.get("/{session_id}")
def show(visit: Here, session_id: SessionId) -> Response:
    return _stage(visit, session_id)


@router.post("/{session_id}/answer")
def answer(visit: Here, session_id: SessionId, form: Fields) -> Response:
    def step(connection: Connection, turn: Turn) -> None:
        bank = visit.services.bank
        if text(form, "seed") != str(turn.seed):
            raise Conflict(N_("This question came back with other numbers since; here it is as it stands."))
        given = read_answer(sessions.entry_of(connection, bank, turn).question, form)
        sessions.answer(connection, bank, turn, given, seconds(form), False, visit.now)

    return _step(visit, session_id, form, step)


@router.post("/{session_id}/rate")
def rate(visit: Here, session_id: SessionId, form: Fields) -> Response:
    rating = whole(text(form, "rating"), "rating", 1, 4)

    def step(connection: Connection, turn: Turn) -> None:
        coding.rate(connection, visit.services.bank, visit.person, turn, rating, visit.now)

    return _step(visit, session_id, form, step, lambda: visit.services.meters.review(rating))


@router.post("/{session_id}/undo")
def undo(visit: Here, session_id: SessionId) -> Response:
    try:
        with visit.write() as connection:
            sessions.load(connection, visit.me.id, session_id)
            coding.undo(connection, visit.services.bank, visit.me.id, session_id, visit.now)
    except Conflict as conflict:
        return _stage(visit, session_id, notice=label(visit.words, conflict), status=conflict.status)
    return _stage(visit, session_id)


@router.post("/{session_id}/bury")
def bury(visit: Here, session_id: SessionId, form: Fields) -> Response:
    return _step(
        visit, session_id, form, lambda connection, turn: sessions.bury(connection, visit.person, turn, visit.now)
    )


@router.post("/{session_id}/suspend")
def suspend(visit: Here, session_id: SessionId, form: Fields) -> Response:
    return _step(visit, session_id, form, lambda connection, turn: sessions.suspend(connection, turn, visit.now))


@router.post("/{session_id}/flag")
def flag(visit: Here, session_id: SessionId, form: Fields) -> Response:
    return _step(
        visit,
        session_id,
        form,
        lambda connection, turn: store.set_flags(connection, turn.card_id, flagged=not turn.flagged),
    )


@router.post("/{session_id}/finish")
def finish(visit: Here, session_id: SessionId) -> Response:
    with visit.write() as connection:
        sessions.finish(connection, visit.me.id, session_id, visit.now)
    return _stage(visit, session_id)


def _step(
    visit: Visit,
    session_id: int,
    form: Fields,
    step: Callable[[Connection, Turn], None],
    then: Callable[[], None] = lambda: None,
) -> Response:
    """One step on the form's card, and `then` once it is kept.

    What can't be done leaves everything as it was and says so above the card.
    """
    card_id = whole(text(form, "card_id"), "card_id", 1)
    try:
        with visit.write() as connection:
            turn = sessions.turn_of(connection, visit.me.id, card_id)
            if turn.session_id != session_id:
                raise Conflict(N_("This session was replaced by a newer one, perhaps in another tab."))
            step(connection, turn)
        then()
    except Conflict as conflict:
        return _stage(visit, session_id, notice=label(visit.words, conflict), status=conflict.status)
    except MalformedAnswer as malformed:
        return _stage(visit, session_id, error=malformed.message.in_(visit.lang), status=Invalid.status)
    return _stage(visit, session_id)


def _stage(
    visit: Visit, session_id: int, *, notice: str | None = None, error: str | None = None, status: int = 200
) -> Response:
    """The session as it stands now: a fragment for htmx, the whole page otherwise."""
    with visit.read() as connection:
        session = sessions.load(connection, visit.me.id, session_id)
        if not visit.is_fragment and visit.request.method == "POST" and status == 200:
            return go(f"/practice/{session_id}")
        bank = visit.services.bank
        turn = session.current(bank, visit.now)
        entry = sessions.entry_of(connection, bank, turn) if turn else None
        summary = None if turn else _summary(visit, connection, session)
    view = SessionView(
        id=session_id,
        position=len(session.rated) + (turn is not None),
        total=session.total,
        can_undo=any(it.state == "rated" for it in session.turns),
        card=card(visit, entry, turn, error=error) if turn and entry else None,
        summary=summary,
        notice=notice,
    )
    template = "practice/stage.html" if visit.is_fragment else "practice/page.html"
    return html(visit, template, view, active="practice", status=status)


def _summary(visit: Visit, connection: Connection, session: Session) -> SummaryView:
    bank = visit.services.bank
    rows = store.states(connection, visit.me.id, [turn.question_id for turn in session.turns])
    next_due = store.next_due_at(connection, visit.me.id)
    path = path_of(connection, bank, visit.person, visit.now, visit.services.available)
    rated = [turn for turn in session.rated if turn.question_id in bank.questions]
    scores: dict[str, list[bool]] = {}
    for turn in rated:
        right = bool(turn.correct) if turn.correct is not None else (turn.rating or 0) > 1
        scores.setdefault(turn.question_id, []).append(right)
    first = {name: results[0] for name, results in scores.items()}
    topics: dict[str, TopicScore] = {}
    for name, right in first.items():
        topic = bank.questions[name].topic
        known = topics.get(topic.id)
        topics[topic.id] = TopicScore(
            topic.title.in_(visit.lang), right + (known.right if known else 0), 1 + (known.total if known else 0)
        )
    return SummaryView(
        answered=len(first),
        right=sum(first.values()),
        minutes=round(sum(turn.seconds or 0 for turn in rated) / 60),
        topics=list(topics.values()),
        missed=[
            question_row(visit, bank.questions[name], rows.get(name)) for name, right in first.items() if not right
        ],
        next_due_label=wording.due(next_due, visit.now, visit.zone, visit.words) if next_due else None,
        steps=step_views(visit, path.steps(STEPS)),
    )
