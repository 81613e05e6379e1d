"""A backup has everything of one moment, and a restore puts all of it back, or changes nothing."""

from __future__ import annotations

import dataclasses
import errno
import os
import stat
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest
from databases import empty_database, on_postgresql
from every_table import fill_every_table
from sqlalchemy import Connection, func, insert, inspect, select, text
from sqlalchemy.engine import make_url

from app.accounts.models import Account
from app.accounts.service import accounts
from app.db import Database, upgrade
from app.moving import backup as backup_module
from app.moving import restore as restore_module
from app.moving.archive import Archive, Manifest
from app.moving.backup import Instance, back_up, files_of
from app.moving.in_use import sqlite_file
from app.moving.restore import Restored, restore
from app.moving.tables import Fingerprint, MoveError, Sheet, fingerprint, sheets

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """An instance's folders and database, in a folder of the test's."""

    folder: Path
    url: str

    @property
    def instance(self) -> Instance:
        return Instance(self.folder / "data", self.folder / "questions")

    def everything(self) -> dict[str, object]:
        """Every row, every file and the key, for comparing."""
        files = {
            str(it): (self.instance.questions_dir / it).read_bytes() for it in files_of(self.instance.questions_dir)
        }
        key = self.instance.key.read_bytes() if self.instance.key.exists() else None
        return {"rows": self.rows(), "files": files, "key": key}

    def rows(self) -> Mapping[str, Fingerprint]:
        file = sqlite_file(self.url)
        if file is not None and not file.exists():
            return {}
        database = Database(self.url)
        try:
            with database.read() as connection:
                if connection.scalar(text(_HAS_TABLES[connection.dialect.name])) is None:
                    return {}
                return {sheet.name: fingerprint(connection, sheet) for sheet in sheets()}
        finally:
            database.close()

    def back_up(self, path: Path) -> Manifest:
        database = Database(self.url)
        try:
            return back_up(database, self.instance, path, NOW)
        finally:
            database.close()

    def restore(self, path: Path, *, replace: bool = False) -> Restored:
        archive = Archive(path)
        try:
            return restore(archive, self.url, self.instance, NOW, replace=replace)
        finally:
            archive.close()


_HAS_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE name = 'alembic_version'",
    "postgresql": "SELECT to_regclass('alembic_version')::text",
}


def empty_place(folder: Path) -> Place:
    (folder / "data").mkdir(parents=True)
    return Place(folder, empty_database(folder / "data"))


def full_place(folder: Path, seed: int = 0) -> Place:
    """Rows in every table, a few question files, a key."""
    place = empty_place(folder)
    database = Database(place.url)
    database.migrate()
    with database.write() as connection:
        fill_every_table(connection, seed=seed)
    database.close()
    place.instance.key.write_text(f"key {seed}")
    for name, content in (
        ("topics.yaml", "areas: []\n"),
        ("cnn/pooling.yaml", f"# {seed}\r\n- 池化\n"),
        ("cnn/图.png", "\x89PNG"),
    ):
        path = place.instance.questions_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode())
    hook = place.instance.questions_dir / ".git" / "hooks" / "post-merge"
    hook.parent.mkdir(parents=True)
    hook.write_text("of git, not of the bank")
    return place


@pytest.fixture
def full(tmp_path: Path) -> Place:
    return full_place(tmp_path / "full")


@pytest.fixture
def empty(tmp_path: Path) -> Place:
    return empty_place(tmp_path / "empty")


@pytest.fixture
def packed(full: Place, tmp_path: Path) -> Path:
    full.back_up(tmp_path / "backup.tar.gz")
    return tmp_path / "backup.tar.gz"


