"""Every question, filtered and searched."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from app.bank.catalog import Entry
from app.bank.schema import KINDS
from app.errors import N_
from app.scheduling import store
from app.web import wording
from app.web.cards import question_row
from app.web.pages import html
from app.web.services import Here, Visit
from app.web.views import BrowseView, Choice

router = APIRouter(include_in_schema=False)
PAGE_SIZE = 50
Filter = Annotated[str, Query(max_length=100)]


@router.get("/browse")
def browse(
    visit: Here,
    q: Filter = "",
    area: Filter = "",
    topic: Filter = "",
    kind: Filter = "",
    difficulty: Annotated[str, Query(pattern="^[1-5]?$")] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    visit.require_learner()
    bank = visit.services.bank
    found: Iterable[Entry] = bank.search(q) if q.strip() else bank.published
    chosen = [
        entry
        for entry in found
        if entry.is_published
        and (not area or entry.area.id == area)
        and (not topic or entry.topic.id == topic)
        and (not kind or entry.question.kind == kind)
        and (not difficulty or entry.question.difficulty == int(difficulty))
    ]
    pages = max(1, -(-len(chosen) // PAGE_SIZE))
    page = min(page, pages)
    listed = chosen[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    with visit.read() as connection:
        states = store.states(connection, visit.me.id, [entry.question.id for entry in listed])
    filters = {"q": q, "area": area, "topic": topic, "kind": kind, "difficulty": difficulty}
    view = BrowseView(
        query=q,
        areas=_choices(visit, ((it.id, it.title.in_(visit.lang)) for it in bank.areas), area, N_("All areas")),
        topics=_choices(visit, _topic_titles(visit, area), topic, N_("All topics")),
        kinds=_choices(visit, ((it, wording.kind(it, visit.words)) for it in KINDS), kind, N_("All kinds")),
        difficulties=_choices(visit, ((str(n), str(n)) for n in range(1, 6)), difficulty, N_("Any difficulty")),
        rows=[question_row(visit, entry, states.get(entry.question.id)) for entry in listed],
        total=len(chosen),
        page=page,
        pages=pages,
        previous_href=_href(filters, page - 1) if page > 1 else None,
        next_href=_href(filters, page + 1) if page < pages else None,
    )
    return html(visit, "browse/_rows.html" if visit.is_fragment else "browse/page.html", view, active="browse")


def _topic_titles(visit: Visit, area: str) -> Iterable[tuple[str, str]]:
    with_questions = {entry.topic.id for entry in visit.services.bank.published}
    for it in visit.services.bank.topics.values():
        if it.id in with_questions and (not area or it.area == area):
            yield it.id, it.title.in_(visit.lang)


def _choices(visit: Visit, values: Iterable[tuple[str, str]], selected: str, everything: str) -> list[Choice]:
    first = Choice("", visit.words.gettext(everything), not selected)
    return [first, *(Choice(value, label, value == selected) for value, label in values)]


def _href(filters: dict[str, str], page: int) -> str:
    return "/browse?" + urlencode({name: value for name, value in (filters | {"page": str(page)}).items() if value})
