"""Mock interviews in the JSON API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from app.bank.present import Presented, present
from app.errors import N_, Conflict, Invalid
from app.interview import sittings
from app.interview.sittings import MULTIPLIERS
from app.interview.store import Sitting
from app.practice import coding
from app.web.interview_report import report_json
from app.web.routes.api import MAX_ID, Body, Id, api_router
from app.web.routes.interview_reports import finished
from app.web.routes.interviews import CHANGED_ELSEWHERE, begin, blueprint, close, current, load
from app.web.services import Here, Visit

router = api_router("/api")
Slot = Annotated[int, Path(ge=1, le=1000)]


class BlueprintSection(BaseModel):
    """`answer`: how many of the `count` questions count; the best ones do."""

    title: str
    minutes: float
    count: int
    answer: int
    kinds: list[str]


class BlueprintLine(BaseModel):
    id: str
    title: str
    summary: str
    minutes: float
    reading_minutes: float
    feedback: str
    realistic: bool
    sections: list[BlueprintSection]


class StartInterview(Body):
    """`extra_time` is 1, 1.25, 1.5 or 2; `seed` draws the same paper again from the same bank for the same learner."""

    blueprint: str = Field(pattern=r"^[a-z0-9-]{1,80}$")
    seed: int | None = Field(default=None, ge=0, lt=2**31)
    extra_time: float = 1
    realistic: bool | None = None


class InterviewQuestion(BaseModel):
    """`question` is null while the sitting is paused. `answer` is what is saved; `revision` counts its savings."""

    slot: int
    question: Presented | None
    answer: dict[str, Any] | None
    revision: int
    flagged: bool
    locked: bool


class InterviewSection(BaseModel):
    """`open`: answers to it are taken now."""

    title: str
    open: bool
    questions: list[InterviewQuestion]


class InterviewState(BaseModel):
    """`phase`: reading, answering, paused or over. `deadline` is the phase's, `whole_deadline` the sitting's; `now` is
    the server's time, which is what they go by."""

    id: int
    phase: str
    now: datetime
    deadline: datetime
    whole_deadline: datetime
    sections: list[InterviewSection]


class SaveAnswer(Body):
    """`answer` as in practice; `{"code": "…"}` for code, `{"text": "…", "on_paper": true, "follow_ups": ["…"]}` for an
    open question. With `revision`, what another page saved since then is not overwritten: 409."""

    answer: dict[str, Any]
    revision: int | None = Field(default=None, ge=0, le=MAX_ID)
    confidence: int | None = Field(default=None, ge=1, le=3)


class SavedAnswer(BaseModel):
    revision: int
    saved_at: datetime


@router.get("/blueprints")
def blueprints(visit: Here) -> list[BlueprintLine]:
    """The mock interviews to choose from, shortest first."""
    with visit.read():
        found = list(visit.services.blueprints.values())
    return [
        BlueprintLine(
            id=it.id,
            title=it.title.in_(visit.lang),
            summary=it.summary.in_(visit.lang),
            minutes=it.minutes,
            reading_minutes=it.reading_minutes,
            feedback=it.feedback,
            realistic=it.realistic,
            sections=[
                BlueprintSection(
                    title=section.title.in_(visit.lang),
                    minutes=section.minutes,
                    count=section.count,
                    answer=section.answered,
                    kinds=list(section.kinds),
                )
                for section in it.sections
            ],
        )
        for it in found
    ]


@router.post("/interviews", status_code=201)
def start_interview(visit: Here, body: StartInterview) -> InterviewState:
    """Draw a paper and start the clock. 409 while another one is under way; 503 while nothing grades its code."""
    visit.require_learner()
    plan = blueprint(visit, body.blueprint)
    if body.extra_time not in MULTIPLIERS:
        raise Invalid(N_("The extra time is one of the offered ones."))
    realistic = plan.realistic if body.realistic is None else body.realistic
    return _state(visit, current(visit, begin(visit, plan, body.extra_time, realistic, body.seed)))


@router.get("/interviews/{interview_id}")
def interview(visit: Here, interview_id: Id) -> InterviewState:
    """The interview as it stands."""
    return _state(visit, current(visit, interview_id))


@router.put("/interviews/{interview_id}/answers/{slot}")
def save_answer(visit: Here, interview_id: Id, slot: Slot, body: SaveAnswer) -> SavedAnswer:
    """Save an answer, finished or not. 409 once its section is over: what was saved before counts."""
    coding.check_code(str(body.answer.get("code", "")))
    with visit.write() as connection:
        sitting = load(visit, connection, interview_id)
        saved = sittings.save(connection, sitting, slot, body.answer, body.revision, body.confidence)
    if saved.superseded:
        raise Conflict(CHANGED_ELSEWHERE)
    return SavedAnswer(revision=saved.revision, saved_at=saved.saved_at)


@router.post("/interviews/{interview_id}/finish")
def finish(visit: Here, interview_id: Id) -> InterviewState:
    """Hand in. Nothing changes if it is over already."""
    current(visit, interview_id)
    close(visit, interview_id, sittings.hand_in)
    return _state(visit, current(visit, interview_id))


@router.get("/interviews/{interview_id}/report")
def interview_report(visit: Here, interview_id: Id) -> Response:
    """The report; `final` is false while code is being graded or open answers are not scored. 409 before the end."""
    finished(visit, interview_id)
    with visit.read() as connection:
        return JSONResponse(report_json(visit, connection, load(visit, connection, interview_id)))


def _state(visit: Visit, sitting: Sitting) -> InterviewState:
    clock = sitting.clock
    phase = "over" if clock.is_over else "paused" if clock.paused_at else "reading" if clock.is_reading else "answering"
    return InterviewState(
        id=sitting.id,
        phase=phase,
        now=sitting.now,
        deadline=clock.ended_at or sitting.deadline,
        whole_deadline=clock.ended_at or sitting.whole_deadline,
        sections=[
            InterviewSection(
                title=section.title.in_(visit.lang),
                open=phase == "answering" and clock.section == number,
                questions=[
                    InterviewQuestion(
                        slot=slot.number,
                        question=None if phase == "paused" else present(slot.entry, visit.lang, slot.seed),
                        answer=slot.answer,
                        revision=slot.revision,
                        flagged=slot.flagged,
                        locked=slot.locked_at is not None,
                    )
                    for slot in sitting.of_section(number)
                ],
            )
            for number, section in enumerate(sitting.blueprint.sections)
        ],
    )
