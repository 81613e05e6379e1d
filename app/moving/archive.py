"""The file that a backup is: a tar.gz of parts and, last, a manifest that says what they must be.

Parts are `database/TABLE/NUMBER.jsonl` (lines of `tables`), `questions/PATH` and `secret.key`. An archive that is read
may be damaged or made to harm: no name reaches outside, nothing is taken into memory beyond a part's limit, what
unpacks to more than a database could is refused, and nothing of it is used before all of it is as its manifest says.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Literal, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from app.moving.tables import Fingerprint, MoveError, Sheet

MANIFEST = "manifest.json"
KEY = "secret.key"
MOST_PART = 64 << 20  # bytes
_MOST_UNPACKED = 1 << 30  # bytes, or
_MOST_RATIO = 60  # times the archive's own size: rows of text pack to about a tenth
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")  # of a table or column


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Table(_Value):
    """A table's shape, how many rows it has, and their fingerprint."""

    name: str
    columns: tuple[tuple[str, Literal["integer", "float", "boolean", "text", "moment", "json", "bytes"]], ...]
    key: tuple[str, ...]
    rows: int
    digest: str

    @classmethod
    def of(cls, sheet: Sheet, found: Fingerprint) -> Table:
        return cls.model_validate(
            {"name": sheet.name, "columns": sheet.columns, "key": sheet.key, "rows": found.rows, "digest": found.digest}
        )

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint(self.rows, self.digest)

    @property
    def sheet(self) -> Sheet:
        return Sheet(self.name, self.columns, self.key)


class Part(_Value):
    size: int  # bytes
    sha256: str


class Manifest(_Value):
    """What made the archive, when, and what is in it. `tables` come in the order in which they can be filled."""

    format: Literal[1] = 1
    release: str
    schema_revision: str
    engine: str
    made_at: datetime
    tables: tuple[Table, ...]
    parts: dict[str, Part]

    @property
    def questions(self) -> list[str]:
        """The files of the questions folder, as paths below it."""
        return [name.removeprefix("questions/") for name in self.parts if name.startswith("questions/")]


