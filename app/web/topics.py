"""Views of topics: how each stands with the learner, in a mark and a word, and why one is to be studied next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from app.bank.schema import Topic
from app.errors import N_
from app.practice.path import BuildsOn, GoOn, Missed, NeededBy, Opens, Path, Reason, Step
from app.practice.standing import Standing
from app.web.i18n import Words
from app.web.services import Visit
from app.web.views import StandingView, StepView, TopicLink

STEPS = 3  # suggested at once: a choice, not a list

# In the order in which the legend tells them: (name, what it means).
STANDINGS = {
    Standing.learnt: (
        N_("Learnt"),
        N_("At least two thirds of its questions are in long-term memory, and you would recall 85% or more today."),
    ),
    Standing.begun: (N_("Begun"), N_("You have answered some of it; nothing of it is due.")),
    Standing.due: (N_("Due now"), N_("A question of it is due.")),
    Standing.weak: (
        N_("Weak"),
        N_(
            "You missed a third of what you answered, or a coding question, and have not recovered; "
            "or less than 70% of it would come back today."
        ),
    ),
    Standing.not_yet: (N_("Not yet"), N_("You have answered none of its questions.")),
}


def standing_view(visit: Visit, standing: Standing) -> StandingView:
    name, meaning = STANDINGS[standing]
    return StandingView(standing.value, visit.words.gettext(name), visit.words.gettext(meaning))


def topic_link(visit: Visit, path: Path, topic: Topic) -> TopicLink:
    return TopicLink(topic.id, topic.title.in_(visit.lang), standing_view(visit, path.state(topic.id).standing))


def topic_links(visit: Visit, path: Path, topics: Iterable[str]) -> list[TopicLink]:
    return [topic_link(visit, path, visit.services.bank.topics[topic]) for topic in topics]


def step_views(visit: Visit, steps: Iterable[Step]) -> list[StepView]:
    bank = visit.services.bank
    titles = {topic.id: topic.title.in_(visit.lang) for topic in bank.topics.values()}
    return [StepView(step.topic, titles[step.topic], _because(step.reason, titles, visit.words)) for step in steps]


def _because(reason: Reason, titles: dict[str, str], words: Words) -> str:
    match reason:
        case Missed(missed=0):
            return words.gettext(N_("what you knew here is fading"))
        case Missed():
            return words.gettext(N_("you missed %(missed)s of %(seen)s here"), missed=reason.missed, seen=reason.seen)
        case NeededBy():
            return words.gettext(N_("“%(topic)s” needs it, and there you are weak"), topic=titles[reason.topic])
        case GoOn():
            return words.gettext(
                N_("%(seen)s of %(questions)s answered so far"), seen=reason.seen, questions=reason.questions
            )
        case BuildsOn():
            return words.gettext(_BUILDS_ON.get(reason.standing, _NEEDS), topic=titles[reason.topic])
        case Opens(topics=0):
            return words.gettext(N_("a topic by itself"))
        case Opens():
            return words.ngettext(N_("opens %(n)s topic"), N_("opens %(n)s topics"), reason.topics)
    assert_never(reason)


_NEEDS = N_("needs “%(topic)s”")
_BUILDS_ON = {
    Standing.learnt: N_("needs “%(topic)s”, which you know"),
    Standing.due: N_("needs “%(topic)s”, which you have begun"),
    Standing.begun: N_("needs “%(topic)s”, which you have begun"),
}
