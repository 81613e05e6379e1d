"""The pages of item statistics with everything on them, for the templates' tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.bank.schema import Lang
from app.web.statistics_views import ColumnView, FigureView, FlagView, ItemRow, ItemView, OptionBar, StatisticsView
from app.web.views import Choice

TITLE: dict[Lang, str] = {"en": "Output size of a convolution", "zh": "卷积的输出尺寸"}
FLAG: dict[Lang, str] = {"en": "Key looks wrong", "zh": "答案可能有误"}


def pages(lang: Lang) -> Iterator[tuple[str, str, object, str]]:
    """(name, template, view, active tab) of each."""
    yield "statistics", "admin/statistics.html", statistics(lang), "admin"
    yield "statistics-empty", "admin/statistics.html", replace(statistics(lang), rows=[], pages=1), "admin"
    yield "statistics-counting", "admin/statistics.html", replace(statistics(lang), counted_label=None), "admin"
    yield "statistics-item", "admin/item.html", item(lang), "admin"
    bare = replace(item(lang), flags=[], options=[], languages=[], in_list=True)
    yield "statistics-item-bare", "admin/item.html", bare, "admin"


def statistics(lang: Lang) -> StatisticsView:
    title, flag = TITLE[lang], FLAG[lang]
    choices = [Choice("a", title, True), Choice("b", flag, False)]
    columns = [ColumnView(flag, "/admin/statistics?sort=flags", it) for it in ("descending", "ascending", "", "", "")]
    row = ItemRow("iou", title, title, flag, 120, 40, "12%", "−0.20", [flag, flag])
    ends = ("/admin/statistics", "/admin/statistics?page=3")
    return StatisticsView("12:00", choices, choices, choices, "-flags", columns, [row], 120, 2, 3, *ends)


def item(lang: Lang) -> ItemView:
    title, flag = TITLE[lang], FLAG[lang]
    options = [OptionBar(title, True, 3, 10), OptionBar("<b>7</b>", False, 27, 90)]
    figures = [FigureView(flag, "12%")]
    return ItemView(
        "iou", title, title, flag, [FlagView(flag, title, title)], figures, options, 30, 2, figures, 3, False
    )
