"""The keepers' list of questions, with everything on it."""

from __future__ import annotations

from collections.abc import Iterator

from app.bank.schema import Lang
from app.web.admin_list_views import AdminListView, AdminRow, SortLink
from app.web.bulk_views import BulkView, ChangeView, RefusedView
from app.web.views import Choice

TITLES: dict[Lang, str] = {"en": "Two boxes touch. Their IoU?", "zh": "两个框相接，IoU 是多少？"}
TOPICS: dict[Lang, str] = {"en": "IoU", "zh": "交并比"}


def pages(lang: Lang) -> Iterator[tuple[str, str, object, str]]:
    view = list_sample(lang)
    yield "admin-list", "admin/questions/page.html", view, "admin"
    yield "admin-list-rows", "admin/questions/_rows.html", view, "admin"
    yield "admin-bulk", "admin/questions/bulk.html", bulk_sample(lang), "admin"
    nothing = AdminListView(
        "zzz", "", "", [], [], [], [], [], [], [], [], [], {"q": "zzz"}, [], total=0, page=1, pages=1,
        previous_href=None, next_href=None,
    )  # fmt: skip
    yield "admin-list-empty", "admin/questions/page.html", nothing, "admin"


def list_sample(lang: Lang) -> AdminListView:
    one = [Choice("", "…", selected=True), Choice("iou", TOPICS[lang], selected=False)]
    return AdminListView(
        query="iou",
        tag="boxes",
        sort="-changed",
        tags=["boxes", "numpy"],
        areas=one,
        topics=one,
        kinds=one,
        difficulties=one,
        statuses=one,
        sorts=[SortLink("a", "/admin/questions?sort=a", "ascending"), SortLink("b", "/admin/questions", "descending")],
        all_topics=one[1:],
        next_statuses=one[1:],
        wanted={"q": "iou", "tag": "boxes", "sort": "-changed"},
        rows=[
            AdminRow("iou-one", TITLES[lang], TOPICS[lang], "…", 2, ["boxes"], "published", "…", "…", is_conflict=True,
                     changed_label="2026", author="ada", number=3, try_href="/q/iou-one"),
            AdminRow("iou-two", "iou-two", "iou", "", 0, [], "draft", "…", None, is_conflict=False,
                     changed_label="2026", author=None, number=1, try_href=None),
            AdminRow("iou-three", TITLES[lang], TOPICS[lang], "…", 5, [], "retired", "…", None, is_conflict=False,
                     changed_label=None, author=None, number=None, try_href=None),
        ],
        total=120,
        page=2,
        pages=3,
        previous_href="/admin/questions",
        next_href="/admin/questions?page=3",
    )  # fmt: skip


def bulk_sample(lang: Lang) -> BulkView:
    return BulkView(
        heading="…",
        notice="…",
        action="add-tag",
        value="boxes",
        chosen="iou-one:3 iou-two:1",
        changes=[ChangeView("iou-one", TITLES[lang], "", "boxes"), ChangeView("iou-two", TITLES[lang], "numpy", "")],
        refused=[RefusedView("iou-three", "…")],
        seen_at_once=1,
        withdrawn=2,
        taken_away=["…"],
    )