def test_restored_instance_has_every_row_file_and_key(full: Place, empty: Place, packed: Path) -> None:
    before = full.everything()
    restored = empty.restore(packed)
    assert empty.everything() == before
    assert restored.kept == ()
    assert all(found.rows == 20 for found in empty.rows().values())
    assert sorted(before["files"]) == ["cnn/pooling.yaml", "cnn/图.png", "topics.yaml"]  # type: ignore[call-overload]
    assert stat.S_IMODE(empty.instance.key.stat().st_mode) == 0o600
    assert list(empty.instance.data_dir.glob(".*")) == [], "nothing half-done is left"


def test_restored_instance_takes_new_rows_after_the_old(empty: Place, packed: Path) -> None:
    empty.restore(packed)
    database = Database(empty.url)
    with database.write() as connection:
        highest = connection.scalar(select(func.max(accounts.c.id)))
        row = Account(name="new", created_at=NOW).model_dump(exclude={"id"})
        made = connection.execute(insert(accounts).values(row)).inserted_primary_key
    database.close()
    assert made is not None
    assert made[0] == highest + 1


def test_backup_is_for_its_owner_alone_and_leaves_nothing_else(packed: Path) -> None:
    assert stat.S_IMODE(packed.stat().st_mode) == 0o600
    assert sorted(it.name for it in packed.parent.iterdir()) == ["backup.tar.gz", "full"]


def test_backup_never_takes_the_place_of_a_file(full: Place, packed: Path) -> None:
    before = packed.read_bytes()
    with pytest.raises(MoveError, match="such a file already"):
        full.back_up(packed)
    assert packed.read_bytes() == before


def test_manifest_says_what_made_it_and_counts(full: Place, tmp_path: Path) -> None:
    manifest = full.back_up(tmp_path / "b.tar.gz")
    assert (manifest.engine, manifest.made_at) == (Database(full.url).engine.dialect.name, NOW)
    assert manifest.schema_revision == Database(full.url).revision()
    assert {table.name: table.fingerprint for table in manifest.tables} == full.rows()
    assert set(manifest.questions) == {"topics.yaml", "cnn/pooling.yaml", "cnn/图.png"}


def test_backup_while_writers_write_has_one_moment_with_all_that_was_acknowledged(tmp_path: Path) -> None:
    place = full_place(tmp_path / "full")
    database = Database(place.url)
    acknowledged: list[int] = []
    enough, stop = threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            with database.write() as connection:  # both rows or none
                row = Account(name=f"writer-{number}", created_at=NOW).model_dump(exclude={"id"})
                connection.execute(insert(accounts).values(row))
                connection.execute(
                    text("INSERT INTO site_setting (name, value) VALUES (:name, '1')"), {"name": f"writer-{number}"}
                )
            acknowledged.append(number)
            number += 1
            if number == 20:
                enough.set()

    writer = threading.Thread(target=write)
    writer.start()
    counts = []
    try:
        assert enough.wait(60)
        for turn in range(5):
            before = len(acknowledged)
            path = tmp_path / f"{turn}.tar.gz"
            back_up(database, place.instance, path, NOW)
            counts.append((before, path))
    finally:
        stop.set()
        writer.join()
        database.close()
    assert len(acknowledged) > counts[-1][0], "somebody wrote all the time"
    for turn, (before, path) in enumerate(counts):
        other = empty_place(tmp_path / f"restored-{turn}")
        other.restore(path)
        found = Database(other.url)
        with found.read() as connection:
            people = set(connection.scalars(select(accounts.c.name).where(accounts.c.name.startswith("writer-"))))
            settings = set(connection.scalars(text("SELECT name FROM site_setting WHERE name LIKE 'writer-%'")))
        found.close()
        assert people == settings == {f"writer-{number}" for number in range(len(people))}
        assert len(people) >= before


def test_backup_of_an_older_schema_says_which_release_can(full: Place, tmp_path: Path) -> None:
    database = Database(full.url)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    database.close()
    with pytest.raises(MoveError, match="schema is 0002, not this release's"):
        full.back_up(tmp_path / "b.tar.gz")
    assert not (tmp_path / "b.tar.gz").exists()


