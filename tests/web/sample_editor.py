"""The editor's pages with everything on them, for the templates' tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import sample_forms
import sample_views

from app.authoring.merge import compared, merge3
from app.bank.findings import Finding, near
from app.bank.schema import Lang
from app.languages import NOTHING, phrase
from app.web.editor_help import examples
from app.web.editor_views import (
    ChangedField,
    CheckView,
    ConflictView,
    EditView,
    GateView,
    NewView,
    PreviewView,
    PublishView,
    WaivableView,
    check_view,
)
from app.web.form_views import form_view
from app.web.i18n import words
from app.web.views import CardView, Choice, ExampleView

FINDINGS = [
    Finding(
        Path(),
        3,
        1,
        phrase("%(noun)s %(number)s", noun=phrase("option"), number=2),
        phrase("'%(name)s' is missing", name="why.zh"),
        phrase("add the Chinese text"),
    ),
    Finding(
        Path(), 9, 4, NOTHING, phrase("unknown field '%(name)s'", name="dificulty"), near("dificulty", ["difficulty"])
    ),
]
HOSTILE = '</textarea><script>alert(1)</script><img src=x onerror="alert(2)">'


def pages(lang: Lang) -> Iterator[tuple[str, str, object, str]]:
    """(name, template, view, active tab) of each."""
    yield "editor-edit", "admin/editor/edit.html", edit_view(lang), "admin"
    form = sample_forms.shown(sample_forms.of_every_kind()["ordering"].replace('en: "Order', 'en: "order'), lang)
    yield "editor-edit-form", "admin/editor/edit.html", replace(edit_view(lang), form=form), "admin"
    yield "editor-findings", "admin/editor/_findings.html", CheckView([]), ""
    form = form_view(sample_forms.of_every_kind()["single-choice"], sample_forms.TOPIC, (), words(lang))
    by_form = replace(edit_view(lang), form=form, check=check_view(words(lang), FINDINGS, by_line=False))
    yield "editor-edit-form", "admin/editor/edit.html", by_form, "admin"
    yield "editor-new", "admin/editor/new.html", new_view(lang), "admin"
    yield "editor-copy", "admin/editor/new.html", replace(new_view(lang), copied_from="iou-parts"), "admin"
    for name, gate in gates(lang).items():
        yield f"editor-gate-{name}", "admin/editor/_gate.html", gate, ""
        yield f"editor-publish-{name}", "admin/editor/publish.html", publish_view(gate, lang), "admin"
    yield "editor-conflict", "admin/editor/conflict.html", conflict_view(), "admin"
    card = sample_views.cards(lang)["single-2"]
    yield "editor-preview", "admin/editor/preview.html", PreviewView("iou-parts", lang, "dark", "wrong", card), ""
    code = sample_views.code_views(lang)["solved"]
    card = CardView(0, code.question, is_new=True, flagged=False)
    solved = PreviewView("iou", lang, "auto", "answer", card, code.revealed, ["<p>1</p>"])
    yield "editor-preview-code", "admin/editor/preview.html", solved, ""
    wrong = replace(solved, side="wrong", revealed=None, hints_html=[], wrong_code=HOSTILE, submission=code.submission)
    yield "editor-preview-wrong-code", "admin/editor/preview.html", replace(wrong, picks=picks()), ""
    yield "editor-preview-not-run", "admin/editor/preview.html", replace(wrong, submission=None), ""
    example = ExampleView(HOSTILE, "[1]", "<svg></svg>")
    asked = PreviewView("iou", lang, "auto", "question", card, example=example)
    yield "editor-preview-example", "admin/editor/preview.html", asked, ""
    broken = PreviewView("iou-parts", lang, "auto", "question", None, check=check_view(words(lang), FINDINGS))
    yield "editor-preview-broken", "admin/editor/preview.html", broken, ""


def picks() -> list[Choice]:
    return [Choice("option-1", HOSTILE, selected=False), Choice("option-3", "B", selected=False)]


def edit_view(lang: Lang) -> EditView:
    return EditView(
        question_id="iou-parts",
        topic_id="iou",
        topic_title="IoU",
        status_label="草稿" if lang == "zh" else "Draft",
        base_number=2,
        head_number=3,
        is_published=True,
        is_stale=True,
        draft_label="2026-03-02 09:00",
        yaml=f"id: iou-parts\nprompt: {HOSTILE}\n",
        note=HOSTILE,
        max_bytes=1000,
        check=check_view(words(lang), FINDINGS),
        examples=examples(lang),
        picks=picks(),
        saved_number=3,
        refusal=HOSTILE,
    )


def conflict_view() -> ConflictView:
    base, mine, theirs = f"a\n{HOSTILE}\n", "a\nmine\n", "a\ntheirs\n"
    merged = merge3(base, mine, theirs)
    return ConflictView(
        question_id="iou-parts",
        author=HOSTILE,
        when_label="2026-03-02 09:00",
        their_note=HOSTILE,
        base_number=1,
        head_number=2,
        mine=mine,
        theirs=theirs,
        base=base,
        lines=compared(theirs, mine),
        merged=merged.text,
        conflicts=merged.conflicts,
        action="draft",
        note=HOSTILE,
    )


def gates(lang: Lang) -> dict[str, GateView]:
    shown = check_view(words(lang), FINDINGS).findings
    found = [WaivableView("k1", shown[0], True, False, HOSTILE), WaivableView("k2", shown[1], False, True)]
    return {
        "unasked": GateView(None, True, "", [], False, False),
        "running": GateView(7, False, "mutants 3/9", [], False, False, "/admin/questions/iou-parts/publish/gate?run=7"),
        "passed": GateView(7, True, "", [], True, True),
        "broken": GateView(7, True, "…", [], False, False),
        "found": GateView(7, True, "", found, False, True),
    }


def publish_view(gate: GateView, lang: Lang) -> PublishView:
    return PublishView(
        question_id="iou-parts",
        number=3,
        is_new=False,
        nothing_new=False,
        fields=[ChangedField("prompt", True), ChangedField("explanation", False)],
        learners=12,
        regraded=3,
        sent=2,
        proposal="reset",
        note=HOSTILE,
        check=check_view(words(lang), FINDINGS),
        gate=gate,
        taken_away=[HOSTILE],
        refusal=HOSTILE,
        own_draft=True,
    )


def new_view(lang: Lang) -> NewView:
    choice = Choice("iou", "IoU", selected=True)
    return NewView(HOSTILE, [choice], [choice], [choice], HOSTILE, may_add_topics=True)
