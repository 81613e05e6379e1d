"""The bank's folder: looked at again and again, and written one question at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sync_stage import POOLING, Stage, made

from app.authoring import folder_writes
from app.authoring.folder import Folder
from app.authoring.folder_writes import ChangedMeanwhileError, Edit, UnwritableError, write
from app.authoring.revisions import placed_hash
from app.authoring.single import tidy
from app.bank.cache import ParseCache
from app.bank.chunks import chunks
from app.bank.loader import LoadedFile, load_file
from app.bank.schema import Topic

FRESH = "id: pool-kind\nkind: flashcard\n"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    it = made(tmp_path)
    yield it
    it.db.close()


@pytest.fixture
def topic(stage: Stage) -> Topic:
    return stage.folder.look().bank.topics["pooling"]


def at(stage: Stage, question_id: str = "pool-kind") -> str:
    return stage.folder.look().texts[question_id].hash


def edit(stage: Stage, yaml: str | None = FRESH) -> Edit:
    return Edit("pool-kind", yaml, at(stage))


def test_a_look_knows_where_each_question_stands(stage: Stage) -> None:
    look = stage.folder.look()
    assert list(look.texts) == ["pool-size", "pool-kind"]
    yaml = tidy(chunks(POOLING)[1].text)
    assert look.texts["pool-kind"].hash == placed_hash("pooling", yaml)
    assert stage.folder.yaml_of([look.texts["pool-kind"]]) == {"pool-kind": yaml}
    assert look.texts["pool-kind"].sound


def test_a_second_look_reads_only_what_has_changed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    other = stage.root / "cnn" / "strides.yaml"
    other.write_text(POOLING.replace("topic: pooling", "topic: strides").replace("id: pool", "id: stride"), "utf-8")
    first = stage.folder.look()
    read: list[str] = []

    def load(path: Path, cache: ParseCache | None) -> LoadedFile:
        read.append(path.name)
        return load_file(path, cache)

    monkeypatch.setattr("app.authoring.folder.load_file", load)
    assert stage.folder.look() is first
    stage.in_file("Max pooling.", "Mean pooling.")
    second = stage.folder.look()
    assert read == ["pooling.yaml"]
    assert second.texts["pool-kind"].hash != first.texts["pool-kind"].hash


def test_a_look_through_the_cache_says_the_same(stage: Stage, tmp_path: Path) -> None:
    first = Folder(stage.root, tmp_path / "cache").look()
    second = Folder(stage.root, tmp_path / "cache").look()
    assert second.texts == first.texts


def test_a_text_that_changed_since_the_look_is_not_handed_out(stage: Stage) -> None:
    look = stage.folder.look()
    stage.in_file("Max pooling.", "Mean pooling.")
    assert stage.folder.yaml_of([look.texts["pool-kind"]]) == {}


def test_a_question_that_cannot_be_cut_is_told_and_still_asked(stage: Stage) -> None:
    (stage.root / "cnn" / "strides.yaml").write_text(
        "topic: strides\nquestions: [{id: flow, kind: flashcard, difficulty: 1, minutes: 1, covers: [f1], sources: [t],"
        " prompt: {en: a, zh: 甲}, answer: {en: b, zh: 乙}}]\n",
        encoding="utf-8",
    )
    look = stage.folder.look()
    assert "flow" in look.bank.questions
    assert [finding.path.name for finding in look.uncut] == ["strides.yaml"]


def test_a_write_changes_the_question_and_keeps_the_files_mode(stage: Stage, topic: Topic) -> None:
    stage.file.chmod(0o640)
    write(stage.root, topic, edit(stage))
    text = stage.file.read_text(encoding="utf-8")
    assert chunks(text)[1].text == FRESH
    assert chunks(text)[0].text == chunks(POOLING)[0].text
    assert stage.file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in stage.file.parent.iterdir()] == ["pooling.yaml"]


def test_windows_line_ends_stay(stage: Stage, topic: Topic) -> None:
    stage.file.write_bytes(POOLING.replace("\n", "\r\n").encode())
    write(stage.root, topic, edit(stage))
    raw = stage.file.read_bytes()
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert b"- id: pool-kind\r\n" in raw


def test_a_question_that_somebody_changed_meanwhile_is_left_alone(stage: Stage, topic: Topic) -> None:
    stale = edit(stage)
    stage.in_file("Max pooling.", "Mean pooling.")
    with pytest.raises(ChangedMeanwhileError):
        write(stage.root, topic, stale)
    assert "Mean pooling." in stage.file.read_text(encoding="utf-8")


def test_a_file_that_changes_while_it_is_written_is_left_alone(
    stage: Stage, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def meddle(handle: int) -> None:
        fsync(handle)
        stage.in_file("# Kept by hand.", "# Meddled with.")

    stale = edit(stage)
    monkeypatch.setattr(folder_writes.os, "fsync", meddle)
    with pytest.raises(ChangedMeanwhileError):
        write(stage.root, topic, stale)
    assert stage.file.read_text(encoding="utf-8") == POOLING.replace("# Kept by hand.", "# Meddled with.")
    assert [path.name for path in stage.file.parent.iterdir()] == ["pooling.yaml"]


def test_what_a_crash_left_behind_is_no_obstacle(stage: Stage, topic: Topic) -> None:
    (stage.file.parent / ".pooling.yaml.new").write_text("half", encoding="utf-8")
    write(stage.root, topic, edit(stage))
    assert [path.name for path in stage.file.parent.iterdir()] == ["pooling.yaml"]


def test_a_topic_without_a_file_gets_one(stage: Stage) -> None:
    strides = stage.folder.look().bank.topics["strides"]
    write(stage.root, strides, Edit("new", "id: new\nkind: open\n", None))
    file = stage.root / "cnn" / "strides.yaml"
    assert file.read_text(encoding="utf-8") == "topic: strides\nquestions:\n- id: new\n  kind: open\n"


def test_the_last_question_taken_out_takes_its_file_along(stage: Stage) -> None:
    strides = stage.folder.look().bank.topics["strides"]
    yaml = "id: new\nkind: open\n"
    write(stage.root, strides, Edit("new", yaml, None))
    write(stage.root, strides, Edit("new", None, placed_hash("strides", yaml)))
    assert not (stage.root / "cnn" / "strides.yaml").exists()


def test_a_link_that_leads_out_of_the_folder_is_refused(stage: Stage, topic: Topic, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    stage.file.rename(outside)
    stage.file.symlink_to(outside)
    before = outside.read_bytes()
    with pytest.raises(UnwritableError, match="leads out of"):
        write(stage.root, topic, Edit("pool-kind", FRESH, None))
    assert outside.read_bytes() == before


@pytest.mark.parametrize("name", ["../outside", "a/b", "/etc/passwd", ".."])
def test_a_topic_whose_name_is_a_path_is_refused(stage: Stage, topic: Topic, name: str) -> None:
    for changed in ({"id": name}, {"area": name}):
        with pytest.raises(UnwritableError, match="no name for a file"):
            write(stage.root, topic.model_copy(update=changed), Edit("pool-kind", FRESH, None))


def test_a_file_that_cannot_be_edited_line_by_line_is_refused(stage: Stage, topic: Topic) -> None:
    stage.file.write_text("topic: pooling\nquestions: [{id: flow}]\n", encoding="utf-8")
    before = stage.file.read_bytes()
    with pytest.raises(UnwritableError):
        write(stage.root, topic, Edit("pool-kind", FRESH, None))
    assert stage.file.read_bytes() == before


def test_a_folder_that_is_not_there_is_told(stage: Stage, topic: Topic) -> None:
    (stage.root / "odd").write_text("a file", encoding="utf-8")
    with pytest.raises(UnwritableError, match="odd"):
        write(stage.root, topic.model_copy(update={"area": "odd"}), Edit("pool-kind", FRESH, None))
