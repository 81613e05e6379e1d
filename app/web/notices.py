"""Notices in the learner's words. A kind or parameter that is not known here is told in general words, no error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from babel.dates import format_date

from app.accounts.notices import Told
from app.bank.present import title
from app.errors import N_
from app.scheduling.days import zone_info
from app.web import wording
from app.web.services import Visit
from app.web.views import NoticesView, NoticeView

AT_HOME = 3
ANSWERED = {
    "mended": N_("You reported a problem with this question, and it was mended. Thank you."),
    "not-a-fault": N_("You reported a problem with this question. It was looked into, and no fault was found."),
    "duplicate": N_("You reported a problem with this question. It was known already. Thank you."),
}
LOOKED_INTO = N_("You reported a problem with this question. It was looked into.")
REGRADED = {
    (False, True): N_("The key of this question was mended. %(answer)s now counts as right."),
    (True, False): N_("The key of this question was mended. %(answer)s now counts as wrong."),
    (True, True): N_("The key of this question was mended. %(answer)s still counts as right."),
    (False, False): N_("The key of this question was mended. %(answer)s still counts as wrong."),
}
SCORED_ANEW = N_("The key of this question was mended. %(answer)s was scored anew.")
ANYTHING = N_("There is news about this question.")


def notices_view(visit: Visit, told: Sequence[Told], back: str, most: int | None = None) -> NoticesView:
    """The first `most` of them, or all."""
    listed = told[:most]
    return NoticesView(
        notices=[notice_view(visit, it) for it in listed],
        more=len(told) - len(listed),
        unseen=sum(it.seen_at is None for it in told),
        newest=max((it.id for it in told), default=0),
        back=back,
    )


def notice_view(visit: Visit, told: Told) -> NoticeView:
    entry = visit.services.bank.questions.get(told.question_id or "")
    name = told.question_id
    reply = told.params.get("reply")
    return NoticeView(
        id=told.id,
        text=_text(visit, told),
        reply=reply if isinstance(reply, str) and reply else None,
        when_label=wording.moment(told.created_at, visit.zone, visit.words),
        title=title(entry, visit.lang) if entry else name,
        href=f"/q/{name}" if entry and entry.is_published else None,
        seen=told.seen_at is not None,
    )


def _text(visit: Visit, told: Told) -> str:
    gettext, params = visit.words.gettext, told.params
    match told.kind:
        case "report-answered":
            return gettext(ANSWERED.get(str(params.get("outcome")), LOOKED_INTO))
        case "regraded":
            was, now = params.get("was_correct"), params.get("is_correct")
            known = isinstance(was, bool) and isinstance(now, bool)
            return gettext(REGRADED[bool(was), bool(now)] if known else SCORED_ANEW, answer=_answer(visit, params))
        case _:
            return gettext(ANYTHING)


def _answer(visit: Visit, params: Mapping[str, Any]) -> str:
    """Which answer it was, to begin a sentence with."""
    gettext = visit.words.gettext
    day = _day(visit, params.get("answered_at"))
    if params.get("interview_id") is not None:
        return (
            gettext(N_("Your answer in the mock interview of %(day)s"), day=day)
            if day
            else gettext(N_("Your answer in a mock interview"))
        )
    return gettext(N_("Your answer of %(day)s"), day=day) if day else gettext(N_("Your answer"))


def _day(visit: Visit, answered_at: object) -> str | None:
    """The date on the learner's wall clock."""
    try:
        at = datetime.fromisoformat(str(answered_at))
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return format_date(at.astimezone(zone_info(visit.zone)).date(), "long", locale=visit.words.lang)
