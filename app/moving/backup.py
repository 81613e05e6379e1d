"""Makes a backup while the server serves: one moment of the database, then the questions folder and the key.

The folder is read after the database: should somebody publish between, the folder is the newer of the two, and the
first start after a restore takes it over, as it does for any file that was changed while nobody looked.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

from sqlalchemy import Connection

from app.db import Database
from app.moving.archive import KEY, Archive, Manifest, Packer, Table
from app.moving.durable import sync
from app.moving.tables import MoveError, Sheet, Tally, lines, sheets
from app.settings import RESTORE_JOURNAL

_CHUNK = 4 << 20  # bytes of rows in a part


@dataclass(frozen=True)
class Instance:
    """What an instance consists of beside its database."""

    data_dir: Path
    questions_dir: Path

    @property
    def key(self) -> Path:
        """What signs cookies."""
        return self.data_dir / KEY

    @property
    def journal(self) -> Path:
        """There while a restore is under way, or was interrupted."""
        return self.data_dir / RESTORE_JOURNAL


def back_up(db: Database, instance: Instance, path: Path, now: datetime) -> Manifest:
    """Write `path`, whole or not at all, readable by this user alone, and read it again to be sure.

    Raises MoveError where something has that name already, or the schema is not this release's; OSError of the disk.
    """
    if path.exists():
        raise MoveError(f"{path}: there is such a file already; it was left alone. Choose another name.")
    found = db.revision()
    if not db.is_current() or found is None:
        raise MoveError(
            f"the database's schema is {found or 'not there'}, not this release's: back it up with the release that "
            "made it, or start this one once, which brings it up. No backup was made."
        )
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _pack(db, found, instance, file, now)
            file.flush()
            os.fsync(file.fileno())
        checked = Archive(partial)
        checked.close()
        partial.rename(path)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()
    sync(path.parent)
    return checked.manifest


def files_of(folder: Path) -> Iterator[Path]:
    """The question bank's files, as paths below it. What begins with a dot (.git, files half written) is not of it."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if not name.startswith(".") and path.is_file():
                yield path.relative_to(folder)


def _pack(db: Database, revision: str, instance: Instance, file: IO[bytes], now: datetime) -> None:
    packer = Packer(file, now)
    with db.read() as connection:
        tables = tuple(_pack_table(connection, sheet, packer) for sheet in sheets())
        engine = connection.dialect.name
    for below in files_of(instance.questions_dir):
        with suppress(FileNotFoundError):  # taken out since it was listed
            packer.add(f"questions/{below.as_posix()}", (instance.questions_dir / below).read_bytes())
    if instance.key.exists():
        packer.add(KEY, instance.key.read_bytes())
    packer.finish(
        Manifest(
            release=version("whetstone"),
            schema_revision=revision,
            engine=engine,
            made_at=now,
            tables=tables,
            parts=packer.parts,
        )
    )


def _pack_table(connection: Connection, sheet: Sheet, packer: Packer) -> Table:
    tally = Tally()
    waiting, size, number = [], 0, 0
    for line in lines(connection, sheet):
        tally.add(line)
        waiting.append(line)
        size += len(line)
        if size >= _CHUNK:
            packer.add(f"database/{sheet.name}/{number:06}.jsonl", b"".join(waiting))
            waiting, size, number = [], 0, number + 1
    if waiting:
        packer.add(f"database/{sheet.name}/{number:06}.jsonl", b"".join(waiting))
    return Table.of(sheet, tally.fingerprint)
