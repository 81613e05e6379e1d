"""The JSON API under /api, for programs and for pages of other makers. Errors are problem+json (RFC 9457)."""

from __future__ import annotations

import secrets
from datetime import datetime
from operator import attrgetter
from random import Random
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from app.bank.catalog import Entry
from app.bank.present import Presented, Revealed, present, reveal, title
from app.bank.schema import KINDS, Kind
from app.db import MAX_INTEGER
from app.errors import N_, Conflict, Invalid
from app.practice import coding, sessions
from app.practice.today import Choice
from app.web import submissions
from app.web.cards import parts, ratings
from app.web.routes.code import send
from app.web.routes.questions import entry_for
from app.web.services import Here, Visit
from app.web.streams import EVENTS, Seen, follow
from app.web.views import PartView, RatingView

MAX_ID = MAX_INTEGER


class Problem(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    advice: str


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {"application/problem+json": {}}}
    for status in (401, 403, 404, 409, 413, 422, 429, 503)
}


def api_router(prefix: str, **options: Any) -> APIRouter:
    """A part of the JSON API, with what all of it has in common. Operations are called what their functions are."""
    return APIRouter(prefix=prefix, responses=PROBLEMS, generate_unique_id_function=attrgetter("name"), **options)


router = api_router("/api")
Id = Annotated[int, Path(ge=1, le=MAX_ID)]
QuestionId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,80}$")]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class StartSession(Body):
    topics: list[str] = Field(default=[], max_length=500)
    kinds: list[Kind] = Field(default=[], max_length=len(KINDS))
    mode: Literal["due", "more"] = "due"
    limit: int | None = Field(default=None, ge=1, le=500)


class StartedSession(BaseModel):
    id: int
    total: int


class NextCard(BaseModel):
    """`card_id`, `question` and `seed` are null when the session is over; `answered` waits for its rating only."""

    card_id: int | None
    question: Presented | None
    seed: int | None
    state: Literal["waiting", "answered", "finished"]
    position: int
    total: int


class Answer(Body):
    """`answer` by kind: `{"choice": "B"}`, `{"choices": ["A", "C"]}`, `{"value": "3/4"}`, `{"blanks": {"name": "…"}}`,
    `{"order": ["C", "A", "B"]}`, `{"pairs": {"1": "B"}}`, `{"text": "…"}` then `{"points": [0, 2]}`; `{}` for a
    flashcard, and for code once a submission since the session began was accepted."""

    card_id: int = Field(ge=1, le=MAX_ID)
    seed: int = Field(ge=0, le=MAX_ID)
    answer: dict[str, Any]
    seconds: float = Field(default=0, ge=0, le=86_400)


class Answered(BaseModel):
    """`correct` is null where the learner judges. `previews` are what the rating buttons would do."""

    correct: bool | None
    score: float
    explanation: Revealed
    parts: dict[str, PartView]
    note: str | None
    suggested_rating: int | None
    previews: list[RatingView]


class Rate(Body):
    card_id: int = Field(ge=1, le=MAX_ID)
    rating: int = Field(ge=1, le=4)


class Rated(BaseModel):
    due_at: datetime
    interval_days: int
    state: str
    stability_days: float
    difficulty: float


class Undone(BaseModel):
    session_id: int


class Submit(Body):
    question_id: str = Field(pattern=r"^[a-z0-9-]{1,80}$")
    code: str
    mode: Literal["run", "submit"]
    custom: str | None = Field(default=None, max_length=10_000)


class Submitted(BaseModel):
    id: str


class SubmissionState(BaseModel):
    """As a line of `whetstone grade --json`, plus `status`; the verdict and what follows are null until it is done.

    `recognised` names the known slip that the results are those of, if they are one's; the note is Markdown.
    """

    id: str
    status: submissions.Status
    question: str
    mode: Literal["run", "submit"]
    verdict: str | None = None
    score: float | None = None
    wall_ms: float | None = None
    seed: int | None = None
    message: str | None = None
    recognised: str | None = None
    recognised_note: str | None = None
    cases: list[dict[str, Any]] | None = None


class QuestionLine(BaseModel):
    id: str
    topic: str
    area: str
    kind: str
    difficulty: int
    minutes: float
    title: str


@router.post("/practice/sessions", status_code=201)
def start_session(visit: Here, body: StartSession) -> StartedSession:
    """Start a session over what is due and new. 409 if there is nothing to do."""
    services = visit.services
    unknown = set(body.topics) - set(services.bank.topics)
    if unknown:
        raise Invalid(N_("There is no topic named %(name)s."), name=sorted(unknown)[0])
    choice = Choice(frozenset(body.topics), frozenset(body.kinds), body.mode == "more")
    rng = Random(secrets.randbits(64))
    with visit.write() as connection:
        session_id = sessions.start(
            connection, services.bank, visit.person, choice, body.limit, visit.now, rng, services.available
        )
        if session_id is None:
            raise Conflict(N_("Nothing is due now."), N_("Use mode more to practise beyond today's plan."))
        return StartedSession(id=session_id, total=sessions.load(connection, visit.me.id, session_id).total)


@router.get("/practice/sessions/{session_id}/next")
def next_card(visit: Here, session_id: Id) -> NextCard:
    """The card to show next."""
    with visit.read() as connection:
        session = sessions.load(connection, visit.me.id, session_id)
        bank = visit.services.bank
        turn = session.current(bank, visit.now)
        entry = sessions.entry_of(connection, bank, turn) if turn else None
    done = len(session.rated)
    if turn is None or entry is None:
        return NextCard(card_id=None, question=None, seed=None, state="finished", position=done, total=session.total)
    question = present(entry, visit.lang, turn.seed)
    state: Literal["waiting", "answered"] = "waiting" if turn.state == "waiting" else "answered"
    return NextCard(
        card_id=turn.card_id, question=question, seed=turn.seed, state=state, position=done + 1, total=session.total
    )


