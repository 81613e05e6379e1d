"""Archives that are damaged, or made to harm: each is refused before anything of it is used."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from every_table import fill_every_table
from test_backup_and_restore import NOW, Place, empty_place

from app.db import Database
from app.moving import archive as archive_module
from app.moving import backup
from app.moving.archive import MANIFEST, Archive
from app.moving.tables import MoveError

Members = list[tuple[tarfile.TarInfo, bytes]]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = empty_place(tmp_path / "place")
    database = Database(made.url)
    database.migrate()
    with database.write() as connection:
        fill_every_table(connection, rows=3)
    database.close()
    made.instance.questions_dir.mkdir()
    (made.instance.questions_dir / "topics.yaml").write_text("areas: []\n")
    made.instance.key.write_text("key")
    return made


@pytest.fixture
def packed(place: Place, tmp_path: Path) -> Path:
    place.back_up(tmp_path / "backup.tar.gz")
    return tmp_path / "backup.tar.gz"


def refused(path: Path) -> str:
    """The reason, after a look that nothing came of it."""
    target = empty_place(path.parent / "target")
    with pytest.raises(MoveError) as caught:
        target.restore(path)
    assert target.everything() == {"rows": {}, "files": {}, "key": None}
    assert str(caught.value).startswith(f"{path}: not a whole backup of Whetstone: ")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def unpacked(path: Path) -> Members:
    with tarfile.open(path) as tar:
        return [(member, tar.extractfile(member).read()) for member in tar]  # type: ignore[union-attr]


def repacked(path: Path, members: Members) -> Path:
    with tarfile.open(path.with_name("made.tar.gz"), "w:gz") as tar:
        for member, data in members:
            if member.isreg():
                member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path.with_name("made.tar.gz")


def entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


def test_archive_packed_anew_is_taken(packed: Path) -> None:
    Archive(repacked(packed, unpacked(packed))).close()  # so that the others are refused for what they change


@pytest.mark.parametrize(
    "content",
    [b"", b"not an archive", gzip.compress(b""), gzip.compress(b"\0" * 10240)],
    ids=["nothing", "other bytes", "nothing, packed", "zeros, packed"],
)
def test_what_is_no_archive_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").write_bytes(content)
    refused(tmp_path / "x.tar.gz")


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_archive_cut_short_is_refused(share: float, packed: Path) -> None:
    whole = packed.read_bytes()
    packed.write_bytes(whole[: int(len(whole) * share)])
    refused(packed)


def test_archive_without_its_last_byte_is_refused(packed: Path) -> None:
    packed.write_bytes(packed.read_bytes()[:-1])
    refused(packed)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 0.4, 0.6, 0.8, 0.99, 0.9999])
def test_archive_with_a_flipped_bit_is_refused(share: float, packed: Path) -> None:
    whole = bytearray(packed.read_bytes())
    whole[int(len(whole) * share)] ^= 0x10
    packed.write_bytes(whole)
    refused(packed)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda members: members[:-1], "no manifest"),
        (lambda members: members[1:], "is not what the manifest says"),
        (lambda members: [members[0], *members], "comes twice"),
        (lambda members: [members[-1], *members[:-1]], "after the manifest"),
        (lambda members: [*members, members[0]], "after the manifest"),
        (lambda members: [(entry("questions/more.yaml"), b"x"), *members], "is not what the manifest says"),
        (lambda members: [(members[0][0], members[0][1] + b"[1]\n"), *members[1:]], "is not what the manifest says"),
        (lambda members: [*members[:-1], (entry(MANIFEST), b"{}")], "manifest is not of a kind this release knows"),
        (lambda members: [*members[:-1], (entry(MANIFEST), b"[" * 99999)], "manifest is not of a kind"),
        (lambda members: _with_manifest(members, '"format": 1', '"format": 2'), "manifest is not of a kind"),
        (lambda members: _with_manifest(members, '"moment"', '"moments"'), "manifest is not of a kind"),
        (lambda members: _with_manifest(members, '"name": "login"', '"name": "a; DROP"'), "a table that can't be one"),
        (lambda members: _with_manifest(members, '"token_hash"', '"x\\" --"'), "a table that can't be one"),
        (lambda members: _with_manifest(members, '"name": "login"', '"name": "logins"'), "is of no table"),
    ],
)
def test_archive_that_is_not_as_its_manifest_says_is_refused(
    change: Callable[[Members], Members], reason: str, packed: Path
) -> None:
    assert reason in refused(repacked(packed, change(unpacked(packed))))


def _with_manifest(members: Members, old: str, new: str) -> Members:
    text = members[-1][1].decode()
    assert old in text
    return [*members[:-1], (members[-1][0], text.replace(old, new).encode())]


@pytest.mark.parametrize(
    "member",
    [
        entry("../outside"),
        entry("/etc/outside"),
        entry("questions/../../outside"),
        entry("questions/./x.yaml"),
        entry("questions//x.yaml"),
        entry("questions"),
        entry("questions/.git/hooks/post-checkout"),
        entry("questions/a\\..\\outside"),
        entry("questions/line\nbreak"),
        entry("database/account/../../outside"),
        entry("database/Account/000000.jsonl"),
        entry("database/account/0.jsonl"),
        entry("outside"),
        entry("questions/link", tarfile.SYMTYPE, "/etc"),
        entry("questions/link", tarfile.LNKTYPE, "secret.key"),
        entry("questions/device", tarfile.CHRTYPE),
        entry("questions/pipe", tarfile.FIFOTYPE),
        entry("questions/folder", tarfile.DIRTYPE),
    ],
    ids=lambda member: f"{member.type!r} {member.name!r}",
)
def test_member_that_no_backup_has_is_refused(member: tarfile.TarInfo, packed: Path) -> None:
    assert "which no backup does" in refused(repacked(packed, [(member, b""), *unpacked(packed)]))
    assert not list(packed.parent.rglob("outside"))


def test_bomb_is_refused_after_little_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "_MOST_UNPACKED", 4 << 20)
    monkeypatch.setattr(archive_module, "MOST_PART", 2 << 20)
    path = tmp_path / "bomb.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for number in range(8):
            member = entry(f"questions/{number}.yaml")
            member.size = 1 << 20
            tar.addfile(member, io.BytesIO(bytes(1 << 20)))
    assert path.stat().st_size < 20_000
    assert "unpacks to more than it may" in refused(path)


def test_part_larger_than_any_may_be_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_module, "MOST_PART", 1 << 20)
    path = tmp_path / "large.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        member = entry("questions/large.yaml")
        member.size = 2 << 20
        tar.addfile(member, io.BytesIO(bytes(2 << 20)))
    assert "larger than any part" in refused(path)


def test_name_that_claims_gigabytes_is_refused(tmp_path: Path) -> None:
    header = entry("long", tarfile.GNUTYPE_LONGNAME)
    header.size = 3 << 30
    (tmp_path / "x.tar.gz").write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(1 << 16)))
    assert "unpacks to more than it may" in refused(tmp_path / "x.tar.gz")


def test_headers_without_end_are_refused(tmp_path: Path) -> None:
    header = entry("x", tarfile.XHDTYPE)
    header.size = 0
    (tmp_path / "x.tar.gz").write_bytes(gzip.compress(header.tobuf(tarfile.USTAR_FORMAT) * 20_000))
    refused(tmp_path / "x.tar.gz")


def test_rows_that_no_backup_writes_are_refused(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its hashes are right, so that only filling the tables shows it."""
    monkeypatch.setattr(backup, "lines", lambda connection, sheet: iter([b"[1]\n"]))
    place.back_up(tmp_path / "b.tar.gz")
    target = empty_place(tmp_path / "target")
    with pytest.raises(MoveError, match="a row can't be read"):
        target.restore(tmp_path / "b.tar.gz")
    assert target.everything() == {"rows": {}, "files": {}, "key": None}


def test_moment_of_the_archive_is_the_backups(packed: Path) -> None:
    archive = Archive(packed)
    assert archive.manifest.made_at == NOW
    archive.close()
