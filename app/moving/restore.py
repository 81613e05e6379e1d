"""Puts a backup back: its rows into the database, its files into their folders, all of it or nothing.

What was there is kept aside, never deleted: an SQLite file, the key and the question files in `before-restore-…` of the
data folder; on PostgreSQL the old tables in a schema of that name. An older backup is filled into the schema of its
time and then brought up, as a start of this release would have done.

It counts once PostgreSQL has committed, or on SQLite once its journal is gone. Until then `put_back` undoes it, after a
failure at once, and after a kill or a power cut when the next restore begins; meanwhile nobody else opens the instance.
"""

from __future__ import annotations

import errno
import itertools
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from uuid import uuid4

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from app.db import Database, knows, upgrade
from app.engines import without_hurry
from app.errors import Problem
from app.moving.archive import KEY, Archive, Manifest, table_of
from app.moving.backup import Instance, files_of
from app.moving.durable import make_folder, sync
from app.moving.in_use import close_up, require_idle, sqlite_file
from app.moving.journal import Journal, Undertaking
from app.moving.put_back import address_of, conclude, leave_mark
from app.moving.set_aside import schema_aside, set_aside
from app.moving.tables import MoveError, fill
from app.moving.transfer import occupied, settle
from app.settings import RestoreUnderWayError


@dataclass(frozen=True)
class Restored:
    """What the instance has now, and where what was there before is; empty where there was nothing.

    `unwritten`: question files that differ from the backup's, in a folder that can't be written.
    """

    manifest: Manifest
    kept: tuple[str, ...]
    unwritten: int


def restore(archive: Archive, url: str, instance: Instance, now: datetime, *, replace: bool) -> Restored:
    """Raises MoveError, with everything as it was: for a backup of a newer release, an instance that is in use, or one
    that is not empty unless `replace` is set; OSError of the disk likewise.
    """
    if not knows(archive.manifest.schema_revision):
        raise MoveError(
            f"the backup was made by a newer release ({archive.manifest.release}, schema "
            f"{archive.manifest.schema_revision}); restore it with that one. Nothing was changed."
        )
    full = _occupied(url, archive, instance)
    if full and not replace:
        raise MoveError(
            f"this instance is not empty: {'; '.join(full)}. --replace puts the backup in its place and keeps what is "
            "there aside. Nothing was changed."
        )
    aside = instance.data_dir / f"before-restore-{now:%Y%m%dT%H%M%SZ}"
    if aside.exists():
        raise MoveError(f"{aside}: there is such a folder already. Nothing was changed.")
    unwritten = 0 if _can_be_written(instance.questions_dir) else len(_to_write(archive.manifest, instance))
    with Journal.begin(instance.journal, _undertaking(url, instance, aside, now)) as journal:
        try:
            with _filled(url, archive, journal):
                _unpack(archive, journal.undertaking.stage)
                if not unwritten:
                    _swap_questions(archive.manifest, instance, journal)
                _swap_key(archive.manifest, instance, journal)
            journal.end()
        except BaseException as error:
            if not _conclude_failed(journal, url, error):
                raise
    kept = [str(aside)] if aside.exists() else []
    if full and sqlite_file(url) is None:
        kept.append(f"the database's schema {schema_aside(aside)}")
    return Restored(archive.manifest, tuple(kept), unwritten)


def _undertaking(url: str, instance: Instance, aside: Path, now: datetime) -> Undertaking:
    stage = instance.data_dir / f".restoring-{now:%Y%m%dT%H%M%SZ}"
    file = sqlite_file(url)
    return Undertaking(
        database=address_of(url),
        mark=f"whetstone restore {uuid4()}",
        aside=aside,
        stage=stage,
        file_stage=stage if file is None else file.absolute().parent / f"{stage.name}-database",
    )


def _conclude_failed(journal: Journal, url: str, error: BaseException) -> bool:
    """Whether it counts nevertheless."""
    try:
        return conclude(journal, url)
    except (OSError, MoveError, Problem, DatabaseError) as worse:
        raise MoveError(
            f"the restore failed ({error}), and what was there before could not be put back ({worse}). "
            f"{RestoreUnderWayError(journal.path)}"
        ) from error


