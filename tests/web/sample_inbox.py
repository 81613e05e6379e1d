"""The pages of reports and notices with everything on them, for the templates' tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from app.bank.catalog import Bank
from app.bank.loader import load_bank
from app.bank.present import present, reveal
from app.bank.schema import KINDS, Lang
from app.settings import ROOT
from app.web import views as v
from app.web.report_views import (
    AnsweredView,
    InboxView,
    ReportedQuestion,
    ReportPageView,
    ReportRow,
    ReportView,
    SeenQuestion,
)

HOSTILE = "\n<script>alert(1)</script></textarea>"
WORDS: dict[str, dict[Lang, str]] = {
    "title": {"en": "Output size of a convolution", "zh": "卷积的输出尺寸"},
    "about": {"en": "The answer looks wrong", "zh": "答案似乎有误"},
    "when": {"en": "Nov 12, 2026", "zh": "2026年11月12日"},
    "error": {"en": "Say in a few words what is wrong.", "zh": "请简单说明哪里不对。"},
    "notice": {"en": "You reported a problem.", "zh": "你反馈的题目问题已经修正。"},
}


def pages(lang: Lang) -> Iterator[tuple[str, str, object, str]]:
    """(name, template, view, active tab) of each."""
    form = report_form(lang)
    yield "report-form", "reports/_form.html", form, ""
    yield "report-sent-part", "reports/_sent.html", None, ""
    title = WORDS["title"][lang]
    yield "report-page", "reports/page.html", ReportPageView(title, "iou", "/practice/3", form, False), "browse"
    yield "report-sent", "reports/page.html", ReportPageView(title, "iou", "/practice/3", None, True), "browse"
    yield "notices", "home/notices.html", notices(lang), "home"
    yield "notices-none", "home/notices.html", v.NoticesView([], 0, 0, 0, "/notices"), "home"
    yield "inbox", "admin/reports.html", inbox(lang), "admin"
    yield "inbox-empty", "admin/reports.html", replace(inbox(lang), rows=[], by_question=[], total=0, pages=1), "admin"
    for kind in KINDS:
        yield f"inbox-report-{kind}", "admin/report.html", report(lang, kind), "admin"
    closed = AnsweredView(WORDS["when"][lang], "ada", {"en": "Mended", "zh": "已修正"}[lang], HOSTILE)
    yield "inbox-report-closed", "admin/report.html", replace(report(lang), answered=closed, in_bank=False), "admin"
    yield "inbox-report-gone", "admin/report.html", replace(report(lang), seen=None, reporter=None), "admin"


def report_form(lang: Lang) -> v.ReportFormView:
    abouts = [v.Choice("key", WORDS["about"][lang], True)]
    return v.ReportFormView(
        "iou", "/q/iou/report", "0" * 32, 7, lang, abouts, HOSTILE, WORDS["error"][lang], "/practice/3", 2000
    )


def notices(lang: Lang) -> v.NoticesView:
    text, title, when = (WORDS[name][lang] for name in ("notice", "title", "when"))
    new = v.NoticeView(2, text, HOSTILE, when, title, "/q/iou", False)
    old = v.NoticeView(1, text, None, when, "gone-question", None, True)
    return v.NoticesView([new, replace(new, id=3), old], 4, 2, 3, "/")


def inbox(lang: Lang) -> InboxView:
    title, about, when = (WORDS[name][lang] for name in ("title", "about", "when"))
    row = ReportRow(5, "iou", title, title, about, HOSTILE, lang, when, about)
    choices = [v.Choice("open", about, True), v.Choice("closed", title, False)]
    grouped = [ReportedQuestion(title, 3, "/admin/reports?question=iou")]
    return InboxView(
        choices, choices, choices, None, "", [row], grouped, 120, 2, 3, "/admin/reports", "/admin/reports?page=3"
    )


@cache
def bank() -> Bank:
    return load_bank(ROOT / "questions", None)[0]


@cache
def seen_question(lang: Lang, kind: str) -> SeenQuestion:
    entry = next(entry for entry in bank().published if entry.question.kind == kind)
    return SeenQuestion(present(entry, lang, 7), reveal(entry, lang, 7), False)


def report(lang: Lang, kind: str = "single-choice") -> ReportView:
    seen = seen_question(lang, kind)
    return ReportView(
        id=5,
        question_id=seen.shown.id,
        title=WORDS["title"][lang],
        in_bank=True,
        about_label=WORDS["about"][lang],
        text=HOSTILE,
        reporter="<b>eve</b>",
        when_label=WORDS["when"][lang],
        lang=lang,
        lang_label={"en": "English", "zh": "中文"}[lang],
        seed=7,
        version="abcdef01",
        seen=seen,
        others=2,
        answered=None,
        outcomes=[v.Choice("mended", WORDS["about"][lang], True)],
        reply=HOSTILE,
        error=WORDS["error"][lang],
        most=2000,
    )
