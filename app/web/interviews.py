"""Views of a sitting: the frame with its clock, the question being answered, reading and pausing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from app.bank.markup import to_html
from app.bank.present import present
from app.bank.schema import Question
from app.bank.schema.blueprint import Blueprint, Section
from app.errors import N_
from app.grading.outcome import MalformedAnswer
from app.interview import marking, sittings
from app.interview.store import Sitting, Slot
from app.practice import coding
from app.web import wording
from app.web.cards import feedback
from app.web.i18n import Words
from app.web.interview_views import (
    AnsweringView,
    BlueprintView,
    ClockView,
    FollowUpView,
    HeadView,
    PlaceView,
    SectionView,
    Told,
    WaitingView,
)
from app.web.services import Visit
from app.web.submissions import own_submission, submission_view
from app.web.views import CardView, Choice, EditorView, FeedbackView, SubmissionView

NO_CODE = N_("Code is not run on this server just now. What you write is saved, and graded as soon as it is.")
CONFIDENCE = {1: N_("Guessed"), 2: N_("Fairly sure"), 3: N_("Sure")}
FEEDBACK_RULES = {
    "end": N_("Nothing is told before the end."),
    "immediate": N_("Each answer is locked when you check it, and explained at once."),
    "verdict": N_("Each answer is locked when you check it; only right or wrong is told."),
}


def blueprint_view(visit: Visit, blueprint: Blueprint) -> BlueprintView:
    return BlueprintView(
        id=blueprint.id,
        title=blueprint.title.in_(visit.lang),
        summary=blueprint.summary.in_(visit.lang),
        minutes_label=minutes(blueprint.minutes, visit.words),
        questions=blueprint.count,
    )


def section_views(visit: Visit, blueprint: Blueprint, multiplier: float = 1.0) -> list[SectionView]:
    return [_section_view(visit, section, multiplier) for section in blueprint.sections]


def _section_view(visit: Visit, section: Section, multiplier: float) -> SectionView:
    words = visit.words
    asks = words.ngettext(N_("%(n)s question"), N_("%(n)s questions"), section.count)
    if section.answer is not None:
        asks = words.gettext(N_("%(answer)s of %(count)s questions"), answer=section.answer, count=section.count)
    return SectionView(
        title=section.title.in_(visit.lang),
        minutes_label=minutes(section.minutes * multiplier, words),
        asks_label=asks,
        kinds_label=words.gettext(N_(", ")).join(wording.kind(kind, words) for kind in section.kinds),
    )


def rules(visit: Visit, blueprint: Blueprint) -> list[str]:
    """What holds during the interview, said before it starts."""
    words = visit.words
    told = [
        words.gettext(N_("The clock runs on the server, also while this page is closed or the connection is down.")),
        words.gettext(N_("Every answer is saved as you write. When the time is over, what was saved last counts.")),
        words.gettext(N_("Within a section you may go back and forth; a section that is over stays closed.")),
        words.gettext(FEEDBACK_RULES[blueprint.feedback]),
    ]
    if any("code" in section.kinds for section in blueprint.sections):
        told.append(words.gettext(N_("Run tries code on the visible cases. All cases are graded after the end.")))
    if any("open" in section.kinds for section in blueprint.sections):
        told.append(
            words.gettext(
                N_("You lock an open answer yourself; follow-up questions come then. You score it at the end.")
            )
        )
    if any(section.answer for section in blueprint.sections):
        told.append(words.gettext(N_("Where you may choose what to answer, the best answers count.")))
    if blueprint.reading_minutes:
        told.append(
            words.gettext(N_("First there is reading time: %(time)s."), time=minutes(blueprint.reading_minutes, words))
        )
    if blueprint.pause:
        told.append(
            words.gettext(
                N_("The clock may be stopped %(times)s times, for %(time)s at most; then it goes on by itself."),
                times=blueprint.pause.times,
                time=minutes(blueprint.pause.minutes, words),
            )
        )
    else:
        told.append(words.gettext(N_("There is no pause.")))
    return told


def head(visit: Visit, sitting: Sitting, number: int | None) -> HeadView:
    """The frame of a sitting's page; `number` is the question that is shown."""
    words, clock, blueprint = visit.words, sitting.clock, sitting.blueprint
    here = sitting.of_section(max(clock.section, 0))
    left = sitting.allowed.pauses - clock.pauses_used
    unanswered = max(sitting.section.answered - sum(slot.is_answered for slot in here), 0)
    rule = None
    if sitting.section.answer is not None:
        rule = words.gettext(
            N_("Answer %(answer)s of these %(count)s."), answer=sitting.section.answer, count=sitting.section.count
        )
    return HeadView(
        id=sitting.id,
        title=blueprint.title.in_(visit.lang),
        section_title=sitting.section.title.in_(visit.lang),
        section_label=words.gettext(
            N_("Section %(n)s of %(total)s"), n=max(clock.section, 0) + 1, total=len(blueprint.sections)
        ),
        clock=_clock_view(sitting),
        places=[_place(visit, slot, slot.number == number) for slot in here],
        realistic=sitting.realistic,
        can_pause=left > 0 and not clock.is_reading and clock.paused_at is None,
        pauses_label=words.ngettext(N_("%(n)s pause left"), N_("%(n)s pauses left"), left) if left > 0 else None,
        is_last_section=clock.section == len(blueprint.sections) - 1,
        unanswered=unanswered,
        rule=rule,
    )


