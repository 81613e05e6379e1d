"""A question's text as a learner would see it: before answering, after a right answer, after a wrong one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.authoring.single import Single
from app.bank.catalog import Entry
from app.bank.expressions import ExpressionError
from app.bank.findings import Finding
from app.bank.present import hint_html, present, reveal
from app.bank.schema import Code
from app.bank.variants import NoDraw
from app.grading.outcome import MalformedAnswer
from app.grading.specimens import WrongAnswer, right_answer, wrong_answers
from app.grading.verdict import BrokenQuestion
from app.languages import NOTHING, phrase
from app.web.cards import tried
from app.web.editor_forms import Look
from app.web.editor_views import PreviewView, check_view
from app.web.services import Visit
from app.web.submissions import tried_view
from app.web.views import CardView, Choice, ExampleView

FAULTS = (NoDraw, ExpressionError, BrokenQuestion, MalformedAnswer)


def preview(visit: Visit, question_id: str, single: Single, look: Look) -> PreviewView:
    """What the text shows under `look`; its faults where it shows nothing. `visit` speaks the preview's language."""
    view = PreviewView(
        question_id, look.lang, look.theme, look.side, card=None, check=check_view(visit.words, single.findings)
    )
    if single.entry is None:
        return view
    try:
        return _shown(visit, single.entry, look, view)
    except FAULTS as error:
        told = phrase("%(why)s", why=error.message) if isinstance(error, MalformedAnswer) else error.told
        fault = Finding(Path(), 1, 1, NOTHING, told, phrase("mend the expressions"))
        return replace(view, check=check_view(visit.words, [*single.findings, fault]))


def picks(visit: Visit, single: Single, look: Look) -> list[Choice]:
    """The wrong answers that can be looked at, by what they say; none where the text can't be shown."""
    try:
        return _choices(visit, _wrong(single.entry, look)) if single.entry else []
    except FAULTS:
        return []


def _shown(visit: Visit, entry: Entry, look: Look, view: PreviewView) -> PreviewView:
    question = entry.question
    wrong = _wrong(entry, look)
    picked = next((it for it in wrong if it.key == look.pick), wrong[0] if wrong else None)
    view = replace(view, picks=_choices(visit, wrong))
    if isinstance(question, Code):
        return _code_shown(visit, entry, question, look, view, picked)
    given = None
    if look.side == "answer":
        given = right_answer(question, look.seed, look.lang)
    elif look.side == "wrong":
        given = picked.given if picked else {}
    return replace(view, card=tried(visit, entry, look.seed, given, None, flagged=False))


def _code_shown(
    visit: Visit, entry: Entry, question: Code, look: Look, view: PreviewView, picked: WrongAnswer | None
) -> PreviewView:
    view = replace(view, card=CardView(0, present(entry, look.lang, look.seed), is_new=True, flagged=False))
    if look.side == "wrong" and picked:
        code = next(it.code for it in question.wrong if f"solution-{it.name}" == picked.key)
        report = visit.services.grading.tried(question, picked.key.removeprefix("solution-"), look.seed)
        shown = tried_view(visit, report, code) if report else None
        return replace(view, wrong_code=code, submission=shown)
    drawn = visit.services.grading.example(question)
    if drawn:
        title = drawn.title.in_(look.lang) if drawn.title else ""
        view = replace(view, example=ExampleView(title, drawn.args, drawn.picture.in_(look.lang)))
    if look.side == "question":
        return view
    hints = [hint_html(entry, number, look.lang) for number in range(len(question.hints))]
    return replace(view, revealed=reveal(entry, look.lang, look.seed), hints_html=hints)


def _wrong(entry: Entry, look: Look) -> list[WrongAnswer]:
    return wrong_answers(entry.question, look.seed, look.lang)


def _choices(visit: Visit, wrong: list[WrongAnswer]) -> list[Choice]:
    return [Choice(it.key, it.says.in_(visit.lang), selected=False) for it in wrong]
