"""The live bank follows the folder and the database while a server runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sync_stage import NOW, Stage, made

from app.authoring import folder_writes
from app.authoring.folder import Folder
from app.web.watcher import BankSync

WITHIN_S = 30.0


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    it = made(tmp_path)
    yield it
    it.db.close()


@pytest.fixture
def watching(stage: Stage, tmp_path: Path) -> Iterator[BankSync]:
    cache_dir = tmp_path / "cache"
    it = BankSync(stage.db, Folder(stage.root, cache_dir), lambda: NOW, cache_dir=cache_dir, writes=True)
    it.start()
    yield it
    it.close()


def answer(watching: BankSync) -> str:
    text: str = watching.shelf.bank.questions["pool-kind"].question.answer.en  # type: ignore[union-attr]  # a flashcard
    return text


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)  # nothing tells when a thread has followed but looking again


def test_a_change_of_the_folder_is_followed_and_one_of_the_database_written(watching: BankSync, stage: Stage) -> None:
    assert answer(watching) == "Max pooling."
    # The watch begins a moment after the thread, so the file is saved until it is noticed.
    number = iter(range(1000))

    def noticed() -> bool:
        stage.file.write_text(stage.file.read_text("utf-8") + f"# {next(number)}\n", "utf-8")
        return answer(watching) == "Mean pooling."

    stage.in_file("Max pooling.", "Mean pooling.")
    eventually(noticed)
    stage.publish("Mean pooling.", "Min pooling.")
    eventually(lambda: "Min pooling." in stage.file.read_text(encoding="utf-8"))
    eventually(lambda: answer(watching) == "Min pooling.")
    eventually(lambda: stage.steps() == {})
    assert stage.newest().number == 3  # neither was taken for a change of the other side


def test_a_file_broken_while_somebody_types_changes_nothing(watching: BankSync, stage: Stage) -> None:
    stage.in_file("difficulty: 1", "difficulty: [")
    watching.catch_up()
    assert answer(watching) == "Max pooling."
    assert watching.look.findings
    stage.in_file("difficulty: [", "difficulty: 3")
    watching.catch_up()
    assert watching.shelf.bank.questions["pool-kind"].question.difficulty == 3
    assert not watching.look.findings


def test_a_change_of_the_topic_map_is_followed(watching: BankSync, stage: Stage) -> None:
    topics = stage.root / "topics.yaml"
    topics.write_text(topics.read_text("utf-8").replace("Pooling, zh: 池化", "Pools, zh: 池化"), "utf-8")
    watching.catch_up()
    assert watching.shelf.bank.questions["pool-kind"].topic.title.en == "Pools"


def test_the_versions_of_the_database_are_asked_where_the_folder_cannot_be_written(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    stage.pull()
    stage.publish("Max pooling.", "Mean pooling.")
    monkeypatch.setattr("app.authoring.folder_writes._replace", refuse)
    cache_dir = tmp_path / "cache"
    it = BankSync(stage.db, Folder(stage.root, cache_dir), lambda: NOW, cache_dir=cache_dir, writes=True)
    assert answer(it) == "Mean pooling."
    assert it.refused == {"pool-kind": "cnn/pooling.yaml: Read-only file system"}


def test_what_the_folder_had_no_room_for_is_written_once_there_is_room(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though nothing in the folder and nothing in the database changes any more."""
    full, tries = [True], []
    fill = folder_writes._fill

    def filled(spare: Path, fresh: bytes, mode: int) -> None:
        tries.append(spare)
        if full:
            spare.write_bytes(fresh[:10])
            raise OSError(28, "No space left on device")
        fill(spare, fresh, mode)

    monkeypatch.setattr(folder_writes, "_fill", filled)
    monkeypatch.setattr("app.web.watcher.POLL_MS", 50)
    monkeypatch.setattr("app.web.watcher.RETRY_TURNS", 2)
    stage.pull()
    stage.publish("Max pooling.", "Mean pooling.")
    before = stage.file.read_bytes()
    cache_dir = tmp_path / "cache"
    it = BankSync(stage.db, Folder(stage.root, cache_dir), lambda: NOW, cache_dir=cache_dir, writes=True)
    assert it.refused == {"pool-kind": "cnn/pooling.yaml: No space left on device"}
    it.start()
    try:
        eventually(lambda: len(tries) > 2)
        assert sorted(path.name for path in stage.file.parent.iterdir()) == ["pooling.yaml"]
        assert stage.file.read_bytes() == before
        full.clear()
        eventually(lambda: not it.refused)
    finally:
        it.close()
    assert "Mean pooling." in stage.file.read_text(encoding="utf-8")
    assert stage.steps() == {}
