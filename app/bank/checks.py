"""What can be said against a question by reading it, without running any of its code: texts, formulas, blanks, names.

Owns the checks of one text and calls those of two languages (`checks_translation`), numbers (`checks_numeric`), figures
(`checks_figures`) and code (`checks_code`). Too slow for every start, so the loader leaves them alone; `check` runs
them before it runs the code.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

from app.bank import markup
from app.bank.catalog import Entry
from app.bank.checks_code import code_complaints, oracle_complaints
from app.bank.checks_figures import figure_complaints
from app.bank.checks_numeric import numeric_complaints
from app.bank.checks_translation import translation_complaints
from app.bank.findings import MAX_TOLD, Complaint, Finding
from app.bank.loader import LoadedFile, locate
from app.bank.schema import BLANK, LANGS, Cloze, Code, Numeric, Question, Text, texts
from app.bank.schema.figures.parts import Plain
from app.bank.variants import PLACEHOLDER, mask
from app.bank.yaml_source import PathKey
from app.languages import phrase

LONGEST_S = 10  # for all texts of a question; the slowest of the bank takes a tenth of a second
_BARE_EXPONENT = re.compile(r"[\^_]\s*@\{")


def static_findings(entry: Entry) -> list[Finding]:
    """Every fault that reading one question shows, in the order of the file."""
    found = list(islice(_complaints(entry.question), MAX_TOLD))
    if not found:
        return []
    stat = entry.path.stat()
    file = _file(entry.path, stat.st_mtime_ns, stat.st_size)
    root = ("questions", file.index_of(entry.question.id))
    return sorted(locate(file, Complaint((*root, *it.at), it.message, it.mend, it.offset)) for it in found)


@lru_cache(maxsize=8)
def _file(path: Path, _mtime_ns: int, _size: int) -> LoadedFile:
    """A file's places; kept, as every question of it asks for them in turn."""
    return LoadedFile(path)


def _complaints(question: Question) -> Iterator[Complaint]:
    ends_at = time.monotonic() + LONGEST_S
    for path, text in texts(question):
        if time.monotonic() > ends_at:
            yield Complaint(
                path,
                phrase("reading the texts takes more than %(longest_s)s seconds", longest_s=LONGEST_S),
                phrase("shorten the question"),
            )
            return
        if isinstance(text, Plain):
            continue  # the words of figures, which have checks of their own
        yield from _text_complaints(path, text)
        if not isinstance(question, Numeric):
            yield from _stray_placeholders(path, text)
    yield from figure_complaints(question)
    match question:
        case Numeric():
            yield from numeric_complaints(question)
            if question.oracle is not None:
                yield from oracle_complaints(question, question.oracle)
        case Cloze():
            yield from _blank_complaints(question)
        case Code():
            yield from code_complaints(question)
        case _:
            pass


def _text_complaints(path: PathKey, text: Text) -> Iterator[Complaint]:
    for lang in LANGS:
        yield from _markup_complaints((*path, lang), text.in_(lang))
    yield from translation_complaints(path, text)


def _markup_complaints(path: PathKey, markdown: str) -> Iterator[Complaint]:
    """Placeholders become digits first: what they hold is no LaTeX."""
    for offset, message in markup.math_errors(mask(markdown)):
        yield Complaint(path, phrase("bad LaTeX: %(message)s", message=message), phrase("mend the formula"), offset)
    for offset, message, mend in markup.stray_marks(mask(markdown)):
        yield Complaint(path, message, mend, offset)
    for found in _BARE_EXPONENT.finditer(markdown):
        mend = phrase("write ^{@{n}}: only the first digit would be raised")
        yield Complaint(path, phrase("a placeholder right after ^ or _"), mend, found.start())


def _stray_placeholders(path: PathKey, text: Text) -> Iterator[Complaint]:
    for lang in LANGS:
        if found := PLACEHOLDER.search(text.in_(lang)):
            mend = phrase("only numeric questions draw numbers; write the number")
            message = phrase("a placeholder @{…} in a question that draws nothing")
            yield Complaint((*path, lang), message, mend, found.start())


def _blank_complaints(question: Cloze) -> Iterator[Complaint]:
    for lang in LANGS:
        prompt = question.prompt.in_(lang)
        inside = [name for latex in markup.formulas(prompt) for name in BLANK.findall(latex)]
        for name in inside:
            mend = phrase("end the formula before the blank and begin another after it")
            yield Complaint(
                ("prompt", lang),
                phrase("the blank [[%(name)s]] stands inside a formula", name=name),
                mend,
                prompt.find(f"[[{name}"),
            )
