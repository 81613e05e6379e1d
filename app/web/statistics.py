"""Views of item statistics: rows of the list, one question's figures, flags in words."""

from __future__ import annotations

from app.bank.catalog import Entry
from app.bank.markup import to_text
from app.bank.present import title
from app.bank.schema import ChoiceBase
from app.errors import N_
from app.stats import items
from app.stats.item_store import Item
from app.stats.items import Figures, Flag, FlagName, Share
from app.web import wording
from app.web.i18n import NAMES
from app.web.services import Visit
from app.web.statistics_views import FigureView, FlagView, ItemRow, ItemView, OptionBar

UNKNOWN = "–"
FLAG_LABELS: dict[FlagName, str] = {
    "key": N_("Key looks wrong"),
    "translation": N_("Translation differs"),
    "unused-option": N_("Option nobody takes"),
    "too-easy": N_("Too easy"),
}
WHY: dict[FlagName, str] = {
    "key": N_("Told from %(least)s learners on. Where the best go wrong together, the key is to blame more often."),
    "translation": N_(
        "Told from %(least)s learners of each language on; by chance alone it comes once in 400 questions."
    ),
    "unused-option": N_("Told from %(least)s answers on. An option that nobody believes only makes guessing easier."),
    "too-easy": N_("Told from %(least)s learners on. Such a question hardly tells who knows."),
}
LEAST: dict[FlagName, int] = {
    "key": items.KEY_LEARNERS,
    "translation": items.LANGUAGE_LEARNERS,
    "unused-option": items.UNUSED_ANSWERS,
    "too-easy": items.EASY_LEARNERS,
}


def item_row(visit: Visit, entry: Entry, item: Item) -> ItemRow:
    found = item.figures
    return ItemRow(
        id=entry.question.id,
        title=title(entry, visit.lang),
        topic_title=entry.topic.title.in_(visit.lang),
        kind_label=wording.kind(entry.question.kind, visit.words),
        answers=found.answers,
        learners=found.first.total,
        first_label=_percent(found.first),
        discrimination_label=_two(found.discrimination),
        flags=[visit.words.gettext(FLAG_LABELS[name]) for name in dict.fromkeys(flag.name for flag in item.flags)],
    )


def item_view(visit: Visit, entry: Entry, item: Item, open_reports: int, counted: bool) -> ItemView:
    found, gettext = item.figures, visit.words.gettext
    question = entry.question
    is_choice = isinstance(question, ChoiceBase)
    return ItemView(
        id=question.id,
        title=title(entry, visit.lang),
        topic_title=entry.topic.title.in_(visit.lang),
        kind_label=wording.kind(question.kind, visit.words),
        flags=[_flag(visit, entry, found, flag) for flag in item.flags],
        figures=[
            FigureView(gettext(N_("Answers")), str(found.answers)),
            FigureView(gettext(N_("Learners")), str(found.first.total)),
            FigureView(gettext(N_("Right at the first try")), _percent(found.first)),
            FigureView(gettext(N_("Mean score")), _two(found.mean_score)),
            FigureView(gettext(N_("Discrimination")), _two(found.discrimination)),
            FigureView(gettext(N_("Median time")), _seconds(found.median_s)),
            FigureView(gettext(N_("Four in five within")), _seconds(found.p80_s)),
            FigureView(gettext(N_("Remembered after a day or more")), _percent(found.retention, with_total=True)),
        ],
        options=_bars(visit, question, found) if isinstance(question, ChoiceBase) else [],
        option_answers=found.option_answers,
        untold=found.answers - found.option_answers if is_choice else 0,
        languages=[
            FigureView(NAMES[it] if it in NAMES else gettext(N_("Not chosen")), _percent(share, with_total=True))
            for it, share in sorted(found.by_language.items(), key=lambda pair: pair[0] or "~")
        ],
        open_reports=open_reports,
        in_list=counted,
    )


def _flag(visit: Visit, entry: Entry, found: Figures, flag: Flag) -> FlagView:
    gettext = visit.words.gettext
    match flag.name:
        case "key" if flag.option is not None and found.best:
            reason = gettext(
                N_("Only %(first)s are right at the first try, and %(share)s of the best learners chose: %(option)s"),
                first=_percent(found.first),
                share=f"{found.best[1]:.0%}",
                option=option_text(visit, entry, flag.option),
            )
        case "key":
            reason = gettext(
                N_("The discrimination is %(value)s: who is good at other questions is more often wrong here."),
                value=_two(found.discrimination),
            )
        case "translation":
            reason = gettext(
                N_("Right at the first try: %(en)s in English, %(zh)s in Chinese (z = %(z)s)."),
                en=_percent(found.by_language["en"], with_total=True),
                zh=_percent(found.by_language["zh"], with_total=True),
                z=f"{flag.z or 0:.1f}",
            )
        case "unused-option":
            count = found.options[flag.option] if found.options and flag.option is not None else 0
            reason = gettext(
                N_("%(count)s of %(total)s answers chose: %(option)s"),
                count=count,
                total=found.option_answers,
                option=option_text(visit, entry, flag.option or 0),
            )
        case "too-easy":
            reason = gettext(
                N_("%(right)s of %(total)s learners are right at the first try."),
                right=found.first.right,
                total=found.first.total,
            )
    why = gettext(WHY[flag.name], least=LEAST[flag.name])
    return FlagView(gettext(FLAG_LABELS[flag.name]), reason, why)


def option_text(visit: Visit, entry: Entry, index: int) -> str:
    question = entry.question
    return to_text(question.options[index].text.in_(visit.lang)) if isinstance(question, ChoiceBase) else ""


def _bars(visit: Visit, question: ChoiceBase, found: Figures) -> list[OptionBar]:
    counts = found.options or (0,) * len(question.options)
    total = found.option_answers or 1
    return [
        OptionBar(to_text(option.text.in_(visit.lang)), option.correct, count, round(100 * count / total))
        for option, count in zip(question.options, counts, strict=True)
    ]


def _percent(share: Share, *, with_total: bool = False) -> str:
    if share.value is None:
        return UNKNOWN
    return f"{share.value:.0%} ({share.right}/{share.total})" if with_total else f"{share.value:.0%}"


def _two(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f}".replace("-", "−")


def _seconds(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.0f} s"