def _clock_view(sitting: Sitting) -> ClockView:
    paused_at = sitting.clock.paused_at
    ends = paused_at + sitting.allowed.pause if paused_at else sitting.deadline
    return ClockView(
        now_ms=_ms(sitting.now),
        deadline_ms=_ms(ends),
        whole_deadline_ms=_ms(sitting.whole_deadline),
        left_label=left(ends - sitting.now),
        whole_left_label=left(sitting.whole_deadline - sitting.now),
        is_paused=paused_at is not None,
    )


def clock_values(sitting: Sitting) -> dict[str, int | str]:
    """The clock for the page's script, which asks now and then."""
    view = _clock_view(sitting)
    phase = "over" if sitting.clock.is_over else "paused" if view.is_paused else str(sitting.clock.section)
    return {"now": view.now_ms, "deadline": view.deadline_ms, "whole": view.whole_deadline_ms, "phase": phase}


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def left(span: timedelta) -> str:
    """What is left as a clock shows it: `12:05`, or `1:02:05`."""
    seconds = max(round(span.total_seconds()), 0)
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def minutes(count: float, words: Words) -> str:
    return words.gettext(N_("%(amount)s min"), amount=f"{count:g}")


def _place(visit: Visit, slot: Slot, current: bool) -> PlaceView:
    gettext = visit.words.gettext
    states = [gettext(N_("answered")) if slot.is_answered else gettext(N_("not answered"))]
    if slot.flagged:
        states.append(gettext(N_("flagged")))
    if slot.locked_at:
        states.append(gettext(N_("locked")))
    label = gettext(N_("Question %(n)s"), n=slot.number) + ": " + gettext(N_(", ")).join(states)
    return PlaceView(slot.number, current, slot.is_answered, slot.flagged, slot.locked_at is not None, label)


def answering(
    visit: Visit,
    connection: Connection,
    sitting: Sitting,
    slot: Slot,
    *,
    notice: str | None = None,
    error: str | None = None,
) -> AnsweringView:
    """The page of one question."""
    here = [it.number for it in sitting.of_section(slot.section)]
    at = here.index(slot.number)
    commented = _comment(visit, sitting, slot)
    told, told_label = _verdict(visit, sitting, slot)
    return AnsweringView(
        head=head(visit, sitting, slot.number),
        number=slot.number,
        total=len(sitting.slots),
        card=question_card(visit, slot, commented, error),
        revision=slot.revision,
        state_label=saved_label(visit, slot.saved_at),
        flagged=slot.flagged,
        confidences=[
            Choice(str(level), visit.words.gettext(name), slot.confidence == level)
            for level, name in CONFIDENCE.items()
        ],
        locks=sittings.locks(sitting.blueprint, slot),
        locked=slot.locked_at is not None,
        verdict=told,
        verdict_label=told_label,
        follow_ups=follow_ups(visit, slot) if slot.locked_at else [],
        next_number=here[at + 1] if at + 1 < len(here) else None,
        previous_number=here[at - 1] if at else None,
        notice=notice,
        editor=_editor(visit, sitting, slot),
        submission=last_run(visit, connection, sitting, slot),
    )


