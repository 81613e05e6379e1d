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
from app.grading.specimens import right_answer, wrong_answer
from app.grading.verdict import BrokenQuestion
from app.languages import NOTHING, phrase
from app.web.cards import tried
from app.web.editor_forms import Look
from app.web.editor_views import PreviewView, check_view
from app.web.services import Visit
from app.web.views import CardView


def preview(visit: Visit, question_id: str, single: Single, look: Look) -> PreviewView:
    """What the text shows under `look`; its faults where it shows nothing. `visit` speaks the preview's language."""
    view = PreviewView(
        question_id, look.lang, look.theme, look.side, card=None, check=check_view(visit.words, single.findings)
    )
    if single.entry is None:
        return view
    try:
        return _shown(visit, single.entry, look, view)
    except (NoDraw, ExpressionError, BrokenQuestion, MalformedAnswer) as error:
        told = phrase("%(why)s", why=error.message) if isinstance(error, MalformedAnswer) else error.told
        fault = Finding(Path(), 1, 1, NOTHING, told, phrase("mend the expressions"))
        return replace(view, check=check_view(visit.words, [*single.findings, fault]))


def _shown(visit: Visit, entry: Entry, look: Look, view: PreviewView) -> PreviewView:
    question = entry.question
    if isinstance(question, Code):
        card = CardView(0, present(entry, look.lang, look.seed), is_new=True, flagged=False)
        if look.side == "question":
            return replace(view, card=card)
        hints = [hint_html(entry, number, look.lang) for number in range(len(question.hints))]
        return replace(view, card=card, revealed=reveal(entry, look.lang, look.seed), hints_html=hints)
    given = None
    if look.side == "answer":
        given = right_answer(question, look.seed, look.lang)
    elif look.side == "wrong":
        given = wrong_answer(question, look.seed, look.lang, look.pick)
    return replace(view, card=tried(visit, entry, look.seed, given, None, flagged=False))
