"""What a restore moves, written down on disk before it is moved, to be put back should the process end in the middle.

It is a line of JSON about the restore, then one for each move. A move's line is struck off once it was taken back, and
only then the one before it is taken back: so one move at most is in doubt, and `take_back` is right either way. Whoever
has the journal holds a lock of the operating system on it, which ends with the process.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from io import FileIO
from pathlib import Path

from app.moving.durable import make_folder, relocate, sync, take_back
from app.moving.tables import MoveError


@dataclass(frozen=True)
class Undertaking:
    """A restore that is under way.

    `database` is PostgreSQL's address (None on SQLite, where nothing is committed but the moves), and `mark` what the
    transaction leaves there. `aside` gets what was there before; nobody needs the stages afterwards: `stage` is for
    question files and the key, `file_stage` for an SQLite file, on that file's disk.
    """

    database: str | None
    mark: str
    aside: Path
    stage: Path
    file_stage: Path


@dataclass
class Journal:
    """Moves files so that they can be moved back, until `end`. Leaving the block lets another process have it."""

    path: Path
    undertaking: Undertaking
    _file: FileIO
    _moves: list[tuple[int, Path, Path]] = field(default_factory=list)  # where its line begins, from where, to where

    @classmethod
    @contextmanager
    def begin(cls, path: Path, undertaking: Undertaking) -> Iterator[Journal]:
        """Raises MoveError where there is one already."""
        try:
            file = FileIO(path, "x+")
        except FileExistsError:
            raise _taken(path) from None
        with file:
            journal = cls(path, undertaking, file)
            try:
                _lock(path, file)
                if journal.has_ended:  # somebody looked at it before it was locked, and took it for a leftover
                    raise _taken(path)
                journal._write(asdict(undertaking))
                sync(path.parent)
            except OSError:
                journal.end()
                raise
            yield journal

    @classmethod
    @contextmanager
    def resume(cls, path: Path) -> Iterator[Journal | None]:
        """The one that an interrupted restore has left, if it left one. Raises MoveError while that restore goes on."""
        try:
            file = FileIO(path, "r+")
        except FileNotFoundError:
            yield None
            return
        with file:
            _lock(path, file)
            lines = _lines(file)
            if lines:
                journal = cls(path, _undertaking(path, lines[0]), file, _moves(lines))
                yield None if journal.has_ended else journal
            else:
                path.unlink(missing_ok=True)
                yield None

    @property
    def has_ended(self) -> bool:
        """Whether its file is gone."""
        return os.fstat(self._file.fileno()).st_nlink == 0

    def move(self, here: Path, there: Path) -> None:
        """Raises OSError, with nothing done, where the one is not there or the other is."""
        here, there = here.absolute(), there.absolute()
        here.lstat()
        if os.path.lexists(there):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(there))
        make_folder(there.parent)
        begins = self._write([here, there])
        self._moves.append((begins, here, there))
        relocate(here, there)

    def take_back(self) -> None:
        """Every move, the last one first. May be broken off, and called again."""
        while self._moves:
            begins, here, there = self._moves[-1]
            take_back(here, there)
            self._file.truncate(begins)
            os.fsync(self._file.fileno())
            self._moves.pop()

    def end(self) -> None:
        """From now on nothing is taken back."""
        for folder in (self.undertaking.stage, self.undertaking.file_stage):
            shutil.rmtree(folder, ignore_errors=True)
        self.path.unlink(missing_ok=True)
        sync(self.path.parent)

    def _write(self, content: object) -> int:
        """Add a line, on disk when this returns. Return where it begins."""
        begins = self._file.seek(0, os.SEEK_END)
        line = json.dumps(content, default=str).encode() + b"\n"
        while line:
            line = line[self._file.write(line) :]
        os.fsync(self._file.fileno())
        return begins


def _lock(path: Path, file: FileIO) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _taken(path) from None


def _taken(path: Path) -> MoveError:
    return MoveError(f"{path}: another restore is under way; let it end first. Nothing was changed.")


def _lines(file: FileIO) -> list[bytes]:
    """Without the one that has no end: what it is about was not begun."""
    return [line for line in file.readall().splitlines(keepends=True) if line.endswith(b"\n")]


def _undertaking(path: Path, line: bytes) -> Undertaking:
    try:
        found = json.loads(line)
        places = (Path(found[name]) for name in ("aside", "stage", "file_stage"))
        return Undertaking(found["database"], found["mark"], *places)
    except (ValueError, KeyError, TypeError):
        raise MoveError(
            f"{path}: another release wrote it; run its `whetstone restore`. Nothing was changed."
        ) from None


def _moves(lines: list[bytes]) -> list[tuple[int, Path, Path]]:
    moves, begins = [], len(lines[0])
    for line in lines[1:]:
        here, there = json.loads(line)
        moves.append((begins, Path(here), Path(there)))
        begins += len(line)
    return moves
