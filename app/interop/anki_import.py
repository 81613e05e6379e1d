"""Anki decks (.apkg) into draft flashcards for the bank.

The file comes from anywhere, so it is read with suspicion: nothing in it names a path we write to, sizes are capped
while unpacking, and its database is opened read-only with a limit on the work one query may do.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import ValidationError

from app.bank.schema import Flashcard
from app.interop.anki_text import NotTextError, to_markdown

MAX_DATABASE_BYTES = 256 * 2**20
MAX_NOTES = 20_000
MAX_FIELDS_CHARS = 100_000
MAX_SQL_STEPS = 20_000_000  # of SQLite's virtual machine; reading 20,000 notes takes well under a million
CHUNK_BYTES = 2**20
FIELD = re.compile(r"\{\{([^{}#^/][^{}]*)\}\}")
TYPED = re.compile(r"\{\{type:[^{}]*\}\}")  # on the front, a box to type into; on the back, the field
NOT_FIELDS = frozenset({"FrontSide", "Tags", "Type", "Deck", "Subdeck", "Card", "CardFlag"})
CLOZE_TYPE = 1
SHOWN_CHARS = 60


class UnreadableDeckError(ValueError):
    """The file is no Anki deck that can be read; the message says what to do."""


@dataclass(frozen=True)
class RowError:
    """A note that was left out, and why. `note_id` is Anki's."""

    note_id: int
    begins: str
    message: str

    def __str__(self) -> str:
        return f"note {self.note_id} ('{self.begins}'): {self.message}"


@dataclass(frozen=True)
class ImportedDeck:
    """Draft flashcards as the bank's YAML has them, one to a note, and the notes left out."""

    topic: str
    drafts: tuple[dict[str, object], ...]
    errors: tuple[RowError, ...]

    def as_yaml(self) -> str:
        """A topic file; both languages hold the same text until someone writes the other and publishes."""
        return yaml.dump(
            {"topic": self.topic, "questions": list(self.drafts)},
            Dumper=_BlockDumper,
            allow_unicode=True,
            sort_keys=False,
            width=120,
        )


@dataclass(frozen=True)
class _NoteType:
    name: str
    is_cloze: bool
    fields: tuple[str, ...]
    front: tuple[int, ...]
    back: tuple[int, ...]


def import_anki(path: Path, topic: str) -> ImportedDeck:
    """Every Basic-like note of the deck as a draft flashcard of `topic`; raises UnreadableDeckError."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "collection.db"
        _unpack(path, database)
        try:
            with closing(_open(database)) as connection:
                return _read(connection, topic)
        except UnreadableDeckError:
            raise
        except (sqlite3.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise UnreadableDeckError(
                f"{path.name}: its collection is damaged or no Anki collection ({error})"
            ) from error


def _unpack(path: Path, database: Path) -> None:
    """Copy the deck's collection to `database`, whatever size the archive claims it has."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "collection.anki21b" in names:
                raise UnreadableDeckError(
                    f"{path.name} is in Anki's newest format; export it again with 'Support older Anki versions' ticked"
                )
            name = next((it for it in ("collection.anki21", "collection.anki2") if it in names), None)
            if name is None:
                raise UnreadableDeckError(f"{path.name} holds no Anki collection; choose a deck exported as .apkg")
            if archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise zipfile.BadZipFile("its compression is not Anki's")
            with archive.open(name) as source, database.open("wb") as target:
                while chunk := source.read(CHUNK_BYTES):
                    if target.tell() + len(chunk) > MAX_DATABASE_BYTES:
                        raise UnreadableDeckError(
                            f"{path.name}: the collection is larger than {MAX_DATABASE_BYTES >> 20} MiB"
                        )
                    target.write(chunk)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ) as error:  # RuntimeError: encrypted
        raise UnreadableDeckError(f"{path.name} is no .apkg file ({error})") from error