def test_instance_that_is_not_empty_is_left_alone(tmp_path: Path, packed: Path) -> None:
    other = full_place(tmp_path / "other", seed=1)
    before = other.everything()
    with pytest.raises(MoveError, match=r"not empty: the database: it has rows.*secret.key is another.*pooling.yaml"):
        other.restore(packed)
    assert other.everything() == before


@pytest.mark.parametrize("there", ["key", "questions"])
def test_key_or_questions_alone_are_not_overwritten_either(there: str, empty: Place, packed: Path) -> None:
    path = empty.instance.key if there == "key" else empty.instance.questions_dir / "topics.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    with pytest.raises(MoveError, match="not empty"):
        empty.restore(packed)
    assert path.read_text() == "mine"
    assert empty.rows() == {}


def test_replace_puts_the_backup_in_place_and_keeps_what_was_there(full: Place, tmp_path: Path, packed: Path) -> None:
    other = full_place(tmp_path / "other", seed=1)
    mine = other.instance.questions_dir / "cnn" / "mine.yaml"
    mine.write_text("only here")
    before = other.everything()
    restored = other.restore(packed, replace=True)
    assert other.everything() == full.everything()
    aside = Path(restored.kept[0])
    assert (aside / "questions" / "cnn" / "mine.yaml").read_text() == "only here"
    assert (aside / "questions" / "cnn" / "pooling.yaml").read_bytes() == before["files"]["cnn/pooling.yaml"]  # type: ignore[index]
    assert not (aside / "questions" / "topics.yaml").exists(), "it is the same"
    assert (aside / "secret.key").read_text() == "key 1"
    assert (other.instance.questions_dir / ".git" / "hooks" / "post-merge").exists()
    kept_database(other, aside, before["rows"])


def kept_database(place: Place, aside: Path, expected: object) -> None:
    """The database that was there can be read as it was."""
    url = f"sqlite:///{aside / 'whetstone.sqlite3'}"
    if on_postgresql():
        schema = aside.name.replace("-", "_").lower()
        url = make_url(place.url).set(query={"options": f"-csearch_path={schema}"}).render_as_string(False)
    assert Place(aside, url).rows() == expected


