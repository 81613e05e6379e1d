"""What a new question of each kind begins with: a whole example in neutral words, which must not be published as it is.

The texts are in `starters/`. Whatever of them is left in a question is a fault of the gate (`left_over`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.authoring.findings import at
from app.bank.catalog import Entry
from app.bank.findings import Finding
from app.bank.schema import KINDS, Kind, texts
from app.bank.yaml_source import read
from app.languages import phrase

_ID_LINE = re.compile(r"^id:[^\n]*\n", re.MULTILINE)
_COMMON = frozenset({"case_titles", "complexity"})  # what the example says there is said by many
FOLDER = Path(__file__).parent / "starters"


def starter(kind: Kind, question_id: str) -> str:
    """The text that a new question of that kind begins with."""
    return with_id(_text(kind), question_id)


def with_id(yaml: str, question_id: str) -> str:
    """A question's text under another name."""
    return _ID_LINE.sub(f"id: {question_id}\n", yaml, count=1)


def left_over(entry: Entry) -> Iterator[Finding]:
    """A finding for each text, and the source, that is still a starter's."""
    for path, text in texts(entry.question):
        if path[0] in _COMMON:
            continue
        if text.en in _words() or text.zh in _words():
            yield at(entry, path, phrase("this text is still the example's"), phrase("write the question's own"))
    for number, source in enumerate(entry.question.sources):
        if source in _words():
            yield at(
                entry,
                ("sources", number),
                phrase("this source is still the example's"),
                phrase("name the question's own"),
            )


@cache
def _text(kind: Kind) -> str:
    return (FOLDER / f"{kind}.yaml").read_text(encoding="utf-8")


@cache
def _words() -> frozenset[str]:
    """Every text and source of the starters."""
    return frozenset(word for kind in KINDS for word in _said(read(_text(kind).encode()).data))


def _said(data: object) -> Iterator[str]:
    if isinstance(data, dict):
        for name, value in data.items():
            if name in ("en", "zh") and isinstance(value, str):
                yield value
            elif name == "sources":
                yield from value
            else:
                yield from _said(value)
    elif isinstance(data, list):
        for item in data:
            yield from _said(item)
