"""Home: what is due, how many minutes, Start."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter, Response

from app.accounts import notices
from app.interview.store import unmarked
from app.practice import sessions
from app.practice.today import Choice, minutes, today
from app.scheduling import store
from app.web import wording
from app.web.notices import AT_HOME, notices_view
from app.web.pages import html
from app.web.services import Here
from app.web.topics import STEPS, step_views
from app.web.views import HomeView, OpenSession, TopicDue

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(visit: Here) -> Response:
    with visit.read() as connection:
        services = visit.services
        now_due = today(connection, services.bank, visit.person, Choice(), visit.now, services.available)
        left = sessions.open_session(connection, services.bank, visit.me.id, visit.now)
        interview = next(iter(unmarked(connection, visit.me.id)), None)
        next_due = store.next_due_at(connection, visit.me.id)
        told = notices.unseen(connection, visit.me.id)
    names = now_due.question_ids()
    met = set(now_due.question_of.values())
    due = Counter(services.bank.questions[name].topic.id for name in names if name in met)
    new = Counter(services.bank.questions[name].topic.id for name in names if name not in met)
    topics = [services.bank.topics[name] for name in services.bank.topics if name in due or name in new]
    view = HomeView(
        due=due.total(),
        new=new.total(),
        minutes=minutes(services.bank, names),
        done_today=now_due.answered,
        topics=[
            TopicDue(
                it.id,
                it.title.in_(visit.lang),
                services.bank.area(it.area).title.in_(visit.lang),
                due[it.id],
                new[it.id],
            )
            for it in topics
        ],
        session=OpenSession(left.id, len(left.rated), left.total) if left else None,
        next_due_label=wording.due(next_due, visit.now, visit.zone, visit.words) if next_due else None,
        steps=step_views(visit, now_due.path.steps(STEPS)),
        interview_href=f"/interviews/{interview}" if interview else None,
        notices=notices_view(visit, told, "/", AT_HOME) if told else None,
    )
    return html(visit, "home/page.html", view, active="home")
