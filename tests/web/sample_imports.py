"""The pages of an import, with everything on them."""

from __future__ import annotations

from collections.abc import Iterator

from app.bank.schema import Lang
from app.web.import_views import CandidateView, ColumnField, ColumnsView, DryRunView, ImportView, Source
from app.web.views import Choice


def pages(lang: Lang) -> Iterator[tuple[str, str, object, str]]:
    del lang
    both = [Choice("yaml", "…", selected=True), Choice("apkg", "…", selected=False)]
    yield "import", "admin/import/page.html", ImportView(both, both, "…"), "admin"
    source = Source("flashcard", "iou", "cards.csv", "a,b\n</textarea>,2\n", {"prompt-en": "0"})
    fields = [ColumnField("prompt-en", "…", both), ColumnField("prompt-zh", "…", both)]
    columns = ColumnsView(source, "UTF-8", "…", ("a", "b"), [("<b>", "2")], 1, fields)
    yield "import-columns", "admin/import/columns.html", columns, "admin"
    sound = [CandidateView(2, "iou-one", "…", [])]
    failing = [CandidateView(3, "", "…", ["…", "<i>"])]
    for by_row in (True, False):
        view = DryRunView(source, by_row=by_row, sound=sound, failing=failing, left_out=["…"])
        yield f"import-check-{by_row}", "admin/import/check.html", view, "admin"
