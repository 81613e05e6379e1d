"""The bank as an Anki deck (.apkg): a deck to a topic, the same notes again at every export.

A note keeps its identity by question and language, so that importing a later export updates cards and keeps their
history in Anki. Questions with drawn numbers are shown in their first variant. Math stays MathML.
"""

from __future__ import annotations

import hashlib
import itertools
import sqlite3
import zipfile
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import genanki

from app.bank.catalog import Entry
from app.bank.present import present, reveal
from app.bank.schema import Lang
from app.interop.anki_card import back_html, front_html

FIRST_VARIANT = 0
NOTE_TYPE_ID = 1_706_200_431  # drawn once; a note type's id is its identity in every collection
LOWEST_DECK_ID = 2**30  # as genanki advises: between 2^30 and 2^31, clear of Anki's own
CSS = """
.card { font: 18px/1.5 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; text-align: left;
  max-width: 44rem; margin: 0 auto; padding: 0.5rem; }
.card th { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; white-space: nowrap; }
.card td > p, .card h4 { margin: 0.25rem 0; }
.card pre { overflow-x: auto; padding: 0.5rem; background: #eef1f4; }
.card .ask { opacity: 0.7; }
.card .right { font-weight: 600; }
.card .blank { border-bottom: 1px solid; }
.card .math-display { display: block; text-align: center; }
.nightMode.card pre, .nightMode .card pre { background: #23282e; }
"""


def export_anki(entries: Iterable[Entry], path: Path, lang: Lang, now: datetime) -> int:
    """Write the questions as a deck in one language, dated `now`; the number of notes. Replaces the file at `path`."""
    decks: dict[str, genanki.Deck] = {}
    for entry in entries:
        topic = entry.topic.id
        if topic not in decks:
            decks[topic] = genanki.Deck(_deck_id(topic, lang), _deck_name(entry, lang))
        decks[topic].add_note(_note(entry, lang))
    _write(genanki.Package(list(decks.values())), path, now)
    return sum(len(deck.notes) for deck in decks.values())


def _note(entry: Entry, lang: Lang) -> genanki.Note:
    question = present(entry, lang, FIRST_VARIANT)
    answer = reveal(entry, lang, FIRST_VARIANT)
    return genanki.Note(
        model=_note_type(),
        fields=[f"{question.id} ({lang})", front_html(question), back_html(question, answer)],
        guid=genanki.guid_for("whetstone", question.id, lang),
        tags=[question.area, question.topic, question.kind, f"difficulty-{question.difficulty}", *entry.question.tags],
    )


def _note_type() -> genanki.Model:
    return genanki.Model(
        NOTE_TYPE_ID,
        "Whetstone",
        fields=[{"name": "Id"}, {"name": "Front"}, {"name": "Back"}],
        templates=[
            {"name": "Whetstone", "qfmt": "{{Front}}", "afmt": "{{FrontSide}}\n<hr id=answer>\n{{Back}}"},
        ],
        css=CSS,
    )


def _deck_name(entry: Entry, lang: Lang) -> str:
    """`Whetstone::Area::Topic`; a title's own `::` would open a deck below it."""
    titles = (entry.area.title.in_(lang), entry.topic.title.in_(lang))
    return "::".join(["Whetstone", *(title.replace("::", ":") for title in titles)])


def _deck_id(topic: str, lang: Lang) -> int:
    digest = hashlib.blake2b(f"whetstone/{topic}/{lang}".encode(), digest_size=4).digest()
    return LOWEST_DECK_ID + int.from_bytes(digest) % 2**30


def _write(package: genanki.Package, path: Path, now: datetime) -> None:
    """Write the file by way of memory: the package's own writer leaves its temporary database behind."""
    timestamp = now.timestamp()
    with closing(sqlite3.connect(":memory:")) as connection:
        package.write_to_db(connection.cursor(), timestamp, itertools.count(int(timestamp * 1000)))
        connection.commit()
        collection = connection.serialize()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("collection.anki2", collection)
        archive.writestr("media", "{}")