def _open(database: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro&immutable=1", uri=True)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 64 * 2**20)
    connection.set_progress_handler(lambda: 1, MAX_SQL_STEPS)
    kinds = dict(connection.execute("SELECT name, type FROM sqlite_master WHERE name IN ('notes', 'col')"))
    if kinds != {"notes": "table", "col": "table"}:  # a view could run for ever
        connection.close()
        raise sqlite3.DatabaseError("it has no tables 'notes' and 'col'")
    return connection


def _read(connection: sqlite3.Connection, topic: str) -> ImportedDeck:
    (models,) = connection.execute("SELECT models FROM col").fetchone()
    types = {int(key): _note_type(model) for key, model in json.loads(models).items()}
    drafts: dict[str, dict[str, object]] = {}
    errors: list[RowError] = []
    for note_id, guid, type_id, fields in _notes(connection):
        try:
            draft = _draft(types.get(type_id), guid, fields, topic)
            if drafts.setdefault(str(draft["id"]), draft) is not draft:
                raise NotTextError("another note has the same identity")
        except NotTextError as error:
            begins = re.sub(r"<[^>]*>|\x1f|\s+", " ", fields[:1000]).strip()[:SHOWN_CHARS]
            errors.append(RowError(note_id, begins, str(error)))
    return ImportedDeck(topic, tuple(drafts.values()), tuple(errors))


def _notes(connection: sqlite3.Connection) -> Iterator[tuple[int, str, int, str]]:
    """(id, guid, note type, fields) of every note, the fields cut where no flashcard would fit any more."""
    query = "SELECT id, guid, mid, substr(flds, 1, ?) FROM notes ORDER BY id"
    for count, (note_id, guid, type_id, fields) in enumerate(connection.execute(query, (MAX_FIELDS_CHARS + 1,))):
        if count == MAX_NOTES:
            raise UnreadableDeckError(f"the deck has more than {MAX_NOTES} notes; export it in parts")
        yield int(note_id), str(guid), int(type_id), str(fields)


def _note_type(model: Mapping[str, object]) -> _NoteType:
    """Which fields a note type asks with and which only the answer shows, from its first card's templates."""
    match model:
        case {"name": name, "flds": list(flds), "tmpls": [{"qfmt": str(asks), "afmt": str(answers)}, *_]}:
            fields = tuple(str(field["name"]) for field in flds)
        case _:
            raise KeyError("a note type without fields or templates")
    front = _fields_in(TYPED.sub("", asks), fields)
    back = tuple(index for index in _fields_in(answers, fields) if index not in front)
    return _NoteType(str(name), model.get("type") == CLOZE_TYPE, fields, front, back)


def _fields_in(template: str, fields: tuple[str, ...]) -> tuple[int, ...]:
    """Indices of the fields that a template shows, in its order."""
    shown: list[int] = []
    for found in FIELD.findall(template):
        name = found.rpartition(":")[2].strip()
        if name in fields and name not in NOT_FIELDS and fields.index(name) not in shown:
            shown.append(fields.index(name))
    return tuple(shown)


def _draft(note_type: _NoteType | None, guid: str, fields: str, topic: str) -> dict[str, object]:
    """The note as a draft; raises NotTextError with the reason if it can't be one."""
    if note_type is None:
        raise NotTextError("its note type is missing from the deck")
    if note_type.is_cloze:
        raise NotTextError("cloze notes are not imported; write it as a 'cloze' question")
    if len(fields) > MAX_FIELDS_CHARS:
        raise NotTextError("it is too long for a flashcard")
    values = fields.split("\x1f")
    prompt, answer = (
        "\n\n".join(filter(None, (to_markdown(values[index]) for index in part if index < len(values))))
        for part in (note_type.front, note_type.back)
    )
    if not prompt or not answer:
        raise NotTextError(f"its {'answer' if prompt else 'question'} is empty")
    draft: dict[str, object] = {
        "id": f"{topic[:60].rstrip('-')}-anki-{hashlib.sha256(guid.encode()).hexdigest()[:10]}",
        "kind": "flashcard",
        "difficulty": 2,
        "minutes": 1,
        "status": "draft",
        "prompt": {"en": prompt, "zh": prompt},
        "answer": {"en": answer, "zh": answer},
        "sources": [
            f"Imported from Anki, note type {note_type.name[:200]!r}; name the primary source before publishing"
        ],
    }
    try:
        Flashcard.model_validate_json(json.dumps(draft))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise NotTextError(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from error
    return draft


class _BlockDumper(yaml.SafeDumper):
    """Texts of several lines in block style, and no anchors where both languages share a text."""

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_BlockDumper.add_representer(str, _text)
