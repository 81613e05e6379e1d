"""Tables of flashcards or single-choice questions: read from any CSV, columns named by whoever imports."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal

import yaml

from app.authoring.imports import AT_LINE, MAX_TEXT_BYTES, MOST_ROWS, Candidate, candidate, too_many
from app.bank.catalog import Bank
from app.bank.foreign_words import of_csv
from app.bank.schema import LANGS
from app.errors import N_, Invalid
from app.languages import Phrase, phrase

TableKind = Literal["flashcard", "single-choice"]
LETTERS = "abcdef"
SHARED = ("id", "prompt-en", "prompt-zh", "difficulty", "tags", "source")
COLUMNS: Mapping[TableKind, tuple[str, ...]] = {
    "flashcard": (*SHARED, "answer-en", "answer-zh"),
    "single-choice": (
        *SHARED, "correct", "why-en", "why-zh", *(f"option-{letter}-{lang}" for letter in LETTERS for lang in LANGS),
    ),
}  # fmt: skip
_DELIMITERS = (",", "\t", ";", "|")
_ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True)
class Table:
    """A header and the rows below it. `encoding` and `delimiter` are as found."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    delimiter: str


def decoded(raw: bytes) -> tuple[str, str]:
    """The text of a file and its encoding: UTF-8, with or without its mark, else GB18030. Invalid for neither."""
    if len(raw) > MAX_TEXT_BYTES:
        raise Invalid(N_("The text is larger than 2 MiB: send it in parts."))
    for encoding in _ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            marked = encoding == "utf-8-sig" and raw.startswith(b"\xef\xbb\xbf")
            return text, "UTF-8 (BOM)" if marked else "UTF-8" if encoding == "utf-8-sig" else "GB18030"
    raise Invalid(N_("The file is no text: save it as UTF-8 or GB18030."))


def table(text: str) -> Table:
    """The table of a text; its delimiter is the one that its first line has most of."""
    text = text.lstrip("\ufeff").replace("\r\n", "\n")
    if len(text.encode(errors="replace")) > MAX_TEXT_BYTES:
        raise Invalid(N_("The text is larger than 2 MiB: send it in parts."))
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(map(str.strip, row))]
    except csv.Error as error:
        raise Invalid(N_("The table can't be read: %(why)s."), why=of_csv(str(error))) from error
    if len(rows) < 2:
        raise Invalid(N_("The table needs a line of column names and at least one row below it."))
    if len(rows) > MOST_ROWS + 1:
        raise too_many()
    return Table(rows[0], tuple(rows[1:]), delimiter)


def guessed(header: Sequence[str], kind: TableKind) -> dict[str, int]:
    """Which column each field probably is, by its name: `prompt`, `Prompt (en)`, `题目_zh`, `option a`."""
    names = ["".join(character for character in name.lower() if character.isalnum()) for name in header]
    found: dict[str, int] = {}
    for field in COLUMNS[kind]:
        for name in (field.replace("-", ""), *([field.removesuffix("-en").replace("-", "")] if "-en" in field else [])):
            if name in names:
                found[field] = names.index(name)
                break
    return found


def from_table(
    found: Table, kind: TableKind, columns: Mapping[str, int], topic_id: str, bank: Bank, taken: Set[str]
) -> list[Candidate]:
    """Each row as a draft of that kind. A text that only one language has stands in both until somebody writes it."""
    used = set(taken)
    made = []
    for number, row in enumerate(found.rows, start=2):  # as a spreadsheet counts
        cells = {field: row[column].strip() if column < len(row) else "" for field, column in columns.items()}
        data, faults = _flashcard(cells) if kind == "flashcard" else _single_choice(cells)
        text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120)
        made.append(_by_row(candidate(number, text, topic_id, bank, used, given=row, faults=faults), number))
    return made


def as_csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for a spreadsheet, which must not take a text for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in (header, *rows):
        writer.writerow([f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell for cell in row])
    return "\ufeff" + out.getvalue()


def _by_row(it: Candidate, number: int) -> Candidate:
    """The text was made here, so its lines mean nothing to anybody."""
    told = tuple(_without_line(fault) for fault in it.faults)
    return Candidate(number, it.question_id, it.topic_id, it.yaml, it.title, told, it.given, it.hash)


def _without_line(fault: Phrase) -> Phrase:
    what = fault.params.get("what") if fault.msgid == AT_LINE else None
    return what if isinstance(what, Phrase) else fault


def _flashcard(cells: Mapping[str, str]) -> tuple[dict[str, object], list[Phrase]]:
    data = _shared(cells, "flashcard") | {"answer": _both(cells, "answer")}
    return _ordered(data, cells), _empty(cells, "prompt", "answer")


def _single_choice(cells: Mapping[str, str]) -> tuple[dict[str, object], list[Phrase]]:
    faults = _empty(cells, "prompt", "why")
    letters = [letter for letter in LETTERS if any(cells.get(f"option-{letter}-{lang}") for lang in LANGS)]
    right = _right(cells, letters)
    if right is None:
        faults.append(
            phrase(
                "'%(given)s' names none of the options: write its letter, number or text",
                given=cells.get("correct", ""),
            )
        )
    why = _both(cells, "why")
    options = [
        {"text": _both(cells, f"option-{letter}")} | ({"correct": True} if letter == right else {}) | {"why": dict(why)}
        for letter in letters
    ]
    data = _shared(cells, "single-choice") | {"options": options, "explanation": dict(why)}
    return _ordered(data, cells), faults


def _right(cells: Mapping[str, str], letters: Sequence[str]) -> str | None:
    """Which option the cell `correct` names: by letter, by number from 1, or by its text."""
    said = cells.get("correct", "").strip()
    if said.lower() in letters:
        return said.lower()
    if said.isascii() and said.isdigit() and len(said) < 3 and 1 <= int(said) <= len(letters):
        return letters[int(said) - 1]
    texts = {cells.get(f"option-{letter}-{lang}", ""): letter for letter in letters for lang in LANGS}
    return texts.get(said) if said else None


def _shared(cells: Mapping[str, str], kind: TableKind) -> dict[str, object]:
    difficulty = cells.get("difficulty", "")
    tags = [tag.strip() for tag in cells.get("tags", "").replace(";", ",").split(",") if tag.strip()]
    return {
        "kind": kind,
        "difficulty": int(difficulty) if difficulty.isascii() and difficulty.isdigit() else difficulty or 2,
        "minutes": 1,
        **({"tags": tags} if tags else {}),
        "prompt": _both(cells, "prompt"),
        "sources": [cells.get("source") or "Imported from a table; name the primary source before publishing"],
    }


def _ordered(data: dict[str, object], cells: Mapping[str, str]) -> dict[str, object]:
    """The id first, the sources last, as the bank's files have them."""
    sources = data.pop("sources")
    return ({"id": cells["id"]} if cells.get("id") else {}) | data | {"sources": sources}


def _both(cells: Mapping[str, str], name: str) -> dict[str, str]:
    en, zh = (cells.get(f"{name}-{lang}", "") for lang in LANGS)
    return {"en": en or zh, "zh": zh or en}


def _empty(cells: Mapping[str, str], *names: str) -> list[Phrase]:
    return [phrase("'%(name)s' is empty", name=name) for name in names if not any(_both(cells, name).values())]
