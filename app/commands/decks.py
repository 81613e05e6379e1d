"""`whetstone export-anki`, `import-anki`, `export-data`, `import-data`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app import clock
from app.accounts.service import id_of
from app.bank.loader import load_bank
from app.commands import FAILED, OK
from app.db import Database
from app.interop.anki_export import export_anki as write_deck
from app.interop.anki_import import UnreadableDeckError
from app.interop.anki_import import import_anki as read_deck
from app.interop.learner_data import UnreadableExportError
from app.interop.learner_data import export_data as as_json
from app.interop.learner_data import import_data as from_json
from app.interop.learner_store import gather, restore
from app.settings import SettingsError, from_env


def export_anki(options: argparse.Namespace) -> int:
    """Write published questions as an Anki deck."""
    settings = from_env()
    bank, _ = load_bank(settings.questions_dir, settings.data_dir / "cache")
    if unknown := set(options.topic) - set(bank.topics):
        raise SettingsError(f"there is no topic named {sorted(unknown)[0]}")
    entries = [entry for entry in bank.published if not options.topic or entry.topic.id in options.topic]
    count = write_deck(entries, Path(options.file), options.lang, clock.now())
    print(f"Wrote {count} notes to {options.file}.")
    return OK


def import_anki(options: argparse.Namespace) -> int:
    """Print drafts as YAML; what could not be read goes to standard error, row by row."""
    try:
        deck = read_deck(Path(options.file), options.topic)
    except UnreadableDeckError as error:
        raise SettingsError(f"{options.file}: {error}") from None
    print(deck.as_yaml(), end="")
    for row in deck.errors:
        print(f"whetstone: note {row.note_id} ({row.begins}): {row.message}", file=sys.stderr)
    return FAILED if deck.errors else OK


def export_data(options: argparse.Namespace) -> int:
    """Write one learner's data."""
    database = _database()
    with database.read() as connection:
        learner = gather(connection, id_of(connection, options.user), clock.now())
    Path(options.file).write_text(as_json(learner), encoding="utf-8")
    print(f"Wrote {len(learner.cards)} cards and {len(learner.reviews)} reviews to {options.file}.")
    database.close()
    return OK


def import_data(options: argparse.Namespace) -> int:
    """Take over one learner's data, all of it or nothing."""
    try:
        learner = from_json(Path(options.file).read_bytes())
    except OSError as error:
        raise SettingsError(f"{options.file}: {error.strerror}") from None
    except UnreadableExportError as error:
        raise SettingsError(f"{options.file}: {error}") from None
    database = _database()
    with database.write() as connection:
        restore(connection, id_of(connection, options.user), learner)
    print(f"Took over {len(learner.cards)} cards and {len(learner.reviews)} reviews.")
    database.close()
    return OK


def _database() -> Database:
    database = Database(from_env().database_url)
    database.migrate()
    return database
