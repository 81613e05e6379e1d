"""The form for an interview of one's own: quick questions, open ones, code; made into a blueprint."""

from __future__ import annotations

from pydantic import ValidationError
from starlette.datastructures import FormData

from app.bank.schema import Text
from app.bank.schema.blueprint import AskedKind, Blueprint, Feedback, Pause, Section
from app.errors import N_, Invalid
from app.web.answer_forms import text, texts, whole
from app.web.interview_list import multipliers
from app.web.interview_views import OwnSectionView, OwnView
from app.web.services import Visit
from app.web.views import Choice

QUICK: tuple[AskedKind, ...] = ("single-choice", "multi-choice", "numeric", "cloze", "ordering", "matching")
PARTS: dict[str, tuple[Text, tuple[AskedKind, ...], int, int]] = {  # title, kinds, usual count and minutes
    "quick": (Text(en="Quick questions", zh="快问快答"), QUICK, 10, 15),
    "open": (Text(en="Explain", zh="原理口述"), ("open",), 2, 12),
    "code": (Text(en="Write the code", zh="手写代码"), ("code",), 1, 20),
}
TITLE = Text(en="Your own interview", zh="自选面试")
FEEDBACKS: dict[Feedback, str] = {
    "end": N_("at the end"),
    "immediate": N_("after each answer, explained"),
    "verdict": N_("after each answer, right or wrong only"),
}
PAUSE_MINUTES = 5.0


def own_blueprint(visit: Visit, form: FormData) -> Blueprint:
    """What the form asks for; Invalid if that makes no interview."""
    areas = {name: 1.0 for name in texts(form, "area") if name in {area.id for area in visit.services.bank.areas}}
    levels = [whole(level, "level", 1, 5) for level in texts(form, "level")]
    sections = []
    for name, (title, kinds, _, _) in PARTS.items():
        count = whole(text(form, f"{name}_count") or "0", f"{name}_count", 0, 40)
        minutes = whole(text(form, f"{name}_minutes") or "0", f"{name}_minutes", 0, 180)
        if count and not minutes:
            raise Invalid(N_("Give every part that you ask for its minutes."))
        if count:
            sections.append(
                Section(
                    title=title, minutes=float(minutes), count=count, kinds=kinds, topics=areas, levels=tuple(levels)
                )
            )
    if not sections:
        raise Invalid(N_("Ask for one question at least."))
    pauses = whole(text(form, "pauses") or "0", "pauses", 0, 5)
    given = text(form, "feedback") or "end"
    feedback = next((name for name in FEEDBACKS if name == given), None)
    if feedback is None:
        raise Invalid(N_("The feedback is one of the offered ones."))
    try:
        return Blueprint(
            id="own",
            title=TITLE,
            summary=TITLE,
            minutes=sum(section.minutes for section in sections),
            reading_minutes=float(whole(text(form, "reading") or "0", "reading", 0, 30)),
            feedback=feedback,
            realistic="realistic" in form,
            pause=Pause(times=pauses, minutes=PAUSE_MINUTES) if pauses else None,
            sections=tuple(sections),
        )
    except ValidationError:
        raise Invalid(N_("An interview has 60 questions and 240 minutes at the most.")) from None


def own_page(visit: Visit, form: FormData | None, notice: str | None = None) -> OwnView:
    """The form, with what was entered before."""
    gettext, lang = visit.words.gettext, visit.lang

    def entered(name: str, usual: str) -> str:
        return usual if form is None else text(form, name)

    def number(name: str, usual: int) -> int:
        value = entered(name, str(usual))
        return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else usual

    def chosen(name: str, value: str, usual: bool) -> bool:
        return usual if form is None else value in texts(form, name)

    return OwnView(
        parts=[
            OwnSectionView(name, title.in_(lang), number(f"{name}_count", count), number(f"{name}_minutes", minutes))
            for name, (title, _, count, minutes) in PARTS.items()
        ],
        areas=[
            Choice(area.id, area.title.in_(lang), chosen("area", area.id, usual=False))
            for area in visit.services.bank.areas
        ],
        levels=[Choice(str(level), str(level), chosen("level", str(level), usual=False)) for level in range(1, 6)],
        feedbacks=[
            Choice(name, gettext(label), entered("feedback", "end") == name) for name, label in FEEDBACKS.items()
        ],
        reading=number("reading", 0),
        pauses=number("pauses", 0),
        multipliers=multipliers(visit, 1.0),
        realistic=chosen("realistic", "true", usual=False),
        notice=notice,
    )
