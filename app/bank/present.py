"""What a learner sees of a question: before answering without any answer in it, and after answering with all of it.

Keys are what is shown: options, items and right sides are `A`, `B`, … in shown order, left sides `1`, `2`, ….
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import assert_never

from app.bank import markup
from app.bank.catalog import Entry
from app.bank.figures import figure_html
from app.bank.schema import (
    BLANK,
    Blank,
    ChoiceBase,
    Cloze,
    Code,
    Figure,
    Flashcard,
    FollowUp,
    Lang,
    Matching,
    MultiChoice,
    Numeric,
    Open,
    Ordering,
    SingleChoice,
    Text,
    Tolerance,
)
from app.bank.shown import (
    Asked,
    CodeTask,
    Drawn,
    Keyed,
    Presented,
    Revealed,
    RevealedBlank,
    RevealedItem,
    RevealedOption,
    RevealedPair,
    RubricLine,
    Segment,
)
from app.bank.variants import draw, fill, letter, plain, shown_items, shown_options, shown_rights

__all__ = ["Presented", "Revealed", "as_title", "hint_html", "present", "reveal", "title"]

TITLE_LENGTH = 120


def present(entry: Entry, lang: Lang, seed: int) -> Presented:
    """The question as shown for a seed, without anything that gives its answer away."""
    question = entry.question
    prompt = _prompt(entry, lang, seed)
    head = Presented(
        id=question.id,
        kind=question.kind,
        area=entry.area.id,
        area_title=entry.area.title.in_(lang),
        topic=entry.topic.id,
        topic_title=entry.topic.title.in_(lang),
        difficulty=question.difficulty,
        minutes=question.minutes,
        lang=lang,
        seed=seed,
        title=as_title(prompt),
        prompt_html=markup.to_html(prompt),
        figure=_drawn(question.figure, lang) if not isinstance(question, Code) else None,
    )
    return head.model_copy(update=_shown(entry, lang, seed, head.prompt_html))


def title(entry: Entry, lang: Lang, seed: int = 0) -> str:
    """The title alone, for lists."""
    return as_title(_prompt(entry, lang, seed))


def _prompt(entry: Entry, lang: Lang, seed: int) -> str:
    question = entry.question
    prompt = question.prompt.in_(lang)
    return fill(prompt, draw(question, seed)) if isinstance(question, Numeric) else prompt


def _shown(entry: Entry, lang: Lang, seed: int, prompt_html: str) -> dict[str, object]:
    """The fields that only the question's kind has."""
    match entry.question:
        case SingleChoice() | MultiChoice() as question:
            texts = [question.options[index].text for index in shown_options(question, seed)]
            return {"options": _lettered(texts, lang)}
        case Numeric() as question:
            unit = markup.to_html(fill(question.unit.in_(lang), draw(question, seed))) if question.unit else None
            return {"unit_html": unit, "tolerance": question.tolerance}
        case Cloze():
            return {"segments": _segments(prompt_html)}
        case Ordering() as question:
            return {"items": _lettered([question.items[index].text for index in shown_items(question, seed)], lang)}
        case Matching() as question:
            lefts = tuple(
                Keyed(key=str(n), html=_html(pair.left, lang)) for n, pair in enumerate(question.pairs, start=1)
            )
            return {"lefts": lefts, "rights": _lettered(shown_rights(question, seed), lang)}
        case Open() as question:
            return {"rubric_points": len(question.rubric)}
        case Code() as question:
            return {"code": _task(question)}
        case Flashcard():
            return {}
        case never:
            assert_never(never)


def reveal(entry: Entry, lang: Lang, seed: int) -> Revealed:
    """Everything that may be shown once the question is answered."""
    question = entry.question
    common = {
        "sources": question.sources,
        "erratum_html": _html(question.erratum, lang) if question.erratum else None,
        "figure": _drawn(question.answer_figure, lang) if not isinstance(question, Code) else None,
    }
    return Revealed.model_validate(common | _answers(entry, lang, seed))


def _answers(entry: Entry, lang: Lang, seed: int) -> dict[str, object]:
    match entry.question:
        case Flashcard() as question:
            return {"answer_html": _html(question.answer, lang)}
        case SingleChoice() | MultiChoice() as question:
            return {"explanation_html": _html(question.explanation, lang), "options": _options(question, lang, seed)}
        case Numeric() as question:
            return _worked(question, lang, seed)
        case Cloze() as question:
            blanks = tuple(
                RevealedBlank(name=name, accepted=_accepted(blank, lang), why_html=_html(blank.why, lang))
                for name, blank in question.blanks.items()
            )
            return {"explanation_html": _html(question.explanation, lang), "blanks": blanks}
        case Ordering() as question:
            return {"explanation_html": _html(question.explanation, lang), "order": _order(question, lang, seed)}
        case Matching() as question:
            return {"explanation_html": _html(question.explanation, lang), "pairs": _pairs(question, lang, seed)}
        case Open() as question:
            rubric = tuple(RubricLine(html=_html(it.point, lang), weight=it.weight) for it in question.rubric)
            follow_ups = _follow_ups(question.follow_ups, lang)
            return {"answer_html": _html(question.model_answer, lang), "rubric": rubric, "follow_ups": follow_ups}
        case Code() as question:
            return {
                "explanation_html": _html(question.explanation, lang),
                "reference": question.reference,
                "complexity_html": _html(question.complexity, lang) if question.complexity else None,
                "follow_ups": _follow_ups(question.follow_ups, lang),
            }
        case never:
            assert_never(never)