class Packer:
    """Writes an archive into `file`, part by part."""

    def __init__(self, file: IO[bytes], made_at: datetime) -> None:
        self._made_at = made_at.timestamp()
        self._packed = gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=self._made_at)
        self._tar = tarfile.TarFile(fileobj=self._packed, mode="w")
        self.parts: dict[str, Part] = {}

    def add(self, name: str, data: bytes) -> None:
        if len(data) > MOST_PART:
            raise MoveError(f"{name}: more than {MOST_PART >> 20} MiB; no backup takes it")
        self.parts[name] = Part(size=len(data), sha256=hashlib.sha256(data).hexdigest())
        self._write(name, data)

    def finish(self, manifest: Manifest) -> None:
        self._write(MANIFEST, manifest.model_dump_json(indent=1).encode())
        self._tar.close()
        self._packed.close()

    def _write(self, name: str, data: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime, entry.mode = len(data), int(self._made_at), 0o600
        self._tar.addfile(entry, io.BytesIO(data))


class Archive:
    """An archive that was read once from end to end and is what its manifest says. Close it after use."""

    def __init__(self, path: Path) -> None:
        """Raises MoveError for a file that is no archive of ours, or damaged."""
        self._path = path
        self._file = path.open("rb")
        try:
            self.manifest = self._examined()
        except BaseException:
            self._file.close()
            raise

    def parts(self) -> Iterator[tuple[str, bytes]]:
        """Each part's name and content, in the archive's order, without the manifest."""
        return (part for part in self._members() if part[0] != MANIFEST)

    def close(self) -> None:
        self._file.close()

    def _examined(self) -> Manifest:
        found: dict[str, Part] = {}
        manifest: Manifest | None = None
        for name, data in self._members():
            if manifest is not None or name in found:
                raise self._damaged(f"{name} comes twice, or after the manifest")
            if name == MANIFEST:
                manifest = self._manifest(data)
            else:
                found[name] = Part(size=len(data), sha256=hashlib.sha256(data).hexdigest())
        if manifest is None:
            raise self._damaged("it has no manifest, so it is not whole")
        for name in found.keys() | manifest.parts.keys():
            if found.get(name) != manifest.parts.get(name):
                raise self._damaged(f"{name} is not what the manifest says")
        self._require_tables(manifest)
        return manifest

    def _manifest(self, data: bytes) -> Manifest:
        try:
            return Manifest.model_validate_json(data)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise self._damaged(f"its manifest is not of a kind this release knows ({place}: {first['msg']})") from None

    def _require_tables(self, manifest: Manifest) -> None:
        for table in manifest.tables:
            names = [name for name, _ in table.columns]
            if not all(map(_NAME.fullmatch, (table.name, *names))) or not table.key or not set(table.key) <= set(names):
                raise self._damaged(f"the manifest has a table that can't be one, {table.name[:63]!r}")
        known = {table.name for table in manifest.tables}
        if stray := sorted(name for name in manifest.parts if table_of(name) not in (None, *known)):
            raise self._damaged(f"{stray[0]} is of no table in the manifest")

    def _members(self) -> Iterator[tuple[str, bytes]]:
        size = self._file.seek(0, io.SEEK_END)
        self._file.seek(0)
        limit = max(_MOST_UNPACKED, _MOST_RATIO * size)
        try:
            with gzip.GzipFile(fileobj=self._file) as packed:
                bounded = _Bounded(packed, limit)
                with tarfile.TarFile(fileobj=cast("IO[bytes]", bounded), errorlevel=1) as tar:
                    for member in tar:
                        name = self._checked(member)
                        content = tar.extractfile(member)
                        yield name, content.read() if content else b""
                        tar.members = []  # type: ignore[attr-defined]  # or it would remember every one
                bounded.read_to_end()
        except (OSError, EOFError, ValueError, RecursionError, zlib.error, tarfile.TarError) as error:
            raise self._damaged(str(error) or type(error).__name__) from None

    def _checked(self, member: tarfile.TarInfo) -> str:
        name = member.name
        path = PurePosixPath(name)
        plain = not path.is_absolute() and name == str(path) and name.isprintable()
        plain = plain and not any(part.startswith(".") for part in path.parts)  # nor "..", nor .git/hooks
        ours = name in (MANIFEST, KEY) or (path.parts[:1] == ("questions",) and len(path.parts) > 1) or table_of(name)
        if not member.isreg() or not plain or "\\" in name or not ours:
            raise self._damaged(f"it holds {name[:80]!r}, which no backup does")
        if member.size > MOST_PART:
            raise self._damaged(f"{name} is larger than any part may be")
        return name

    def _damaged(self, why: str) -> MoveError:
        return MoveError(f"{self._path}: not a whole backup of Whetstone: {why}. Nothing was changed.")


class _Bounded:
    """What tarfile reads from: it refuses to unpack more than `limit`, or more at once than a part may have."""

    def __init__(self, packed: gzip.GzipFile, limit: int) -> None:
        self._packed = packed
        self._limit = limit

    def read(self, size: int) -> bytes:
        if not 0 <= size <= MOST_PART or self._packed.tell() + size > self._limit:
            raise tarfile.ReadError("it unpacks to more than it may")
        return self._packed.read(size)

    def seek(self, place: int) -> int:
        """Forwards alone: a reader that went back would unpack all from the start again."""
        if not self._packed.tell() <= place <= self._limit:
            raise tarfile.ReadError("it unpacks to more than it may")
        return self._packed.seek(place)

    def tell(self) -> int:
        return self._packed.tell()

    def read_to_end(self) -> None:
        """So that the checksum at the end is looked at."""
        while self.read(1 << 16):
            pass


def table_of(name: str) -> str | None:
    """Whose rows a part holds; None for a part that is of no table."""
    match PurePosixPath(name).parts:
        case ("database", table, number) if _NAME.fullmatch(table) and re.fullmatch(r"\d{6}\.jsonl", number):
            return table
        case _:
            return None
