"""Labels: intervals, dates, kinds, verdicts, states, worded in the learner's language."""

from __future__ import annotations

from datetime import datetime, timedelta

from babel.dates import format_date, format_datetime, format_time

from app.accounts.models import Role
from app.errors import N_
from app.scheduling.days import zone_info
from app.scheduling.schedule import Memory, Preview, State
from app.web.i18n import Words

KINDS = {
    "flashcard": N_("Flashcard"),
    "single-choice": N_("Single choice"),
    "multi-choice": N_("Multiple choice"),
    "numeric": N_("Number"),
    "cloze": N_("Fill in the blanks"),
    "ordering": N_("Ordering"),
    "matching": N_("Matching"),
    "open": N_("Open question"),
    "code": N_("Code"),
}
RATINGS = {1: N_("Again"), 2: N_("Hard"), 3: N_("Good"), 4: N_("Easy")}
RIGHT, PARTLY, WRONG = N_("Correct"), N_("Partly correct"), N_("Not correct")
STATES = {
    State.new: N_("New"),
    State.learning: N_("Learning"),
    State.review: N_("In review"),
    State.relearning: N_("Relearning"),
}
VERDICTS = {
    "accepted": N_("Accepted"),
    "wrong_answer": N_("Wrong answer"),
    "runtime_error": N_("Runtime error"),
    "compile_error": N_("Compile error"),
    "time_limit": N_("Time limit exceeded"),
    "memory_limit": N_("Memory limit exceeded"),
    "output_limit": N_("Output limit exceeded"),
    "forbidden": N_("Forbidden"),
    "internal_error": N_("Our fault, not yours"),
}


ROLES = {Role.learner: N_("learner"), Role.editor: N_("editor"), Role.admin: N_("admin")}


def role(role_: Role, words: Words) -> str:
    """What somebody may do, in a word."""
    return words.gettext(ROLES[role_])


def kind(name: str, words: Words) -> str:
    return words.gettext(KINDS[name])


def verdict(name: str, words: Words) -> str:
    return words.gettext(VERDICTS[name])


def interval(preview: Preview, words: Words) -> str:
    """What a rating button promises: `10 min`, `4 d`, `2.5 mo`, `1.2 y`."""
    amount = f"{preview.amount:.0f}" if preview.unit in ("minutes", "days") else f"{preview.amount:g}"
    match preview.unit:
        case "minutes":
            return words.gettext(N_("%(amount)s min"), amount=amount)
        case "days":
            return words.gettext(N_("%(amount)s d"), amount=amount)
        case "months":
            return words.gettext(N_("%(amount)s mo"), amount=amount)
        case "years":
            return words.gettext(N_("%(amount)s y"), amount=amount)


def days(count: int, words: Words) -> str:
    return words.ngettext(N_("%(n)s day"), N_("%(n)s days"), count)


def moment(at: datetime, zone: str, words: Words) -> str:
    """A date and time on the learner's wall clock."""
    return format_datetime(at, "medium", tzinfo=zone_info(zone), locale=words.lang)


def time_of_day(at: datetime, zone: str, words: Words) -> str:
    """To the second, on the learner's wall clock."""
    return format_time(at.astimezone(zone_info(zone)), "medium", tzinfo=zone_info(zone), locale=words.lang)


def due(at: datetime, now: datetime, zone: str, words: Words) -> str:
    """When something comes due, as near as a person wants it: now, a time today, tomorrow, or a date."""
    info = zone_info(zone)
    local, today = at.astimezone(info), now.astimezone(info).date()
    if at <= now:
        return words.gettext(N_("now"))
    if local.date() == today:
        return words.gettext(N_("today at %(time)s"), time=format_time(at, "short", tzinfo=info, locale=words.lang))
    if local.date() == today + timedelta(days=1):
        return words.gettext(N_("tomorrow"))
    return format_date(local.date(), "medium", locale=words.lang)


def state(memory: Memory | None, suspended: bool, now: datetime, zone: str, words: Words) -> str:
    """One phrase on where a question stands with the learner."""
    if suspended:
        return words.gettext(N_("Suspended"))
    if memory is None:
        return words.gettext(N_("New"))
    return words.gettext(N_("Due %(when)s"), when=due(memory.due_at, now, zone, words))


def milliseconds(value: float) -> str:
    return f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"
