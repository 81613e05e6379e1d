"""The topic map, and a page for each topic: how it stands, its questions, what comes before and after it."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Path as InPath

from app.bank.schema import Area
from app.errors import N_, NotFound
from app.practice.path import Path
from app.practice.standing import Standing
from app.practice.today import path_of, syllabus
from app.scheduling import store
from app.web import wording
from app.web.cards import question_row
from app.web.pages import html
from app.web.services import Here, Visit
from app.web.topics import STANDINGS, STEPS, standing_view, step_views, topic_link, topic_links
from app.web.views import AreaView, TopicsView, TopicView

router = APIRouter(prefix="/topics", include_in_schema=False)


@router.get("")
def topics(visit: Here) -> Response:
    bank = visit.services.bank
    with visit.read() as connection:
        path = path_of(connection, bank, visit.person, visit.now, visit.services.available)
    steps = path.steps(STEPS)
    suggested = {bank.topics[step.topic].area for step in steps}
    view = TopicsView(
        areas=[_area(visit, path, area, is_open=area.id in suggested) for area in bank.areas],
        steps=step_views(visit, steps),
        legend=[standing_view(visit, standing) for standing in STANDINGS],
    )
    return html(visit, "topics/page.html", view, active="topics")


@router.get("/{topic_id}")
def topic(visit: Here, topic_id: Annotated[str, InPath(max_length=80)]) -> Response:
    visit.require_learner()
    bank = visit.services.bank
    if topic_id not in bank.topics:
        raise NotFound(N_("There is no such topic."))
    entries = [entry for entry in bank.of_topic(topic_id) if entry.is_published]
    with visit.read() as connection:
        path = path_of(connection, bank, visit.person, visit.now, visit.services.available)
        cards = store.states(connection, visit.me.id, [entry.question.id for entry in entries])
    it, state = bank.topics[topic_id], path.state(topic_id)
    before, after = path.syllabus.requires[topic_id], path.syllabus.followers[topic_id]
    waiting = [card.memory.due_at for card in cards.values() if card.memory and not card.suspended]
    view = TopicView(
        topic=topic_link(visit, path, it),
        area=it.area,
        area_title=bank.area(it.area).title.in_(visit.lang),
        state=state,
        recall_label=f"{state.recall:.0%}" if state.seen else None,
        next_due_label=wording.due(min(waiting), visit.now, visit.zone, visit.words) if waiting else None,
        before=topic_links(visit, path, before),
        after=topic_links(visit, path, after),
        rows=[question_row(visit, entry, cards.get(entry.question.id)) for entry in entries],
        steps=step_views(visit, path.steps(STEPS, near={*before, *after}, but=topic_id)),
    )
    return html(visit, "topics/topic.html", view, active="topics")


def _area(visit: Visit, path: Path, area: Area, *, is_open: bool) -> AreaView:
    """The area's topics in the order of learning."""
    bank = visit.services.bank
    names = [name for name in syllabus(bank).rank if bank.topics[name].area == area.id]
    count = Counter(path.state(name).standing for name in names)
    return AreaView(
        id=area.id,
        title=area.title.in_(visit.lang),
        topics=topic_links(visit, path, names),
        learnt=count[Standing.learnt],
        due=count[Standing.due],
        weak=count[Standing.weak],
        is_open=is_open,
    )