def hint_html(entry: Entry, index: int, lang: Lang) -> str:
    """The hint of that index, counting from 0, of a coding question."""
    if not isinstance(entry.question, Code):
        raise TypeError(f"{entry.question.id} is no coding question")
    return _html(entry.question.hints[index], lang)


def _html(text: Text, lang: Lang) -> str:
    return markup.to_html(text.in_(lang))


def _drawn(figure: Figure | None, lang: Lang) -> Drawn | None:
    return Drawn(html=figure_html(figure, lang), alt=figure.alt.in_(lang)) if figure else None


@lru_cache(maxsize=4096)  # lists show the same ones again and again, and reading Markdown takes a millisecond
def as_title(prompt: str) -> str:
    """A prompt as one line of a list."""
    words = BLANK.sub("____", markup.to_text(prompt))
    return words if len(words) <= TITLE_LENGTH else words[: TITLE_LENGTH - 1].rstrip() + "…"


def _lettered(texts: Sequence[Text], lang: Lang) -> tuple[Keyed, ...]:
    return tuple(Keyed(key=letter(position), html=_html(text, lang)) for position, text in enumerate(texts))


def _segments(prompt_html: str) -> tuple[Segment, ...]:
    """The prompt cut at its blanks; every other piece is a name."""
    pieces = BLANK.split(prompt_html)
    return tuple(Segment(blank=piece) if index % 2 else Segment(html=piece) for index, piece in enumerate(pieces))


def _task(question: Code) -> CodeTask:
    return CodeTask(
        lib=question.lib,
        function=question.function,
        signature=question.signature,
        starter=question.starter,
        contract=question.contract,
        limits=question.limits,
        allowed_imports=question.allowed_imports,
        forbidden_calls=question.forbidden_calls,
        hints=len(question.hints),
    )


def _options(question: ChoiceBase, lang: Lang, seed: int) -> tuple[RevealedOption, ...]:
    shown = [question.options[index] for index in shown_options(question, seed)]
    return tuple(
        RevealedOption(
            key=letter(position),
            html=_html(option.text, lang),
            correct=option.correct,
            why_html=_html(option.why, lang),
        )
        for position, option in enumerate(shown)
    )


def _worked(question: Numeric, lang: Lang, seed: int) -> dict[str, object]:
    names = draw(question, seed)
    unit = f" {fill(question.unit.in_(lang), names)}" if question.unit else ""
    erratum = markup.to_html(fill(question.erratum.in_(lang), names)) if question.erratum else None
    return {
        "answer_html": markup.to_html(f"{plain(names['answer'], _digits(question.tolerance))}{unit}"),
        "explanation_html": markup.to_html(fill(question.solution.in_(lang), names)),
        "erratum_html": erratum,
    }


def _digits(tolerance: Tolerance) -> int:
    """Significant digits to show an answer with: all that were asked for, six at least."""
    return 12 if tolerance.rel < 1e-6 else 6


def _accepted(blank: Blank, lang: Lang) -> tuple[str, ...]:
    """The reader's language first; a filling of the other one counts too."""
    other: Lang = "zh" if lang == "en" else "en"
    return tuple(dict.fromkeys((*blank.accept.in_(lang), *blank.accept.in_(other))))


def _order(question: Ordering, lang: Lang, seed: int) -> tuple[RevealedItem, ...]:
    keys = {index: letter(position) for position, index in enumerate(shown_items(question, seed))}
    return tuple(
        RevealedItem(key=keys[index], html=_html(item.text, lang), why_html=_html(item.why, lang))
        for index, item in enumerate(question.items)
    )


def _pairs(question: Matching, lang: Lang, seed: int) -> tuple[RevealedPair, ...]:
    keys = {right: letter(position) for position, right in enumerate(shown_rights(question, seed))}
    return tuple(
        RevealedPair(left=str(n), right=keys[pair.right], why_html=_html(pair.why, lang))
        for n, pair in enumerate(question.pairs, start=1)
    )


def _follow_ups(follow_ups: tuple[FollowUp, ...], lang: Lang) -> tuple[Asked, ...]:
    return tuple(Asked(ask_html=_html(it.ask, lang), answer_html=_html(it.answer, lang)) for it in follow_ups)
