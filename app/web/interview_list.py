"""Views outside a sitting: what there is to choose from, what came before, and the rules of one interview."""

from __future__ import annotations

from sqlalchemy import Connection

from app.bank.schema.blueprint import Blueprint
from app.errors import N_, Invalid
from app.interview import history
from app.interview.sittings import MULTIPLIERS
from app.interview.store import open_sitting
from app.web import wording
from app.web.interview_views import BriefView, InterviewsView, OpenView, PastView
from app.web.interviews import blueprint_view, left, rules, section_views
from app.web.services import Visit
from app.web.views import Choice

SHOWN = 50  # sittings of the past


def interviews_page(visit: Visit, connection: Connection) -> InterviewsView:
    services = visit.services
    now = visit.steady_now
    sitting = open_sitting(connection, services.bank, visit.me.id, now)
    return InterviewsView(
        under_way=OpenView(
            sitting.id, sitting.blueprint.title.in_(visit.lang), left(sitting.whole_deadline - sitting.now)
        )
        if sitting
        else None,
        blueprints=[blueprint_view(visit, it) for it in services.blueprints.values()],
        past=[_past(visit, it) for it in history.past(connection, services.bank, visit.me.id, SHOWN, now)],
    )


def brief(visit: Visit, blueprint: Blueprint, notice: str | None = None) -> BriefView:
    return BriefView(
        blueprint=blueprint_view(visit, blueprint),
        sections=section_views(visit, blueprint),
        rules=rules(visit, blueprint),
        multipliers=multipliers(visit, 1.0),
        realistic=blueprint.realistic,
        notice=notice,
    )


def multipliers(visit: Visit, chosen: float) -> list[Choice]:
    gettext = visit.words.gettext
    return [
        Choice(
            f"{factor:g}",
            gettext(N_("none"))
            if factor == 1
            else gettext(N_("%(percent)s%% more"), percent=round(factor * 100) - 100),
            factor == chosen,
        )
        for factor in MULTIPLIERS
    ]


def _extra(visit: Visit, factor: float) -> str:
    if factor == 1:
        return visit.words.gettext(N_("none"))
    return visit.words.gettext(N_("%(percent)s%% more"), percent=round(factor * 100) - 100)


def multiplier(chosen: str) -> float:
    """The factor that a form names."""
    for factor in MULTIPLIERS:
        if chosen == f"{factor:g}":
            return factor
    raise Invalid(N_("The extra time is one of the offered ones."))


def _past(visit: Visit, it: history.Past) -> PastView:
    gettext = visit.words.gettext
    waiting = None
    if it.grading:
        waiting = gettext(N_("being graded"))
    elif it.to_score:
        waiting = visit.words.ngettext(N_("%(n)s answer to score"), N_("%(n)s answers to score"), it.to_score)
    return PastView(
        id=it.id,
        title=it.title.in_(visit.lang),
        when_label=wording.moment(it.started_at, visit.zone, visit.words),
        score_label=None if it.score is None else f"{it.score:.0%}",
        waiting_label=waiting,
    )
