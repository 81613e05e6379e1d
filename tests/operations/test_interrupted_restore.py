"""A restore that ends in the middle, by a kill or a power cut, is noticed by whoever comes next and put back whole."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest
from databases import on_postgresql
from test_backup_and_restore import Place, empty_place, full_place

from app import cli
from app.moving import restore as restore_module
from app.moving.archive import Manifest
from app.moving.backup import Instance
from app.moving.journal import Journal
from app.moving.put_back import address_of, put_back_interrupted
from app.moving.tables import MoveError
from app.settings import ROOT, RestoreUnderWayError, from_env

WHETSTONE = (sys.executable, "-c", "from app.cli import main; main()")  # of this tree, installed or not
CALLS = ("rename", "unlink", "fsync")  # before each of these is a moment to be killed at


@dataclass
class Moments:
    """Keeps a copy of a place as a kill would leave it: one at each moment at which it is not as at the one before.

    Each folder is as if on a disk of its own: before the copying and after it files lie as on one disk, too.
    """

    place: Place
    folder: Path
    last: object = None
    kept: int = 0

    def watch(self) -> None:
        """From now on, in this process, which is going to be killed."""
        for name in CALLS:
            setattr(os, name, self._watched(getattr(os, name)))
        os.rename = self._refused(os.rename)

    def _watched(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **options: Any) -> Any:
            self._look()
            return call(*arguments, **options)

        return watched

    def _refused(self, rename: Callable[..., Any]) -> Callable[..., Any]:
        def refused(here: Path, there: Path) -> None:
            if here.parent != there.parent:
                raise OSError(errno.EXDEV, "Invalid cross-device link")
            rename(here, there)

        return refused

    def _look(self) -> None:
        state = sorted(
            (str(it), found.st_ino, found.st_size, found.st_mtime_ns)
            for it in self.place.folder.rglob("*")
            if not it.is_dir() and (found := it.lstat())
        )
        if state != self.last:
            self.last = state
            shutil.copytree(self.place.folder, self.folder / f"{self.kept:03}", symlinks=True)
            self.kept += 1

    def all(self) -> Iterator[Path]:
        """Each in its turn in the place's own folder, as it was left."""
        for moment in sorted(self.folder.iterdir()):
            shutil.rmtree(self.place.folder)
            shutil.copytree(moment, self.place.folder, symlinks=True)
            yield moment


def killed(work: Callable[[], object]) -> None:
    """Have a process of its own do it, which is killed before it comes back."""
    child = multiprocessing.get_context("fork").Process(target=work, daemon=True)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying_after(function: Callable[..., object]) -> Callable[..., None]:
    def run(*arguments: object) -> None:
        function(*arguments)
        die()

    return run


def environment(place: Place) -> dict[str, str]:
    return {
        "WHETSTONE_DATA_DIR": str(place.instance.data_dir),
        "WHETSTONE_QUESTIONS_DIR": str(place.instance.questions_dir),
        "WHETSTONE_DATABASE_URL": place.url,
    }


def is_refused(place: Place) -> None:
    with pytest.raises(RestoreUnderWayError, match=r"restore-under-way.jsonl: a restore is .* interrupted; .*again"):
        from_env(environment(place))


def put_back(place: Place) -> str:
    words = put_back_interrupted(place.url, place.instance)
    assert not place.instance.journal.exists()
    assert list(place.instance.data_dir.glob(".*")) == [], "nothing half-done is left"
    return words


@pytest.fixture
def full(tmp_path: Path) -> Place:
    return full_place(tmp_path / "full")


@pytest.fixture
def packed(full: Place, tmp_path: Path) -> Path:
    full.back_up(tmp_path / "backup.tar.gz")
    return tmp_path / "backup.tar.gz"


@pytest.fixture
def other(tmp_path: Path) -> Place:
    """Another instance than the backup's: rows, question files and key differ."""
    place = full_place(tmp_path / "other", seed=1)
    (place.instance.questions_dir / "cnn" / "mine.yaml").write_text("only here")
    (place.instance.questions_dir / "linked.yaml").symlink_to("cnn/mine.yaml")
    return place


