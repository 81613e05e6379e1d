"""`whetstone backup`, `restore`, `migrate-data`."""

from __future__ import annotations

import argparse
from pathlib import Path

from app import clock
from app.commands import OK
from app.db import Database
from app.moving.archive import Archive
from app.moving.backup import Instance, back_up
from app.moving.put_back import put_back_interrupted
from app.moving.restore import restore as restore_archive
from app.moving.tables import MoveError
from app.moving.transfer import transfer
from app.settings import SettingsError, database_address, from_env


def backup(options: argparse.Namespace) -> int:
    """Everything in one file, while the server goes on."""
    settings = from_env()
    path = Path(options.file)
    database = Database(settings.database_url)
    try:
        manifest = back_up(database, Instance(settings.data_dir, settings.questions_dir), path, clock.now())
    except MoveError as error:
        raise SettingsError(str(error)) from None
    except OSError as error:
        raise SettingsError(
            f"{path}: {error.strerror or error}. No backup was made, and nothing is left of it."
        ) from None
    finally:
        database.close()
    rows = sum(table.rows for table in manifest.tables)
    print(
        f"Wrote {path}: {rows:,} rows of {len(manifest.tables)} tables, {len(manifest.questions)} question files, "
        f"{path.stat().st_size:,} bytes. Keep it as secret as the server's data."
    )
    return OK


def restore(options: argparse.Namespace) -> int:
    """What `backup` wrote, into this instance."""
    settings = from_env(for_restore=True)
    instance = Instance(settings.data_dir, settings.questions_dir)
    _put_back_first(settings.database_url, instance)
    path = Path(options.file)
    try:
        archive = Archive(path)
        try:
            restored = restore_archive(archive, settings.database_url, instance, clock.now(), replace=options.replace)
        finally:
            archive.close()
    except MoveError as error:
        raise SettingsError(str(error)) from None
    except OSError as error:
        raise SettingsError(f"{error.filename or path}: {error.strerror or error}. Nothing was changed.") from None
    manifest = restored.manifest
    rows = sum(table.rows for table in manifest.tables)
    print(
        f"Restored {rows:,} rows and {len(manifest.questions)} question files of {manifest.made_at:%Y-%m-%d %H:%M} UTC."
    )
    if restored.unwritten:
        print(
            f"{settings.questions_dir} can't be written, so {restored.unwritten} question files there are not the "
            "backup's; the next start takes over what they say."
        )
    if restored.kept:
        print(f"What was there before is kept in {' and in '.join(restored.kept)}.")
    return OK


def _put_back_first(url: str, instance: Instance) -> None:
    """Whatever the archive is like."""
    try:
        words = put_back_interrupted(url, instance)
    except MoveError as error:
        raise SettingsError(str(error)) from None
    if words:
        print(words, flush=True)


def migrate_data(options: argparse.Namespace) -> int:
    """Every row from one database to another, and a table of what was compared."""
    source = Database(database_address(options.source, "--from"))
    target = Database(database_address(options.target, "--to"))
    try:
        moved = transfer(source, target)
    except MoveError as error:
        raise SettingsError(str(error)) from None
    finally:
        source.close()
        target.close()
    width = max(map(len, moved))
    print(f"{'table':<{width}}  {'rows':>9}  SHA-256 of its rows, the same on both sides")
    for name, found in moved.items():
        print(f"{name:<{width}}  {found.rows:>9,}  {found.digest}")
    print(
        f"Moved {sum(found.rows for found in moved.values()):,} rows of {len(moved)} tables. Start the server with "
        "WHETSTONE_DATABASE_URL set to the new address and the same WHETSTONE_DATA_DIR: its key keeps people logged in."
    )
    return OK