def test_bank_that_can_not_be_written_is_left_and_told_of(
    full: Place, tmp_path: Path, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> NoReturn:
        raise OSError(errno.EROFS, "Read-only file system")

    other = empty_place(tmp_path / "other")
    other.instance.questions_dir.mkdir()
    (other.instance.questions_dir / "topics.yaml").write_text("of the image")
    monkeypatch.setattr(restore_module, "TemporaryFile", refuse)
    restored = other.restore(packed)
    assert restored.unwritten == 3
    assert other.rows() == full.rows()
    assert other.instance.key.read_text() == "key 0"
    assert [it.name for it in other.instance.questions_dir.iterdir()] == ["topics.yaml"]
    assert (other.instance.questions_dir / "topics.yaml").read_text() == "of the image"


def test_replace_works_where_the_database_is_damaged(full: Place, tmp_path: Path, packed: Path) -> None:
    other = empty_place(tmp_path / "other")
    file = other.instance.data_dir / "damaged.sqlite3"
    other = Place(other.folder, f"sqlite:///{file}")
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(MoveError, match="it can't be read"):
        other.restore(packed)
    restored = other.restore(packed, replace=True)
    assert other.everything() == full.everything()
    assert (Path(restored.kept[0]) / file.name).read_bytes() == b"no database at all" * 100


def test_restore_is_refused_while_the_database_is_in_use(tmp_path: Path, packed: Path) -> None:
    other = full_place(tmp_path / "other", seed=1)
    before = other.everything()
    server = Database(other.url)
    with server.read() as connection:
        connection.execute(select(func.count()).select_from(accounts))
    with pytest.raises(
        MoveError, match=r"has it open|connected"
    ):  # its connection is idle, as a server's between requests
        other.restore(packed, replace=True)
    server.close()
    assert other.everything() == before


def test_backup_of_a_newer_release_is_refused(
    full: Place, empty: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Database, "revision", lambda self: "9999")
    monkeypatch.setattr(Database, "is_current", lambda self: True)
    full.back_up(tmp_path / "newer.tar.gz")
    monkeypatch.undo()
    with pytest.raises(MoveError, match=r"made by a newer release .*schema 9999"):
        empty.restore(tmp_path / "newer.tar.gz")
    assert empty.everything() == {"rows": {}, "files": {}, "key": None}


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A backup as a release with the schema 0002 made it."""
    place = empty_place(tmp_path / "older")
    database = Database(place.url)
    with database.write() as connection:
        upgrade(connection, "0002")
        connection.execute(
            text(
                "INSERT INTO account (id, name, role, created_at, theme, shortcuts, new_per_day, reviews_per_day) "
                "VALUES (5, 'ada', 'admin', :at, 'auto', TRUE, 20, 200)"
            ),
            {"at": "2026-01-02 03:04:05.678901+00:00"},
        )
    with database.read() as connection:
        monkeypatch.setattr(backup_module, "sheets", lambda: _as_of(connection))
        monkeypatch.setattr(Database, "is_current", lambda self: True)
        back_up(database, place.instance, tmp_path / "older.tar.gz", NOW)
    database.close()
    monkeypatch.undo()
    return tmp_path / "older.tar.gz"


def _as_of(connection: Connection) -> list[Sheet]:
    """The tables and columns that there were then."""
    look = inspect(connection)
    there = {name: {it["name"] for it in look.get_columns(name)} for name in look.get_table_names()}
    return [
        dataclasses.replace(sheet, columns=tuple(it for it in sheet.columns if it[0] in there[sheet.name]))
        for sheet in sheets()
        if sheet.name in there
    ]


def test_older_backup_is_brought_up(older: Path, empty: Place) -> None:
    empty.restore(older)
    database = Database(empty.url)
    assert database.is_current()
    with database.read() as connection:
        row = connection.execute(select(accounts)).mappings().one()
    database.close()
    assert (row["id"], row["name"]) == (5, "ada")
    assert row["created_at"] == datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    assert row["disabled_at"] is None, "a column that came later"


def test_restore_that_fails_at_any_step_changes_nothing(
    tmp_path: Path, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = full_place(tmp_path / "other", seed=1)
    (other.instance.questions_dir / "mine.yaml").write_text("only here")
    before = other.everything()
    rename, steps, fail_at = os.rename, 0, 0

    def failing(here: Path, there: Path) -> None:
        nonlocal steps
        steps += 1
        if steps == fail_at:
            raise OSError(28, "No space left on device")
        rename(here, there)

    monkeypatch.setattr(os, "rename", failing)
    while True:
        steps, fail_at = 0, fail_at + 1
        try:
            other.restore(packed, replace=True)
        except OSError:
            assert other.everything() == before, f"step {fail_at}"
            assert [it.name for it in other.instance.data_dir.iterdir() if "restor" in it.name] == []
        else:
            break
    assert fail_at > 4


def test_restore_of_rows_that_do_not_fit_changes_nothing(
    full: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lines(connection: Connection, sheet: Sheet) -> Iterator[bytes]:
        """As they are, but a login of somebody who is not there."""
        for number, line in enumerate(read_lines(connection, sheet)):
            row = sheet.row(line)
            if sheet.name == "login" and number == 7:
                row[[name for name, _ in sheet.columns].index("account_id")] = 123456
            yield sheet.line(row)

    read_lines = backup_module.lines
    monkeypatch.setattr(backup_module, "lines", lines)
    full.back_up(tmp_path / "b.tar.gz")
    other = full_place(tmp_path / "other", seed=1)
    before = other.everything()
    with pytest.raises(MoveError, match=r"login, token_hash .*: the database does not take this row"):
        other.restore(tmp_path / "b.tar.gz", replace=True)
    assert other.everything() == before
