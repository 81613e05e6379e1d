"""The pages of a question's history, with everything on them."""

from __future__ import annotations

from collections.abc import Iterator

from app.authoring.comparing import compare
from app.bank.schema import Lang
from app.web.history_views import BlameLine, BlameView, DiffView, HistoryView, RevisionView, WaivedView
from app.web.views import Choice

OLD = "id: iou\nkind: code\nprompt:\n  en: two boxes\n  zh: 两个框\nminutes: 1\n"
NEW = "id: iou\nkind: code\nprompt:\n  en: two big boxes\n  zh: 两个大框\ntags: [a]\nminutes: 1\n"


def pages(lang: Lang) -> Iterator[tuple[str, str, object, str]]:
    both = [Choice("2", "2", selected=True), Choice("1", "1", selected=False)]
    revisions = [
        RevisionView(2, "2026", "ada", "…", "…", "…", is_live=True, gate="…", waived=[WaivedView("…", "…")],
                     memories="…", can_restore=False),
        RevisionView(1, "2026", "bob", "…", "", "…", is_live=False, gate=None, waived=[], memories=None,
                     can_restore=True),
    ]  # fmt: skip
    whole = HistoryView("iou", 2, is_conflict=True, is_retired=True, revisions=revisions, choices=both)
    yield "history", "admin/history/page.html", whole, "admin"
    topics = statuses = ("a", "b")
    diff = DiffView("iou", 1, 2, both, both, compare(OLD, NEW), both, lang, topics, statuses)
    yield "history-diff", "admin/history/diff.html", diff, "admin"
    same = DiffView("iou", 1, 2, both, both, [], both, lang, None, None)
    yield "history-diff-none", "admin/history/diff.html", same, "admin"
    lines = [
        BlameLine(1, "id: iou", 1, "ada", "2026", begins=True),
        BlameLine(2, "kind: code", 1, "ada", "2026", begins=False),
    ]
    yield "history-blame", "admin/history/blame.html", BlameView("iou", lines), "admin"