@router.post("/practice/answers", response_model=Answered)
def answer(visit: Here, body: Answer) -> Response:
    """Grade an answer. It is kept until it is rated; a second answer to the same turn is a 409."""
    bank = visit.services.bank
    outcome = None
    with visit.write() as connection:
        turn = sessions.turn_of(connection, visit.me.id, body.card_id)
        if body.seed != turn.seed:
            raise Conflict(N_("This question came back with other numbers since; here it is as it stands."))
        entry = sessions.entry_of(connection, bank, turn)
        if entry.question.kind == "code":
            turn = coding.answer_turn(connection, bank, visit.me.id, turn, visit.now)
        else:
            turn, outcome = sessions.answer(connection, bank, turn, body.answer, body.seconds, False, visit.now)
    answered = Answered(
        correct=turn.correct,
        score=turn.score or 0.0,
        explanation=reveal(entry, visit.lang, turn.seed),
        parts=parts(visit, entry, turn.seed, outcome) if outcome else {},
        note=outcome.note.in_(visit.lang) if outcome and outcome.note else None,
        suggested_rating=turn.suggested_rating,
        previews=ratings(visit, turn.memory, turn.card_id, turn.suggested_rating),
    )
    # Serialised here, once: on this path the framework's own validation of what we made would cost more than the work.
    return Response(answered.model_dump_json(), media_type="application/json")


@router.post("/practice/reviews")
def rate(visit: Here, body: Rate) -> Rated:
    """Rate an answered card: 1 Again, 2 Hard, 3 Good, 4 Easy."""
    with visit.write() as connection:
        turn = sessions.turn_of(connection, visit.me.id, body.card_id)
        reviewed = coding.rate(connection, visit.services.bank, visit.person, turn, body.rating, visit.now)
    visit.services.meters.review(body.rating)
    memory = reviewed.memory
    return Rated(
        due_at=memory.due_at,
        interval_days=reviewed.interval_days,
        state=memory.state,
        stability_days=memory.stability_days,
        difficulty=memory.difficulty,
    )


@router.post("/practice/undo")
def undo(visit: Here) -> Undone:
    """Take the last rating back, entirely."""
    with visit.write() as connection:
        return Undone(session_id=coding.undo(connection, visit.services.bank, visit.me.id, None, visit.now))


@router.post("/submissions", status_code=202)
def submit(visit: Here, body: Submit) -> Submitted:
    """Send code to be graded: `run` on the visible cases, `submit` on all. At most 64 KiB.

    With `custom`, a list of plain values such as `[[0, 0, 1, 1], [1, 0, 2, 1]]`, a run is on these arguments alone.
    """
    with visit.read():
        entry = entry_for(visit, body.question_id)
    return Submitted(id=send(visit, entry, body.code, body.mode, body.custom))


@router.get("/submissions/{submission_id}")
def submission(visit: Here, submission_id: Annotated[str, Path(max_length=36)]) -> SubmissionState:
    """A submission as it stands."""
    return _state(visit, submission_id)


@router.get("/submissions/{submission_id}/events", response_class=StreamingResponse, responses=EVENTS)
async def submission_events(visit: Here, submission_id: Annotated[str, Path(max_length=36)]) -> Response:
    """The submission as it changes, as server-sent events; each `data` is what `GET` of the submission answers.

    The events are `progress`, at last `end`, after which the stream is over, and `still` when nothing happens.
    """

    def look(fresh: Visit) -> Seen:
        state = _state(fresh, submission_id)
        return Seen(state.model_dump_json(), is_last=state.status not in coding.UNFINISHED)

    return await follow(visit, submission_id, look)


def _state(visit: Visit, submission_id: str) -> SubmissionState:
    with visit.read() as connection:
        row = submissions.own_submission(visit, connection, submission_id)
        now = submissions.status(visit, connection, row)
    head = {
        "id": row["id"],
        "status": now,
        "question": row["question_id"],
        "mode": row["mode"],
    }
    graded = row["report"].as_json(visit.lang) if row["report"] else {}
    return SubmissionState.model_validate(graded | head)


@router.get("/questions")
def questions(
    visit: Here,
    topic: Annotated[str | None, Query(max_length=80)] = None,
    kind: Kind | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[QuestionLine]:
    """The published questions, in the bank's order."""
    with visit.read():
        entries = [
            entry
            for entry in visit.services.bank.published
            if (topic is None or entry.topic.id == topic) and (kind is None or entry.question.kind == kind)
        ]
    return [_line(visit, entry) for entry in entries[offset : offset + limit]]


@router.get("/questions/{question_id}")
def question(visit: Here, question_id: QuestionId, seed: Annotated[int, Query(ge=0, le=MAX_ID)] = 0) -> Presented:
    """A question as a learner sees it, without its answer."""
    with visit.read():
        return present(entry_for(visit, question_id), visit.lang, seed)


def _line(visit: Visit, entry: Entry) -> QuestionLine:
    question = entry.question
    return QuestionLine(
        id=question.id,
        topic=entry.topic.id,
        area=entry.area.id,
        kind=question.kind,
        difficulty=question.difficulty,
        minutes=question.minutes,
        title=title(entry, visit.lang),
    )
