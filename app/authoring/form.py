"""What the form of choice questions gives away: the length of the right option, absolute words, how many are right.

Figures by area and for the bank, and findings where one passes its bound. Three guesses by length alone are tried: the
longest option, the shortest, and one between them, which wins where authors took care that neither end is right. The
bounds leave room for chance: in an area of twenty questions a share near 1/4 has a standard deviation of 10 points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.authoring.findings import at
from app.bank.catalog import Bank, Entry
from app.bank.findings import Finding
from app.bank.markup import prose, to_text
from app.bank.schema import LANGS, ChoiceBase, Lang, MultiChoice, SingleChoice
from app.languages import phrase

OPTIONS = {"single-choice": (4, 5), "multi-choice": (4, 6)}
BY_FAR = 1.5  # times the next: seen at a glance
LENGTH_BOUND = 0.10  # above what chance gives
ABSOLUTE_BOUND = 0.10  # for the bank, with some two hundred such options; a wider one for an area
ABSOLUTE_AREA_BOUND = 0.20
RIGHT_BOUND = 0.15  # either way from the bank's share of right options in multi-choice questions
ENOUGH_QUESTIONS = 20
ENOUGH_OPTIONS = 40
ABSOLUTES = {
    "en": re.compile(
        r"\b(?:always|never|only|all|any|every|must|none|cannot|can't|entirely|completely|impossible|guarantee[sd]?"
        r"|regardless)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"总是|总会|总能|从不|从来|永远|绝不|绝对|只(?![要剩占差])|仅|一定|必须|必然|必定|所有|全部|任何|完全|不可能|无论|保证|唯一|始终|一律"
    ),
}


@dataclass(frozen=True)
class Form:
    """Figures of one language in one area, or in the bank (`area` None). Shares are from 0 to 1.

    Of `single` single-choice questions, how often the right option is strictly the `longest` or the `shortest`, and how
    often a guess `between` them is right; `chance` is what any guess would give. How many of the `absolutes`, options
    with such a word, are wrong (`absolute_wrong`), and how many would be by their questions' own mix
    (`absolute_chance`). How many of `multi` options of multi-choice questions are `right`.
    """

    area: str | None
    lang: Lang
    single: int
    longest: float
    shortest: float
    between: float
    chance: float
    absolutes: int
    absolute_wrong: float
    absolute_chance: float
    multi: int
    right: float

    def __str__(self) -> str:
        lengths = (self.longest, self.shortest, self.between, self.chance)
        return _row(
            f"{self.area or 'all areas'} {self.lang}",
            (self.single, *(f"{share:.0%}" for share in lengths)),
            (self.absolutes, f"{self.absolute_wrong:.0%}", f"{self.absolute_chance:.0%}"),
            (self.multi, f"{self.right:.0%}"),
        )


def _row(name: str, *groups: tuple[object, ...]) -> str:
    return f"{name:36}" + " |".join("".join(f"{cell:>9}" for cell in group) for group in groups)


HEADING = _row(
    "right options",
    ("single", "longest", "shortest", "between", "chance"),
    ("absolute", "wrong", "chance"),
    ("multi", "right"),
)


def forms(bank: Bank) -> list[Form]:
    """The bank's figures, then each area's, by language."""
    choices = [(entry.area.id, it) for entry in bank.published if isinstance(it := entry.question, ChoiceBase)]
    made = []
    for area in (None, *(area.id for area in bank.areas)):
        mine = [question for name, question in choices if area in (None, name)]
        made += [_form(area, lang, mine) for lang in LANGS if mine]
    return made


def _form(area: str | None, lang: Lang, questions: Sequence[ChoiceBase]) -> Form:
    single = [question for question in questions if isinstance(question, SingleChoice)]
    lengths = [_lengths(question, lang) for question in single]
    absolutes = [
        (not option.correct, sum(not other.correct for other in question.options) / len(question.options))
        for question in questions
        for option in question.options
        if ABSOLUTES[lang].search(prose(option.text.in_(lang)))
    ]
    multi = [it.correct for question in questions if isinstance(question, MultiChoice) for it in question.options]
    return Form(
        area=area,
        lang=lang,
        single=len(single),
        longest=_share([right > max(wrong) for right, wrong in lengths]),
        shortest=_share([right < min(wrong) for right, wrong in lengths]),
        between=_share([_won_between(right, wrong) for right, wrong in lengths]),
        chance=_share([1 / len(question.options) for question in single]),
        absolutes=len(absolutes),
        absolute_wrong=_share([is_wrong for is_wrong, _ in absolutes]),
        absolute_chance=_share([chance for _, chance in absolutes]),
        multi=len(multi),
        right=_share(multi),
    )


def _lengths(question: ChoiceBase, lang: Lang) -> tuple[int, list[int]]:
    """Visible characters of the (first) right option, and of the wrong ones."""
    lengths = [(option.correct, len(to_text(option.text.in_(lang)))) for option in question.options]
    right = next(length for correct, length in lengths if correct)
    return right, [length for correct, length in lengths if not correct]


def _won_between(right: int, wrong: list[int]) -> float:
    """How often a draw among the options that are neither strictly longest nor strictly shortest is right."""
    lengths = [right, *wrong]
    ends = {end for end in (min(lengths), max(lengths)) if lengths.count(end) == 1}
    between = sum(length not in ends for length in lengths)
    return 0.0 if right in ends else 1 / between


def _share(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def form_findings(entries: Sequence[Entry], figures: Sequence[Form]) -> Iterator[Finding]:
    """What is wrong with single questions of `entries`, and with the areas that these belong to."""
    chosen = [entry for entry in entries if entry.is_published and isinstance(entry.question, ChoiceBase)]
    for entry in chosen:
        yield from _of_question(entry)
    areas = {entry.area.id for entry in chosen}
    for form in figures:
        if form.area is None or form.area in areas:
            yield from _of_area(form, figures, chosen)


def _of_question(entry: Entry) -> Iterator[Finding]:
    question = entry.question
    if not isinstance(question, ChoiceBase):
        return
    low, high = OPTIONS[question.kind]
    if not low <= len(question.options) <= high:
        message = phrase("%(count)s options", count=len(question.options))
        yield at(
            entry,
            ("options",),
            message,
            phrase("a %(kind)s question has %(low)s to %(high)s", kind=question.kind, low=low, high=high),
        )
    if not isinstance(question, SingleChoice):
        return
    index = next(index for index, option in enumerate(question.options) if option.correct)
    for lang in LANGS:
        right, wrong = _lengths(question, lang)
        place = ("options", index, "text", lang)
        if right > BY_FAR * max(wrong):
            message = phrase(
                "the right option has %(right)s characters, the next longest %(wrong)s: its length gives it away",
                right=right,
                wrong=max(wrong),
            )
            yield at(entry, place, message, phrase("shorten it, or say more in a wrong one"))
        if right * BY_FAR < min(wrong):
            message = phrase(
                "the right option has %(right)s characters, the next shortest %(wrong)s: its length gives it away",
                right=right,
                wrong=min(wrong),
            )
            yield at(entry, place, message, phrase("say more in it, or shorten a wrong one"))


def _of_area(form: Form, figures: Sequence[Form], chosen: Sequence[Entry]) -> Iterator[Finding]:
    """Told at the area's first question: no single one is to blame."""
    entry = next((it for it in chosen if form.area in (None, it.area.id)), None)
    if entry is None:  # none of the area's choice questions is among those that are checked
        return
    of = phrase("%(area)s, '%(lang)s'", area=form.area or phrase("the whole bank"), lang=form.lang)
    guesses = {
        phrase("the longest"): form.longest,
        phrase("the shortest"): form.shortest,
        phrase("one between these"): form.between,
    }
    for guess, share in guesses.items():
        if form.single >= ENOUGH_QUESTIONS and share > form.chance + LENGTH_BOUND:
            message = phrase(
                "%(of)s: of the options of %(single)s single-choice questions %(guess)s is right in %(share)s",
                of=of,
                single=form.single,
                guess=guess,
                share=f"{share:.0%}",
            )
            yield at(
                entry, (), message, phrase("even the lengths out: chance gives %(chance)s", chance=f"{form.chance:.0%}")
            )
    bound = ABSOLUTE_AREA_BOUND if form.area else ABSOLUTE_BOUND
    if form.absolutes >= ENOUGH_QUESTIONS and form.absolute_wrong > form.absolute_chance + bound:
        message = phrase(
            "%(of)s: %(absolute_wrong)s of %(absolutes)s options with 'always', 'only', … are wrong",
            of=of,
            absolute_wrong=f"{form.absolute_wrong:.0%}",
            absolutes=form.absolutes,
        )
        yield at(
            entry,
            (),
            message,
            phrase("reword some; chance gives %(absolute_chance)s", absolute_chance=f"{form.absolute_chance:.0%}"),
        )
    whole = figures[0].right
    if form.lang == "en" and form.multi >= ENOUGH_OPTIONS and abs(form.right - whole) > RIGHT_BOUND:
        message = phrase(
            "%(of)s: %(right)s of %(multi)s options of multi-choice questions are right",
            of=of,
            right=f"{form.right:.0%}",
            multi=form.multi,
        )
        yield at(entry, (), message, phrase("come nearer to the bank's %(whole)s", whole=f"{whole:.0%}"))
