"""Views of one card: the question as shown, and what is said after it was answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.bank import markup
from app.bank.catalog import Entry
from app.bank.present import present, reveal, title
from app.bank.variants import draw, fill
from app.errors import N_
from app.grading.answers import grade_answer
from app.grading.outcome import Outcome
from app.practice.sessions import SCHEDULE, Turn, card_key, outcome_of
from app.scheduling.schedule import Memory, preview
from app.scheduling.store import CardRow
from app.web import wording
from app.web.reporting import report_form
from app.web.services import Visit
from app.web.views import CardView, FeedbackView, MemoryView, PartView, PastReview, QuestionRow, RatingView


def card(visit: Visit, entry: Entry, turn: Turn, error: str | None = None) -> CardView:
    """The card of a session's turn, with its feedback once it is answered."""
    said = notice = None
    if turn.answer is not None and entry.question.kind != "code":
        if (outcome := outcome_of(entry, turn)) is None:
            notice = visit.words.gettext(N_("This question was changed after you answered it. Answer it once more."))
        else:
            shown = ratings(visit, turn.memory, turn.card_id, turn.suggested_rating)
            said = feedback(visit, entry, turn.seed, outcome, shown, turn.answer)
    return CardView(
        card_id=turn.card_id,
        question=present(entry, visit.lang, turn.seed),
        is_new=turn.memory is None,
        flagged=turn.flagged,
        feedback=said,
        given={} if notice else turn.answer or {},
        error=error,
        notice=notice,
        report=report_form(visit, entry, turn.seed, f"/practice/{turn.session_id}") if said else None,
    )


def tried(
    visit: Visit, entry: Entry, seed: int, given: Mapping[str, Any] | None, error: str | None, flagged: bool
) -> CardView:
    """The card on the question's own page, where trying it leaves the schedule alone."""
    said = None
    if given is not None and error is None:
        said = feedback(visit, entry, seed, grade_answer(entry.question, seed, given), [], given)
    return CardView(
        card_id=0,
        question=present(entry, visit.lang, seed),
        is_new=False,
        flagged=flagged,
        feedback=said,
        given=dict(given or {}),
        error=error,
        report=report_form(visit, entry, seed, f"/q/{entry.question.id}"),
    )


def ratings(visit: Visit, memory: Memory | None, card_id: int, suggested: int | None) -> list[RatingView]:
    """The four buttons with what each would do."""
    previews = preview(memory, visit.now, visit.zone, SCHEDULE, card_key(card_id))
    return [
        RatingView(
            value=int(rating),
            label=visit.words.gettext(wording.RATINGS[int(rating)]),
            interval_label=wording.interval(it, visit.words),
            suggested=int(rating) == suggested,
        )
        for rating, it in previews.items()
    ]


def feedback(
    visit: Visit, entry: Entry, seed: int, outcome: Outcome, buttons: list[RatingView], given: Mapping[str, Any]
) -> FeedbackView:
    """What is said of an answer, with its rating buttons."""
    awaiting = entry.question.kind == "open" and outcome.correct is None
    return FeedbackView(
        correct=outcome.correct,
        score_label=_score(outcome),
        verdict_label=visit.words.gettext(_verdict(outcome)) if outcome.correct is not None else "",
        note=outcome.note.in_(visit.lang) if outcome.note else None,
        parts=parts(visit, entry, seed, outcome),
        revealed=reveal(entry, visit.lang, seed),
        ratings=[] if awaiting else buttons,
        awaiting_rubric=awaiting,
        points=list(given.get("points") or []),
    )


def parts(visit: Visit, entry: Entry, seed: int, outcome: Outcome) -> dict[str, PartView]:
    """What became of each option, blank, place or side, by key."""
    names = draw(entry.question, seed) if entry.question.kind == "numeric" else {}
    shown: dict[str, PartView] = {}
    for part in outcome.parts:
        why = part.why.in_(visit.lang) if part.why else None
        why_html = markup.to_html(fill(why, names) if names else why) if why else None
        shown[part.key] = PartView(part.key, part.given, part.expected, part.right, why_html)
    return shown


def _score(outcome: Outcome) -> str | None:
    if outcome.correct is None or outcome.score in (0.0, 1.0):
        return None
    return f"{outcome.score:.0%}"


def _verdict(outcome: Outcome) -> str:
    if outcome.correct:
        return wording.RIGHT
    return wording.PARTLY if outcome.score > 0 else wording.WRONG


def memory_view(visit: Visit, row: CardRow, past: list[PastReview], recall: float) -> MemoryView | None:
    """What is remembered of a card, for the person who wants to know."""
    memory = row.memory
    if memory is None:
        return None
    words = visit.words
    return MemoryView(
        state_label=words.gettext(wording.STATES[memory.state]),
        due_label=wording.due(memory.due_at, visit.now, visit.zone, words),
        stability_label=wording.days(round(memory.stability_days), words),
        difficulty_label=f"{memory.difficulty:.1f} / 10",
        recall_label=f"{recall:.0%}",
        reps=memory.reps,
        lapses=memory.lapses,
        leech=row.leech,
        history=past,
    )


def question_row(visit: Visit, entry: Entry, row: CardRow | None) -> QuestionRow:
    """One line of a list of questions."""
    question = entry.question
    return QuestionRow(
        id=question.id,
        href=f"/code/{question.id}" if question.kind == "code" else f"/q/{question.id}",
        title=title(entry, visit.lang),
        area_title=entry.area.title.in_(visit.lang),
        topic_title=entry.topic.title.in_(visit.lang),
        kind=question.kind,
        kind_label=wording.kind(question.kind, visit.words),
        difficulty=question.difficulty,
        minutes=question.minutes,
        state_label=wording.state(
            row.memory if row else None, bool(row and row.suspended), visit.now, visit.zone, visit.words
        ),
    )
