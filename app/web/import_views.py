"""What the pages of an import are given: the form, the columns of a table, and what every row would become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.authoring.import_table import COLUMNS, LETTERS, Table, TableKind
from app.authoring.imports import Candidate
from app.errors import N_
from app.web.i18n import Words
from app.web.services import Visit
from app.web.views import Choice

FORMATS = {
    "yaml": N_("YAML: one question, a list, or a topic file"),
    "flashcard": N_("CSV of flashcards"),
    "single-choice": N_("CSV of single-choice questions"),
    "apkg": N_("Anki deck (.apkg)"),
}
_FIELDS = {
    "id": N_("Id"),
    "prompt-en": N_("Question, English"),
    "prompt-zh": N_("Question, Chinese"),
    "answer-en": N_("Answer, English"),
    "answer-zh": N_("Answer, Chinese"),
    "difficulty": N_("Difficulty"),
    "tags": N_("Tags"),
    "source": N_("Source"),
    "correct": N_("The right option (letter, number or text)"),
    "why-en": N_("Reason, English"),
    "why-zh": N_("Reason, Chinese"),
}
_DELIMITERS = {",": N_("comma"), "\t": N_("tab"), ";": N_("semicolon"), "|": N_("vertical bar")}
SHOWN_ROWS = 5


@dataclass(frozen=True)
class ImportView:
    formats: list[Choice]
    topics: list[Choice]
    error: str | None


@dataclass(frozen=True)
class ColumnField:
    name: str
    label: str
    choices: list[Choice]


@dataclass(frozen=True)
class Source:
    """What was sent, to be sent again with the next step: nothing of it is trusted then. `columns` of a table."""

    format: str
    topic: str
    name: str
    text: str
    columns: dict[str, str]


@dataclass(frozen=True)
class ColumnsView:
    source: Source
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    total: int
    fields: list[ColumnField]


@dataclass(frozen=True)
class CandidateView:
    place: int
    id: str
    title: str
    faults: list[str]


@dataclass(frozen=True)
class DryRunView:
    """`by_row`: places are rows of a table, else lines of a text. `left_out` tells what a deck had that is no text."""

    source: Source
    by_row: bool
    sound: list[CandidateView]
    failing: list[CandidateView]
    left_out: list[str]


def import_view(visit: Visit, format_: str, topic: str, error: str | None) -> ImportView:
    titles = [(it.id, it.title.in_(visit.lang)) for it in visit.services.bank.topics.values()]
    return ImportView(
        formats=[Choice(name, visit.words.gettext(label), name == format_) for name, label in FORMATS.items()],
        topics=[Choice(name, label, name == topic) for name, label in titles],
        error=error,
    )


def columns_view(
    visit: Visit, source: Source, found: Table, kind: TableKind, chosen: dict[str, int], encoding: str
) -> ColumnsView:
    none = visit.words.gettext(N_("(none)"))
    fields = []
    for name in COLUMNS[kind]:
        choices = [Choice("", none, name not in chosen)]
        choices += [Choice(str(index), it, chosen.get(name) == index) for index, it in enumerate(found.header)]
        fields.append(ColumnField(name, _label(visit, name), choices))
    return ColumnsView(
        source=source,
        encoding=encoding,
        delimiter=visit.words.gettext(_DELIMITERS[found.delimiter]),
        header=found.header,
        rows=list(found.rows[:SHOWN_ROWS]),
        total=len(found.rows),
        fields=fields,
    )


def dry_run_view(
    words: Words, source: Source, found: Sequence[Candidate], left_out: Sequence[str], *, by_row: bool
) -> DryRunView:
    shown = [
        CandidateView(it.place, it.question_id, it.title, [words.say(fault) for fault in it.faults]) for it in found
    ]
    return DryRunView(
        source=source,
        by_row=by_row,
        sound=[it for it in shown if not it.faults],
        failing=[it for it in shown if it.faults],
        left_out=list(left_out),
    )


def _label(visit: Visit, name: str) -> str:
    if name in _FIELDS:
        return visit.words.gettext(_FIELDS[name])
    _, letter, lang = name.split("-")
    letter = LETTERS[LETTERS.index(letter)].upper()
    option = N_("Option %(letter)s, English") if lang == "en" else N_("Option %(letter)s, Chinese")
    return visit.words.gettext(option, letter=letter)