def _occupied(url: str, archive: Archive, instance: Instance) -> list[str]:
    """What is there already that the backup would take the place of, in words."""
    found = []
    file = sqlite_file(url)
    if file is None or (file.exists() and file.stat().st_size):
        db = Database(url)
        try:
            with db.read() as connection:
                words = occupied(connection)
        except DatabaseError as error:
            if file is None:
                raise
            words = f"it can't be read ({error.orig})"
        finally:
            db.close()
        found += [f"the database: {words}"] if words else []
    if _has_other_key(archive.manifest, instance):
        found.append(f"{instance.key} is another")
    if (differing := _differing(archive.manifest, instance)) and _can_be_written(instance.questions_dir):
        found.append(f"{len(differing)} files of {instance.questions_dir} are not the backup's ({differing[0]})")
    return found


def _differing(manifest: Manifest, instance: Instance) -> list[Path]:
    """The question files that are there and not as in the backup, as paths below their folder."""
    return [
        below
        for below in files_of(instance.questions_dir)
        if (part := manifest.parts.get(f"questions/{below.as_posix()}")) is None
        or _hash(instance.questions_dir / below) != part.sha256
    ]


def _to_write(manifest: Manifest, instance: Instance) -> list[Path]:
    """The question files that a restore would put or take away."""
    missing = [Path(name) for name in manifest.questions if not (instance.questions_dir / name).is_file()]
    return _differing(manifest, instance) + missing


def _can_be_written(folder: Path) -> bool:
    """Whether files can be put there; an image's own bank, for instance, can't be changed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            return True
    except OSError as error:
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            return False
        raise


@contextmanager
def _filled(url: str, archive: Archive, journal: Journal) -> Iterator[None]:
    """Fill the database, let the block do its part, and make both count together, if the block ends well."""
    file = sqlite_file(url)
    if file is not None:
        with _filled_file(file, archive, journal):
            yield
        return
    db = Database(url)
    try:
        require_idle(db)
        with db.write() as connection:
            without_hurry(connection)
            set_aside(connection, schema_aside(journal.undertaking.aside))
            _fill(connection, archive)
            leave_mark(connection, journal.undertaking.mark)
            yield
    finally:
        db.close()


@contextmanager
def _filled_file(file: Path, archive: Archive, journal: Journal) -> Iterator[None]:
    if file.exists():
        with suppress(sqlite3.DatabaseError):  # a damaged one can't be in use
            close_up(file)
    fresh = journal.undertaking.file_stage / file.name
    make_folder(fresh.parent)
    db = Database(f"sqlite:///{fresh}")
    try:
        with db.write() as connection:
            _fill(connection, archive)
    finally:
        db.close()
    close_up(fresh)
    sync(fresh.parent)
    yield
    for old in _with_logs(file):
        if old.exists():
            journal.move(old, journal.undertaking.aside / old.name)
    journal.move(fresh, file)


def _fill(connection: Connection, archive: Archive) -> None:
    upgrade(connection, archive.manifest.schema_revision)
    tables = {table.name: table for table in archive.manifest.tables}
    rows = ((table_of(name), data) for name, data in archive.parts())
    for name, parts in itertools.groupby(rows, key=lambda part: part[0]):
        if name is not None:
            fill(connection, tables[name].sheet, (line for _, data in parts for line in data.splitlines(keepends=True)))
    settle(connection, [(table.sheet, table.fingerprint) for table in archive.manifest.tables])
    upgrade(connection)


def _unpack(archive: Archive, stage: Path) -> None:
    for name, data in archive.parts():
        if name == KEY or name.startswith("questions/"):
            path = stage / name
            make_folder(path.parent)
            path.touch(mode=0o600 if name == KEY else 0o644)
            path.write_bytes(data)
            sync(path)
    for place, _, _ in os.walk(stage):
        sync(Path(place))


def _swap_questions(manifest: Manifest, instance: Instance, journal: Journal) -> None:
    for below in _differing(manifest, instance):
        journal.move(instance.questions_dir / below, journal.undertaking.aside / "questions" / below)
    for name in manifest.questions:
        if not (instance.questions_dir / name).is_file():
            journal.move(journal.undertaking.stage / "questions" / name, instance.questions_dir / name)


def _swap_key(manifest: Manifest, instance: Instance, journal: Journal) -> None:
    if _has_other_key(manifest, instance):
        journal.move(instance.key, journal.undertaking.aside / KEY)
    if KEY in manifest.parts and not instance.key.exists():
        journal.move(journal.undertaking.stage / KEY, instance.key)


def _has_other_key(manifest: Manifest, instance: Instance) -> bool:
    return instance.key.exists() and (KEY not in manifest.parts or _hash(instance.key) != manifest.parts[KEY].sha256)


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _with_logs(file: Path) -> list[Path]:
    """An SQLite file and what may lie beside it."""
    return [file, *(file.with_name(file.name + end) for end in ("-wal", "-shm", "-journal"))]
