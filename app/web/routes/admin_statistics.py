"""Item statistics for those who keep the bank: the list with what looks suspicious first, one question, JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from app.accounts.models import Role
from app.authoring.reports import open_count
from app.bank.catalog import Entry
from app.bank.schema import KINDS
from app.errors import N_, NotFound
from app.stats.item_store import Item, item
from app.stats.items import FLAGS, Share
from app.web import wording
from app.web.pages import html
from app.web.routes.api import QuestionId, api_router
from app.web.services import Here, Visit
from app.web.statistics import FLAG_LABELS, item_row, item_view
from app.web.statistics_views import ColumnView, StatisticsView
from app.web.views import Choice

router = APIRouter(prefix="/admin/statistics", include_in_schema=False)
api = api_router("/api/admin")
PAGE_SIZE = 50
Filter = Annotated[str, Query(max_length=100)]
Line = tuple[Entry, Item]

# By column: its heading, and what is sorted by. What can't be told comes last either way.
SORTS: dict[str, tuple[str, Callable[[Line], float | None]]] = {
    "flags": (N_("Flags"), lambda line: float(len(FLAGS) - FLAGS.index(line[1].flags[0].name)) if line[1].flags else 0),
    "answers": (N_("Answers"), lambda line: float(line[1].figures.answers)),
    "learners": (N_("Learners"), lambda line: float(line[1].figures.first.total)),
    "first": (N_("Right at the first try"), lambda line: line[1].figures.first.value),
    "discrimination": (N_("Discrimination"), lambda line: line[1].figures.discrimination),
}


@router.get("")
def statistics(
    visit: Here,
    topic: Filter = "",
    kind: Filter = "",
    flag: Filter = "",
    sort: Annotated[str, Query(pattern="^-?(flags|answers|learners|first|discrimination)$")] = "-flags",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    visit.require(Role.editor)
    counted = visit.services.surveys.latest()
    bank = visit.services.bank
    lines = [
        (entry, it)
        for name, it in (counted.items if counted else {}).items()
        if (entry := bank.questions.get(name)) is not None
        and (not topic or entry.topic.id == topic)
        and (not kind or entry.question.kind == kind)
        and (not flag or any(raised.name == flag for raised in it.flags))
    ]
    filters = {"topic": topic, "kind": kind, "flag": flag, "sort": sort}
    pages = max(1, -(-len(lines) // PAGE_SIZE))
    page = min(page, pages)
    listed = _sorted(lines, sort)[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    gettext = visit.words.gettext
    view = StatisticsView(
        counted_label=wording.moment(counted.at, visit.zone, visit.words) if counted else None,
        topics=_choices(visit, ((it.id, it.title.in_(visit.lang)) for it in bank.topics.values()), topic, "All topics"),
        kinds=_choices(visit, ((it, wording.kind(it, visit.words)) for it in KINDS), kind, "All kinds"),
        flags=_choices(visit, ((it, gettext(FLAG_LABELS[it])) for it in FLAGS), flag, N_("Flagged or not")),
        sort=sort,
        columns=[_column(visit, name, filters) for name in SORTS],
        rows=[item_row(visit, entry, it) for entry, it in listed],
        total=len(lines),
        page=page,
        pages=pages,
        previous_href=_href(filters, page - 1) if page > 1 else None,
        next_href=_href(filters, page + 1) if page < pages else None,
    )
    return html(visit, "admin/statistics.html", view, active="admin")


@router.get("/{question_id}")
def show(visit: Here, question_id: str) -> Response:
    visit.require(Role.editor)
    entry, found, counted = _figures(visit, question_id)
    with visit.read() as connection:
        reported = open_count(connection, question_id)
    view = item_view(visit, entry, found, reported, counted)
    return html(visit, "admin/item.html", view, active="admin")


class ItemFlag(BaseModel):
    name: str
    option: int | None
    z: float | None


class RightOf(BaseModel):
    right: int
    total: int


class ItemFigures(BaseModel):
    """`options` counts answers by the option's index in the question's own order. Null is what can't be told.

    `by_language` are first tries by the language of the learner's account, `unknown` where none was chosen.
    """

    question: str
    version: str
    answers: int
    learners: int
    first_try: RightOf
    mean_score: float | None
    discrimination: float | None
    median_s: float | None
    p80_s: float | None
    options: list[int] | None
    option_answers: int
    retention: RightOf
    by_language: dict[str, RightOf]
    flags: list[ItemFlag]


@api.get("/statistics/{question_id}")
def item_statistics(visit: Here, question_id: QuestionId) -> ItemFigures:
    """What answers tell of one question, for those who keep the bank."""
    visit.require(Role.editor)
    entry, found, _ = _figures(visit, question_id)
    it = found.figures
    return ItemFigures(
        question=question_id,
        version=entry.hash,
        answers=it.answers,
        learners=it.first.total,
        first_try=_right_of(it.first),
        mean_score=it.mean_score,
        discrimination=it.discrimination,
        median_s=it.median_s,
        p80_s=it.p80_s,
        options=list(it.options) if it.options is not None else None,
        option_answers=it.option_answers,
        retention=_right_of(it.retention),
        by_language={lang or "unknown": _right_of(share) for lang, share in it.by_language.items()},
        flags=[ItemFlag(name=flag.name, option=flag.option, z=flag.z) for flag in found.flags],
    )


def _right_of(share: Share) -> RightOf:
    return RightOf.model_validate(asdict(share))


def _figures(visit: Visit, question_id: str) -> tuple[Entry, Item, bool]:
    """The question, its figures as they stand, and whether the other questions were counted yet."""
    entry = visit.services.bank.questions.get(question_id)
    if entry is None:
        raise NotFound(N_("There is no question with this name."))
    counted = visit.services.surveys.latest()
    with visit.read() as connection:
        return entry, item(connection, entry, counted.learners if counted else {}), counted is not None


def _sorted(lines: list[Line], sort: str) -> list[Line]:
    """By the column, then the most answered first."""
    key = SORTS[sort.removeprefix("-")][1]
    sign = -1 if sort.startswith("-") else 1

    def order(line: Line) -> tuple[bool, float, int]:
        value = key(line)
        return value is None, sign * (value or 0.0), -line[1].figures.answers

    return sorted(lines, key=order)


def _column(visit: Visit, name: str, filters: dict[str, str]) -> ColumnView:
    """The largest first, and the other way round on a second press."""
    sort = filters["sort"]
    goes = {f"-{name}": "descending", name: "ascending"}.get(sort, "")
    return ColumnView(
        visit.words.gettext(SORTS[name][0]),
        _href(filters | {"sort": name if sort == f"-{name}" else f"-{name}"}, 1),
        goes,
    )


def _choices(visit: Visit, values: Iterable[tuple[str, str]], selected: str, everything: str) -> list[Choice]:
    first = Choice("", visit.words.gettext(everything), not selected)
    return [first, *(Choice(value, name, value == selected) for value, name in values)]


def _href(filters: dict[str, str], page: int) -> str:
    chosen: dict[str, Any] = filters | {"page": page if page > 1 else ""}
    return "/admin/statistics?" + urlencode({name: value for name, value in chosen.items() if value})
