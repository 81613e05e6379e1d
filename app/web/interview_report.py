"""Views of a sitting that is over: its report, and its replay."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from app.bank.present import present, title
from app.errors import N_
from app.grading.queue import Queued
from app.interview.history import report_of
from app.interview.replay import Moment, replay
from app.interview.report import Line, Report, Share
from app.interview.store import Sitting, Slot
from app.practice import coding
from app.practice.today import path_of
from app.web import wording
from app.web.interview_views import (
    CellView,
    EarlierView,
    LineView,
    MomentView,
    ReplayQuestionView,
    ReplayView,
    ReportView,
    ShareView,
    TopicRowView,
)
from app.web.interviews import CONFIDENCE, explained, follow_ups, left, minutes, question_card
from app.web.reporting import report_form
from app.web.services import Visit
from app.web.submissions import submission_view
from app.web.topics import topic_links
from app.web.views import ReportFormView, SubmissionView

MARKS = {
    "right": wording.RIGHT,
    "partly": wording.PARTLY,
    "wrong": wording.WRONG,
    "unanswered": N_("Not answered"),
    "to_score": N_("For you to score"),
    "grading": N_("Being graded"),
    "broken": N_("Could not be graded"),
}
LEVELS = [1, 2, 3, 4, 5]
MOMENTS = {
    "draft": N_("Written"),
    "run": N_("Run"),
    "graded": N_("Graded"),
    "locked": N_("Locked"),
}


def report_view(visit: Visit, connection: Connection, sitting: Sitting, notice: str | None = None) -> ReportView:
    """The whole report."""
    bank, words = visit.services.bank, visit.words
    came_to = report_of(connection, bank, sitting)
    path = path_of(connection, bank, visit.person, visit.now, visit.services.available)
    earlier = [
        EarlierView(
            f"/interviews/{it.id}/report", wording.moment(it.started_at, visit.zone, words), _percent(it.score), False
        )
        for it in came_to.earlier
    ]
    if came_to.score is not None:
        here = wording.moment(sitting.started_at, visit.zone, words)
        earlier.append(EarlierView(f"/interviews/{sitting.id}/report", here, _percent(came_to.score), True))
    asked = [name for name in came_to.by_topic if name in bank.topics]
    links = {link.id: link for link in topic_links(visit, path, asked)}
    return ReportView(
        id=sitting.id,
        title=sitting.blueprint.title.in_(visit.lang),
        when_label=wording.moment(sitting.started_at, visit.zone, words),
        percent=None if came_to.score is None else _percent(came_to.score),
        is_final=came_to.is_final,
        waiting=_waiting(visit, connection, came_to),
        grading=came_to.grading,
        sections=[
            _share(visit, section.title.in_(visit.lang), share)
            for section, share in zip(sitting.blueprint.sections, came_to.sections, strict=True)
            if share is not None
        ],
        kinds=[_share(visit, wording.kind(kind, words), share) for kind, share in came_to.by_kind.items()],
        topics=[
            TopicRowView(
                links[name],
                _share(visit, links[name].title, came_to.by_topic[name]),
                [_cell(came_to.by_topic_and_difficulty[name].get(level)) for level in LEVELS],
            )
            for name in asked
        ],
        levels=LEVELS,
        calibration=[
            ShareView(
                words.gettext(CONFIDENCE[it.confidence]),
                round(100 * it.right / it.answers),
                words.gettext(N_("%(right)s of %(total)s right"), right=it.right, total=it.answers),
            )
            for it in came_to.calibration
        ],
        strong=[links[name] for name in came_to.strong if name in links],
        study=[links[name] for name in came_to.study if name in links],
        earlier=earlier,
        lines=[_line(visit, connection, sitting, line) for line in came_to.lines],
        misses=len(came_to.misses),
        practised=sitting.practised_at is not None,
        settings=_settings(visit, sitting),
        notice=notice,
    )


def report_json(visit: Visit, connection: Connection, sitting: Sitting) -> dict[str, Any]:
    """The report for programs."""
    came_to = report_of(connection, visit.services.bank, sitting)
    return {
        "id": sitting.id,
        "blueprint": sitting.blueprint.id,
        "title": sitting.blueprint.title.in_(visit.lang),
        "started_at": sitting.started_at.isoformat(),
        "ended_at": sitting.clock.ended_at.isoformat() if sitting.clock.ended_at else None,
        "extra_time": sitting.multiplier,
        "realistic": sitting.realistic,
        "score": came_to.score,
        "final": came_to.is_final,
        "to_score": came_to.to_score,
        "grading": came_to.grading,
        "broken": came_to.broken,
        "sections": [_share_json(share) for share in came_to.sections],
        "by_kind": {kind: _share_json(share) for kind, share in came_to.by_kind.items()},
        "by_topic": {name: _share_json(share) for name, share in came_to.by_topic.items()},
        "by_topic_and_difficulty": {
            name: {str(level): _share_json(share) for level, share in levels.items()}
            for name, levels in came_to.by_topic_and_difficulty.items()
        },
        "calibration": [
            {"confidence": it.confidence, "right": it.right, "answers": it.answers} for it in came_to.calibration
        ],
        "strengths": list(came_to.strong),
        "study": [{"topic": name, "href": f"/topics/{name}"} for name in came_to.study],
        "earlier": [
            {"id": it.id, "started_at": it.started_at.isoformat(), "score": it.score} for it in came_to.earlier
        ],
        "questions": [
            {
                "slot": line.slot.number,
                "section": line.slot.section + 1,
                "question": line.slot.entry.question.id,
                "version": line.slot.entry.hash,
                "seed": line.slot.seed,
                "topic": line.slot.entry.topic.id,
                "kind": line.slot.entry.question.kind,
                "difficulty": line.slot.entry.question.difficulty,
                "state": line.mark.state,
                "score": line.mark.score,
                "verdict": line.mark.verdict,
                "counts": line.counts,
                "seconds": round(line.slot.seconds, 1),
                "budget_seconds": round(line.budget_s, 1),
                "confidence": line.slot.confidence,
                "answer": line.slot.answer,
            }
            for line in came_to.lines
        ],
    }


def replay_view(visit: Visit, connection: Connection, sitting: Sitting) -> ReplayView:
    """What happened to every question, in order."""
    moments = replay(connection, sitting)
    questions = [
        ReplayQuestionView(
            number=slot.number,
            title=title(slot.entry, visit.lang),
            prompt_html=present(slot.entry, visit.lang, slot.seed).prompt_html,
            moments=[_moment(visit, sitting, moment) for moment in moments.get(slot.number, [])],
        )
        for slot in sitting.slots
    ]
    return ReplayView(sitting.id, sitting.blueprint.title.in_(visit.lang), questions)


def _moment(visit: Visit, sitting: Sitting, moment: Moment) -> MomentView:
    what = visit.words.gettext(MOMENTS[moment.what])
    if moment.verdict:
        what += " · " + wording.verdict(moment.verdict, visit.words)
    answer = moment.answer or {}
    return MomentView(left(moment.at - sitting.started_at), what, _in_words(visit, answer), "code" in answer)


def _in_words(visit: Visit, answer: Mapping[str, Any]) -> str | None:
    """An answer as it was given, in a line or as text."""
    comma = visit.words.gettext(N_(", "))
    if "code" in answer:
        return str(answer["code"])
    if "text" in answer:
        said = [str(answer["text"]), *map(str, answer.get("follow_ups") or [])]
        return "\n\n".join(filter(None, said)) or (
            visit.words.gettext(N_("answered on paper")) if answer.get("on_paper") else None
        )
    for value in answer.values():
        if isinstance(value, Mapping):
            return comma.join(f"{key}: {said}" for key, said in value.items() if said)
        return comma.join(map(str, value)) if isinstance(value, list) else str(value)
    return None


def _line(visit: Visit, connection: Connection, sitting: Sitting, line: Line) -> LineView:
    slot, mark, words = line.slot, line.mark, visit.words
    question = slot.entry.question
    in_bank = question.id in visit.services.bank.questions
    spent, budget = timedelta(seconds=slot.seconds), timedelta(seconds=line.budget_s)
    here = f"/interviews/{sitting.id}/{slot.number}"
    is_open = question.kind == "open" and slot.is_answered
    return LineView(
        number=slot.number,
        title=title(slot.entry, visit.lang),
        href=f"/{'code' if question.kind == 'code' else 'q'}/{question.id}" if in_bank else "",
        section=slot.section,
        mark=mark.state,
        mark_label=words.gettext(MARKS[mark.state]),
        score_label="" if mark.score in (None, 0.0, 1.0) else f"{mark.score:.0%}",
        time_label=left(spent),
        over_time=slot.seconds > line.budget_s,
        budget_label=left(budget),
        counts=line.counts,
        confidence_label=words.gettext(CONFIDENCE[slot.confidence]) if slot.confidence else None,
        card=replace(
            question_card(visit, slot, explained(visit, slot), None), report=_report_form(visit, sitting, slot)
        ),
        score_to=f"{here}/score" if is_open else None,
        points_given="points" in (slot.answer or {}),
        follow_ups=follow_ups(visit, slot) if is_open else [],
        submission=_graded(visit, connection, sitting, line),
        code=str((slot.answer or {}).get("code", "")) or None if question.kind == "code" else None,
        regrade_to=f"{here}/regrade" if mark.state == "broken" else None,
        remark=_remark(visit, slot),
    )


def _remark(visit: Visit, slot: Slot) -> str | None:
    if slot.regraded_at is None:
        return None
    told = N_("Marked anew on %(when)s: the key of this question was mended. The reasons below are still the old ones.")
    if slot.entry.question.kind == "code":  # the cases below are those of the mended question
        told = N_("Graded again on %(when)s, after the key of this question was mended.")
    return visit.words.gettext(told, when=wording.moment(slot.regraded_at, visit.zone, visit.words))


def _report_form(visit: Visit, sitting: Sitting, slot: Slot) -> ReportFormView | None:
    """Where to report the question as it was asked, unless it left the bank since."""
    now_there = visit.services.bank.questions.get(slot.entry.question.id)
    if now_there is None or not now_there.is_published:
        return None
    back = f"/interviews/{sitting.id}/report#q{slot.number}"
    return report_form(visit, slot.entry, slot.seed, back)


def _graded(visit: Visit, connection: Connection, sitting: Sitting, line: Line) -> SubmissionView | None:
    if line.slot.submission_id is None:
        return None
    row = coding.handed_in(connection, sitting.account_id, line.slot.submission_id)
    return submission_view(visit, connection, row) if row else None


def _waiting(visit: Visit, connection: Connection, came_to: Report) -> list[str]:
    """What the score still lacks."""
    words = visit.words
    told = []
    if came_to.to_score:
        told.append(
            words.ngettext(
                N_("%(n)s open answer waits for your scoring."),
                N_("%(n)s open answers wait for your scoring."),
                came_to.to_score,
            )
        )
    if came_to.grading:
        told.append(
            words.ngettext(
                N_("%(n)s solution is being graded."), N_("%(n)s solutions are being graded."), came_to.grading
            )
        )
        told += _wait(visit, connection, came_to)
    if came_to.broken:
        told.append(
            words.ngettext(
                N_("%(n)s solution could not be graded. That is our fault and does not count."),
                N_("%(n)s solutions could not be graded. That is our fault and does not count."),
                came_to.broken,
            )
        )
    return told


def _wait(visit: Visit, connection: Connection, came_to: Report) -> list[str]:
    """How long the last of the solutions is expected to wait; nothing while that can't be told."""
    ids = [line.mark.submission_id for line in came_to.lines if line.mark.state == "grading"]
    known = [visit.services.grading.progress(connection, submission_id) for submission_id in ids if submission_id]
    waits = [it.wait_s for it in known if isinstance(it, Queued) and it.wait_s is not None]
    if not waits:
        return []
    return [visit.words.gettext(N_("Others are graded too; about %(wait)s s to go."), wait=math.ceil(max(waits)))]


def _settings(visit: Visit, sitting: Sitting) -> list[str]:
    words = visit.words
    told = [minutes(sitting.blueprint.minutes * sitting.multiplier, words)]
    if sitting.multiplier != 1:
        told.append(words.gettext(N_("with extra time")))
    if sitting.realistic:
        told.append(words.gettext(N_("realistic")))
    return told


def _share(visit: Visit, label: str, share: Share) -> ShareView:
    detail = visit.words.ngettext(N_("%(n)s question"), N_("%(n)s questions"), share.questions)
    return ShareView(label, _percent(share.score), detail)


def _share_json(share: Share | None) -> dict[str, float | int] | None:
    return None if share is None else {"score": share.score, "questions": share.questions}


def _cell(share: Share | None) -> CellView:
    return CellView(None, 0) if share is None else CellView(_percent(share.score), share.questions)


def _percent(score: float) -> int:
    return round(100 * score)