def interrupt(place: Place, packed: Path, moments: Moments | None = None) -> None:
    """Replace everything, and be killed when only the end is left: on PostgreSQL, the commit."""

    def work() -> None:
        if on_postgresql():
            restore_module._swap_key = dying_after(restore_module._swap_key)
        Journal.end = die  # type: ignore[method-assign]
        if moments is not None:
            moments.watch()
        place.restore(packed, replace=True)

    killed(work)


def test_restore_killed_at_any_moment_is_refused_and_put_back(
    full: Place, other: Place, packed: Path, tmp_path: Path
) -> None:
    before = other.everything()
    moments = Moments(other, tmp_path / "moments")
    interrupt(other, packed, moments)
    states = set()
    for moment in moments.all():
        is_refused(other)
        states.add(other.instance.journal.read_text())
        put_back(other)
        assert other.everything() == before, moment
        assert (other.instance.questions_dir / "linked.yaml").is_symlink()
    moves = 6 if on_postgresql() else 8
    assert len(states) == moves + 1, "it was killed around each of them, and before the first"
    other.restore(packed, replace=True)
    assert other.everything() == full.everything()


def test_putting_back_may_be_killed_too(other: Place, packed: Path, tmp_path: Path) -> None:
    before = other.everything()
    interrupt(other, packed)
    moments = Moments(other, tmp_path / "moments")

    def work() -> None:
        moments.watch()
        put_back_interrupted(other.url, other.instance)
        die()

    killed(work)
    states = set()
    for moment in moments.all():
        states.add(other.instance.journal.read_text() if other.instance.journal.exists() else "it has ended")
        put_back(other)
        assert other.everything() == before, moment
    moves = 6 if on_postgresql() else 8
    assert len(states) == moves + 2, "it was killed around each of them, when all were back, and at the end"


@pytest.mark.postgresql
@pytest.mark.parametrize("there", ["nothing", "other", "other rows"])
def test_restore_killed_after_the_commit_counts(full: Place, packed: Path, tmp_path: Path, there: str) -> None:
    """Whether or not there was anything to set aside or to move."""
    place = empty_place(tmp_path / "empty") if there == "nothing" else full_place(tmp_path / "other", seed=1)
    if there == "other rows":
        shutil.copytree(full.instance.questions_dir, place.instance.questions_dir, dirs_exist_ok=True)
        shutil.copy(full.instance.key, place.instance.key)

    def work() -> None:
        Journal.end = die  # type: ignore[method-assign]
        place.restore(packed, replace=True)

    killed(work)
    is_refused(place)
    assert "had counted" in put_back(place)
    assert place.everything() == full.everything()


@pytest.mark.postgresql
def test_another_database_is_not_asked_whether_the_restore_counts(other: Place, packed: Path, tmp_path: Path) -> None:
    before = other.everything()
    interrupt(other, packed)
    elsewhere = empty_place(tmp_path / "elsewhere").url
    with pytest.raises(MoveError, match="set WHETSTONE_DATABASE_URL to that database"):
        put_back_interrupted(elsewhere, other.instance)
    is_refused(other)
    put_back(other)
    assert other.everything() == before


@pytest.mark.postgresql
def test_address_names_the_database_and_not_who_asks() -> None:
    url = "postgresql+psycopg://ada:secret@here:5433/school?password=secret&host=there"
    assert address_of(url) == "postgresql+psycopg://here:5433/school?host=there"