def waiting(visit: Visit, sitting: Sitting) -> WaitingView:
    """The page of a sitting that is read or paused. While paused the questions are covered."""
    is_reading = sitting.clock.is_reading and sitting.clock.paused_at is None
    return WaitingView(
        head=head(visit, sitting, None),
        is_reading=is_reading,
        sections=section_views(visit, sitting.blueprint, sitting.multiplier),
        questions=[question_card(visit, slot, None, None) for slot in sitting.slots] if is_reading else [],
    )


def question_card(visit: Visit, slot: Slot, said: FeedbackView | None, error: str | None) -> CardView:
    return CardView(
        card_id=slot.number,
        question=present(slot.entry, visit.lang, slot.seed),
        is_new=False,
        flagged=slot.flagged,
        feedback=said,
        given=slot.answer or {},
        error=error,
    )


def saved_label(visit: Visit, saved_at: datetime | None) -> str:
    """When the answer was saved last."""
    if saved_at is None:
        return ""
    return visit.words.gettext(N_("Saved at %(time)s"), time=wording.time_of_day(saved_at, visit.zone, visit.words))


def explained(visit: Visit, slot: Slot) -> FeedbackView | None:
    """Everything there is to say of an answer; None for code, and where the answer can't be read as one."""
    if slot.entry.question.kind == "code":
        return None
    answer: Mapping[str, Any] = slot.answer or {}
    try:
        return feedback(visit, slot.entry, slot.seed, marking.outcome_of(slot), [], answer)
    except MalformedAnswer:
        return None


def follow_ups(visit: Visit, slot: Slot) -> list[FollowUpView]:
    """What the interviewer goes on to ask, once an open answer is locked."""
    question: Question = slot.entry.question
    if question.kind != "open":
        return []
    said = list((slot.answer or {}).get("follow_ups") or [])
    return [
        FollowUpView(to_html(it.ask.in_(visit.lang)), str(said[place]) if place < len(said) else "")
        for place, it in enumerate(question.follow_ups)
    ]


def last_run(visit: Visit, connection: Connection, sitting: Sitting, slot: Slot) -> SubmissionView | None:
    """The last run of the question's code in this sitting."""
    row = coding.last_run_of_slot(connection, sitting.account_id, slot.id)
    return submission_view(visit, connection, own_submission(visit, connection, row["id"])) if row else None


def _comment(visit: Visit, sitting: Sitting, slot: Slot) -> FeedbackView | None:
    if slot.locked_at is None or sitting.blueprint.feedback != "immediate":
        return None
    return explained(visit, slot)


def _verdict(visit: Visit, sitting: Sitting, slot: Slot) -> tuple[Told, str]:
    """What is told of a locked answer where not all is told."""
    gettext = visit.words.gettext
    if slot.locked_at is None or sitting.blueprint.feedback == "immediate":
        return "", ""
    if sitting.blueprint.feedback == "end" or slot.correct is None:
        return "kept", gettext(N_("Locked. It is scored after the end."))
    return ("right", gettext(wording.RIGHT)) if slot.correct else ("wrong", gettext(wording.WRONG))


def _editor(visit: Visit, sitting: Sitting, slot: Slot) -> EditorView | None:
    question = slot.entry.question
    if question.kind != "code":
        return None
    here = f"/interviews/{sitting.id}/{slot.number}"
    code = (slot.answer or {}).get("code")
    return EditorView(
        code=code if isinstance(code, str) else question.starter,
        has_draft=code is not None,
        max_bytes=coding.MAX_CODE_BYTES,
        send_to=f"{here}/runs",
        draft_at=f"{here}/draft",
        side_at="",
        kept_as=f"interview:{sitting.id}:{slot.number}",
        unavailable=None if visit.services.available(slot.entry) else visit.words.gettext(NO_CODE),
        can_submit=False,
    )
