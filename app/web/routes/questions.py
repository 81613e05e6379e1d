"""A question's own page: try it without touching the schedule, see what is remembered of it, suspend, reset, flag."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from fastapi import APIRouter, Response
from sqlalchemy import Connection

from app.bank.catalog import Entry
from app.errors import N_, Invalid, NotFound
from app.grading.outcome import MalformedAnswer
from app.practice import sessions
from app.scheduling import store
from app.scheduling.schedule import retrievability
from app.web import wording
from app.web.answer_forms import Fields, read_answer, text, whole
from app.web.cards import memory_view, tried
from app.web.pages import go, html
from app.web.services import Here, Visit
from app.web.views import MemoryView, PastReview, QuestionView

router = APIRouter(prefix="/q", include_in_schema=False)


@router.get("/{question_id}")
def show(visit: Here, question_id: str) -> Response:
    entry = entry_for(visit, question_id)
    if entry.question.kind == "code":
        return go(f"/code/{question_id}")
    return _page(visit, entry, secrets.randbelow(sessions.SEEDS), None, None)


@router.post("/{question_id}/answer")
def answer(visit: Here, question_id: str, form: Fields) -> Response:
    """Grade without scheduling."""
    entry = entry_for(visit, question_id)
    if entry.question.kind == "code":
        return go(f"/code/{question_id}")
    seed = whole(text(form, "seed"), "seed")
    given = read_answer(entry.question, form)
    try:
        return _page(visit, entry, seed, given, None)
    except MalformedAnswer as malformed:
        return _page(visit, entry, seed, given, malformed.message.in_(visit.lang))


@router.post("/{question_id}/suspend")
def suspend(visit: Here, question_id: str) -> Response:
    """Suspend, or take a suspended question back."""
    return _act(
        visit, question_id, lambda connection, row: store.set_flags(connection, row.id, suspended=not row.suspended)
    )


@router.post("/{question_id}/flag")
def flag(visit: Here, question_id: str) -> Response:
    return _act(
        visit, question_id, lambda connection, row: store.set_flags(connection, row.id, flagged=not row.flagged)
    )


@router.post("/{question_id}/reset")
def reset(visit: Here, question_id: str) -> Response:
    return _act(visit, question_id, lambda connection, row: store.forget(connection, row.id))


def entry_for(visit: Visit, question_id: str) -> Entry:
    """The published question of that id, for somebody who may see it; NotFound otherwise."""
    visit.require_learner()
    entry = visit.services.bank.questions.get(question_id)
    if entry is None or not entry.is_published:
        raise NotFound(N_("There is no question with this name."))
    return entry


def memory_of(visit: Visit, connection: Connection, row: store.CardRow | None) -> MemoryView | None:
    """The card's memory and history."""
    if row is None or row.memory is None:
        return None
    past = [
        PastReview(
            wording.moment(review["reviewed_at"], review["zone"], visit.words),
            visit.words.gettext(wording.RATINGS[review["rating"]]),
            wording.days(review["interval_days"], visit.words),
        )
        for review in store.history(connection, row.id)
    ]
    return memory_view(visit, row, past, retrievability(row.memory, visit.now, visit.zone))


def _act(visit: Visit, question_id: str, act: Callable[[Connection, store.CardRow], None]) -> Response:
    entry = entry_for(visit, question_id)
    with visit.write() as connection:
        store.ensure_cards(connection, visit.me.id, {question_id: entry.meaning_hash}, visit.now)
        row = store.card_of_question(connection, visit.me.id, question_id)
        if row is not None:
            act(connection, row)
    return go(f"/q/{question_id}")


def _page(visit: Visit, entry: Entry, seed: int, given: dict[str, object] | None, error: str | None) -> Response:
    with visit.read() as connection:
        row = store.card_of_question(connection, visit.me.id, entry.question.id)
        memory = memory_of(visit, connection, row)
    view = QuestionView(
        card=tried(visit, entry, seed, given, error, flagged=bool(row and row.flagged)),
        memory=memory,
        suspended=bool(row and row.suspended),
    )
    template = "questions/_try.html" if visit.is_fragment else "questions/page.html"
    return html(visit, template, view, active="browse", status=Invalid.status if error else 200)