def test_failure_at_the_very_end_is_told_as_what_it_came_to(
    full: Place, other: Place, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL has committed by then."""
    before, end, calls = other.everything(), Journal.end, []

    def fail_once(journal: Journal) -> None:
        calls.append(journal)
        if len(calls) == 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        end(journal)

    monkeypatch.setattr(Journal, "end", fail_once)
    if on_postgresql():
        assert other.restore(packed, replace=True).kept
        assert other.everything() == full.everything()
    else:
        with pytest.raises(OSError, match="Input/output error"):
            other.restore(packed, replace=True)
        assert other.everything() == before
    assert not other.instance.journal.exists()


def test_failure_that_can_not_be_undone_yet_says_so_and_stays_refused(
    other: Place, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = other.everything()

    def fail(*_: object) -> NoReturn:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as broken:
        broken.setattr(restore_module, "_swap_key", fail)
        broken.setattr(Journal, "take_back", fail)
        with pytest.raises(MoveError, match=r"the restore failed .* could not be put back .* run `whetstone restore"):
            other.restore(packed, replace=True)
    is_refused(other)
    put_back(other)
    assert other.everything() == before


def test_torn_line_is_of_a_move_that_was_not_begun(other: Place, packed: Path) -> None:
    before = other.everything()
    interrupt(other, packed)
    with other.instance.journal.open("a") as file:
        file.write('["/somewhere')
    put_back(other)
    assert other.everything() == before


def test_what_somebody_put_in_the_way_is_not_lost(other: Place, packed: Path) -> None:
    before = other.everything()
    interrupt(other, packed)
    here, there = map(Path, json.loads(other.instance.journal.read_text().splitlines()[-1]))
    here.parent.mkdir(exist_ok=True)
    here.write_text("of somebody else")
    with pytest.raises(MoveError, match="are both there, and differ"):
        put_back_interrupted(other.url, other.instance)
    assert here.read_text() == "of somebody else"
    here.unlink()
    there.rename(there.with_name("taken away"))
    with pytest.raises(MoveError, match="is neither there nor at"):
        put_back_interrupted(other.url, other.instance)
    there.with_name("taken away").rename(there)
    put_back(other)
    assert other.everything() == before


def test_restore_that_goes_on_is_not_put_back(
    full: Place, other: Place, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(manifest: Manifest, instance: Instance, journal: Journal) -> None:
        is_refused(other)
        for again in (Journal.resume(journal.path), Journal.begin(journal.path, journal.undertaking)):
            with pytest.raises(MoveError, match="another restore is under way"), again:
                raise AssertionError("two have it")
        swap_key(manifest, instance, journal)

    swap_key = restore_module._swap_key
    monkeypatch.setattr(restore_module, "_swap_key", look)
    other.restore(packed, replace=True)
    assert other.everything() == full.everything()


def test_commands_refuse_doctor_tells_and_restore_puts_back_whatever_its_archive(
    full: Place, other: Place, packed: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment(other).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("app.commands.doctoring.examine_walls", list)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        return int(str(ended.value.code)), *capfd.readouterr()

    before = other.everything()
    interrupt(other, packed)
    damaged = packed.with_name("damaged.tar.gz")
    damaged.write_bytes(packed.read_bytes()[:-100])

    serving = subprocess.run([*WHETSTONE, "serve"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    for code, said, told in (
        (serving.returncode, serving.stdout, serving.stderr),
        run("backup", str(packed.with_name("new.tar.gz"))),
        run("user", "list"),
        run("bank", "status"),
    ):
        assert (code, said) == (2, "")
        assert told.endswith("run `whetstone restore FILE.tar.gz` again, which first puts back what was there before\n")
        assert told.count("\n") == 1
    code, said, _ = run("doctor", "--json")
    [finding] = json.loads(said)
    assert (code, finding["area"], finding["name"], finding["standing"]) == (1, "disk", "restore", False)
    assert "whetstone restore FILE.tar.gz" in finding["mend"]

    code, said, told = run("restore", str(damaged), "--replace")
    assert (code, said) == (2, "A restore was interrupted; what was there before it is back in its place.\n")
    assert told.startswith(f"whetstone: {damaged}: not a whole backup")
    assert other.everything() == before
    code, said, _ = run("restore", str(packed), "--replace")
    assert (code, "interrupted" in said) == (0, False)
    assert other.everything() == full.everything()
