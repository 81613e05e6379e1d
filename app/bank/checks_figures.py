"""What can be said against a question's figures by drawing them: labels that do not fit, or are no labels."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.bank.figures.layout import drawn
from app.bank.findings import Complaint
from app.bank.schema import LANGS, Code, Question
from app.bank.schema.figures import Figure
from app.bank.schema.figures.parts import Words
from app.bank.yaml_source import PathKey
from app.languages import Message, phrase

_LATEX = re.compile(r"\$|\\[a-zA-Z]+|\^\{|_\{")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_PHRASE = re.compile(r"[a-z]{3,}\s+[a-z]{3,}")


def figure_complaints(question: Question) -> Iterator[Complaint]:
    """Every fault of both figures, each drawn in both languages."""
    if isinstance(question, Code):
        return
    for name, figure in (("figure", question.figure), ("answer_figure", question.answer_figure)):
        if figure is not None:
            for complaint in _complaints(figure):
                yield Complaint((name, *complaint.at), complaint.message, complaint.mend)


def _complaints(figure: Figure) -> Iterator[Complaint]:
    yield from _alternative_complaints(figure)
    board, _ = drawn(figure)
    for place, label in board.labels.items():
        yield from _label_complaints(place, label)
    yield from board.faults()


def _alternative_complaints(figure: Figure) -> Iterator[Complaint]:
    for lang in LANGS:
        if _LATEX.search(figure.alt.in_(lang)):
            yield Complaint(
                ("alt", lang),
                phrase("the text alternative holds LaTeX"),
                phrase("it is read out as it stands; use words"),
            )
    if not _CHINESE.search(figure.alt.zh):
        yield Complaint(
            ("alt", "zh"), phrase("the Chinese text alternative holds no Chinese"), phrase("write it in Chinese")
        )


def _label_complaints(place: PathKey, label: str | Words | Message) -> Iterator[Complaint]:
    texts = {label} if isinstance(label, str) else {label.en, label.zh}
    for text in texts:
        if "@{" in text:
            yield Complaint(
                place, phrase("a placeholder @{…} in a figure"), phrase("figures draw no numbers; write the number")
            )
        elif _LATEX.search(text):
            yield Complaint(
                place,
                phrase("the label '%(text)s' holds LaTeX", text=text),
                phrase("write it with symbols: σ², xᵢ, 3×3"),
            )
        elif isinstance(label, str) and (_CHINESE.search(text) or _PHRASE.search(text)):
            yield Complaint(
                place, phrase("the label '%(text)s' stands in one language", text=text), phrase("write {en: …, zh: …}")
            )
