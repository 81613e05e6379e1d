"""Folder and database kept together, question by question."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sync_stage import Stage, made

from app.accounts.audit import events
from app.authoring import conflicts
from app.authoring.live import live_bank
from app.authoring.sync import Step
from app.authoring.sync_steps import pull
from app.bank.catalog import Bank
from app.bank.chunks import replaced
from app.errors import NotFound
from app.practice.frozen import frozen_question


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    it = made(tmp_path)
    it.pull()
    yield it
    it.db.close()


def live(stage: Stage) -> Bank:
    with stage.db.read() as connection:
        return live_bank(connection, stage.folder.look(), stage.found(), None)


def answer(stage: Stage) -> str:
    text: str = live(stage).questions["pool-kind"].question.answer.en  # type: ignore[union-attr]  # a flashcard
    return text


def test_the_first_pull_makes_a_first_revision_of_every_question_with_its_comments(stage: Stage) -> None:
    first = stage.newest("pool-size")
    assert (first.number, first.status, first.origin, first.author) == (1, "published", "folder", "the question folder")
    assert "# a remark inside" in first.yaml
    assert first.hash == stage.folder.look().bank.questions["pool-size"].hash
    assert stage.head("pool-size").published_number == 1
    assert stage.steps() == {}


def test_a_change_in_the_folder_alone_becomes_the_published_revision(stage: Stage) -> None:
    before = stage.folder.look().bank.questions["pool-kind"]
    stage.in_file("Max pooling.", "Mean pooling.")
    assert stage.steps() == {"pool-kind": Step.pull}
    assert stage.pull().taken == ("pool-kind",)
    assert (stage.newest().number, stage.head().published_number) == (2, 2)
    assert "Mean pooling." in stage.newest().yaml
    assert stage.steps() == {}
    with stage.db.read() as connection:
        assert frozen_question(connection, before.hash) is not None


def test_a_change_in_the_database_alone_is_written_to_the_folder_and_nothing_else_of_the_file_changes(
    stage: Stage,
) -> None:
    untouched = stage.file.read_text(encoding="utf-8")
    stage.publish("Max pooling.", "平均池化 and max pooling.")
    assert stage.steps() == {"pool-kind": Step.push}
    assert stage.push().written == ("pool-kind",)
    assert stage.file.read_text(encoding="utf-8") == untouched.replace("Max pooling.", "平均池化 and max pooling.")
    assert stage.steps() == {}


def test_an_edit_keeps_comments_inside_between_and_behind(stage: Stage) -> None:
    untouched = stage.file.read_text(encoding="utf-8")
    stage.publish("It has no weights.", "It has no weights at all.", "pool-size")
    stage.push()
    assert stage.file.read_text(encoding="utf-8") == untouched.replace("no weights.", "no weights at all.")


def test_our_own_writes_are_not_taken_for_changes_of_the_folder(stage: Stage) -> None:
    stage.publish("Max pooling.", "Mean pooling.")
    stage.push()
    assert stage.pull().taken == ()
    assert stage.newest().number == 2


def test_a_write_whose_end_was_never_taken_down_is_found_to_agree(stage: Stage) -> None:
    made_now = stage.publish("Max pooling.", "Mean pooling.")
    text = stage.file.read_text(encoding="utf-8")
    stage.file.write_text(replaced(text, "pool-kind", made_now.yaml), encoding="utf-8")
    assert stage.steps() == {"pool-kind": Step.agree}
    stage.pull()
    assert stage.steps() == {}
    assert stage.newest().number == 2


def test_both_changed_is_a_conflict_and_nothing_is_overwritten(stage: Stage) -> None:
    stage.in_file("Max pooling.", "Folder pooling.")
    stage.publish("Max pooling.", "Database pooling.")
    assert stage.pull().conflicts == ("pool-kind",)
    assert stage.push().written == ()
    assert "Folder pooling." in stage.file.read_text(encoding="utf-8")
    assert "Database pooling." in stage.newest().yaml
    assert "Folder pooling." in (stage.head().conflict_yaml or "")
    assert answer(stage) == "Database pooling."


@pytest.mark.parametrize("choice", ["folder", "database", "merged"])
def test_a_decision_ends_the_conflict_on_both_sides(stage: Stage, choice: str) -> None:
    stage.in_file("Max pooling.", "Folder pooling.")
    stage.publish("Max pooling.", "Database pooling.")
    stage.pull()
    look = stage.folder.look()
    with stage.db.write() as connection:
        clash = conflicts.clash(connection, stage.folder, stage.found(), "pool-kind")
        assert "Max pooling." in clash.base_yaml
        if choice == "folder":
            conflicts.take_theirs(connection, look.bank, clash, None, stage.now)
        elif choice == "database":
            conflicts.take_ours(connection, clash, None, stage.now)
        else:
            text = clash.ours_yaml.replace("Database pooling.", "Merged pooling.")
            conflicts.take_merged(connection, look.bank, clash, text, None, stage.now)
    stage.push()
    assert stage.steps() == {}
    assert stage.head().conflict_yaml is None
    assert answer(stage) == f"{choice.capitalize()} pooling."
    assert f"{choice.capitalize()} pooling." in stage.file.read_text(encoding="utf-8")


def test_a_decision_on_a_text_that_the_folder_has_changed_once_more_is_a_conflict_again(stage: Stage) -> None:
    stage.in_file("Max pooling.", "Folder pooling.")
    stage.publish("Max pooling.", "Database pooling.")
    stage.pull()
    with stage.db.read() as connection:
        clash = conflicts.clash(connection, stage.folder, stage.found(), "pool-kind")
    stage.in_file("Folder pooling.", "Folder pooling, again.")
    with stage.db.write() as connection:
        conflicts.take_ours(connection, clash, None, stage.now)
    assert stage.push().written == ()
    assert stage.steps() == {"pool-kind": Step.conflict}
    assert "Folder pooling, again." in stage.file.read_text(encoding="utf-8")


def test_without_a_conflict_there_is_nothing_to_decide(stage: Stage) -> None:
    with stage.db.read() as connection, pytest.raises(NotFound):
        conflicts.clash(connection, stage.folder, stage.found(), "pool-kind")


def test_a_text_with_faults_is_not_taken_for_the_decision(stage: Stage) -> None:
    stage.in_file("Max pooling.", "Folder pooling.")
    stage.publish("Max pooling.", "Database pooling.")
    look = stage.folder.look()
    with stage.db.read() as connection:
        clash = conflicts.clash(connection, stage.folder, stage.found(), "pool-kind")
        text = clash.ours_yaml.replace("difficulty: 1", "difficulty: 9")
        with pytest.raises(conflicts.UnsoundText) as raised:
            conflicts.take_merged(connection, look.bank, clash, text, None, stage.now)
    assert [finding.line for finding in raised.value.findings] == [3]


def test_what_the_folder_removed_is_retired_and_its_text_kept(stage: Stage) -> None:
    text = stage.file.read_text(encoding="utf-8")
    stage.file.write_text(replaced(text, "pool-kind", None), encoding="utf-8")
    assert stage.pull().retired == ("pool-kind",)
    assert stage.newest().status == "retired"
    assert "Max pooling." in stage.newest().yaml
    assert stage.head().published_number is None
    assert "pool-kind" not in live(stage).questions
    assert stage.steps() == {}
    stage.file.write_text(text, encoding="utf-8")
    assert stage.pull().taken == ("pool-kind",)
    assert stage.head().published_number == 3


def test_what_the_database_retired_says_so_in_the_folder(stage: Stage) -> None:
    stage.retire()
    assert stage.push().written == ("pool-kind",)
    assert "- id: pool-kind\n  status: retired\n" in stage.file.read_text(encoding="utf-8")
    assert stage.steps() == {}
    assert not live(stage).questions["pool-kind"].is_published


def test_what_the_database_retired_is_not_asked_while_the_folder_does_not_know(stage: Stage) -> None:
    stage.retire()
    assert not live(stage).questions["pool-kind"].is_published


def test_removed_in_the_folder_and_changed_in_the_database_is_a_conflict(stage: Stage) -> None:
    text = stage.file.read_text(encoding="utf-8")
    stage.file.write_text(replaced(text, "pool-kind", None), encoding="utf-8")
    stage.publish_text(stage.newest().yaml.replace("Max", "Mean"), "pooling", "pool-kind", 1, stage.folder.look().bank)
    assert stage.pull().conflicts == ("pool-kind",)
    assert stage.head().conflict_yaml == ""
    assert answer(stage) == "Mean pooling."


def test_a_draft_of_the_folder_is_taken_from_learners_and_stays_in_the_folder(stage: Stage) -> None:
    stage.in_file("- id: pool-kind\n", "- id: pool-kind\n  status: draft\n")
    stage.pull()
    assert (stage.newest().status, stage.head().published_number) == ("draft", None)
    assert stage.steps() == {}


def test_a_fault_in_the_folder_changes_nothing_but_is_told_with_its_place(stage: Stage) -> None:
    stage.in_file("difficulty: 1", "difficulty: 9")
    assert stage.steps() == {"pool-kind": Step.unsound}
    assert stage.pull().taken == ()
    assert answer(stage) == "Max pooling."
    (finding,) = stage.folder.look().findings
    assert (finding.path.name, finding.line) == ("pooling.yaml", 29)


@pytest.mark.parametrize("broken", ["topic: [", "questions: {", "\x00", ""])
def test_a_file_that_cannot_be_read_retires_nothing(stage: Stage, broken: str) -> None:
    stage.file.write_text(broken, encoding="utf-8")
    assert set(stage.steps().values()) == {Step.unsure}
    assert stage.pull().retired == ()
    assert set(live(stage).questions) == {"pool-size", "pool-kind"}


def test_a_broken_topic_map_changes_nothing(stage: Stage) -> None:
    stage.folder.look()
    (stage.root / "topics.yaml").write_text("areas: [", encoding="utf-8")
    assert stage.steps() == {}
    assert set(live(stage).questions) == {"pool-size", "pool-kind"}


def test_an_empty_folder_retires_nothing(stage: Stage) -> None:
    stage.file.unlink()
    assert set(stage.steps().values()) == {Step.unsure}


def test_a_question_moved_to_another_topic_moves_in_the_folder(stage: Stage) -> None:
    yaml = stage.newest().yaml
    stage.publish_text(yaml, "strides", "pool-kind", 1, stage.folder.look().bank)
    assert stage.push().written == ("pool-kind",)
    assert "pool-kind" not in stage.file.read_text(encoding="utf-8")
    moved = (stage.root / "cnn" / "strides.yaml").read_text(encoding="utf-8")
    assert moved.startswith("topic: strides\nquestions:\n- id: pool-kind\n")
    assert stage.steps() == {}


def test_a_file_moved_to_another_topic_moves_in_the_database(stage: Stage) -> None:
    text = stage.file.read_text(encoding="utf-8")
    stage.file.write_text(replaced(text, "pool-kind", None), encoding="utf-8")
    moved = f"topic: strides\nquestions:\n{text[text.index('- id: pool-kind') :]}"
    (stage.root / "cnn" / "strides.yaml").write_text(moved, encoding="utf-8")
    assert stage.pull().taken == ("pool-kind",)
    assert stage.head().topic_id == "strides"


def test_a_draft_in_the_database_is_not_written_to_the_folder(stage: Stage) -> None:
    from app.authoring.revisions import Fresh, save

    last = stage.newest()
    fresh = Fresh("pool-kind", "pooling", "draft", last.yaml.replace("Max", "Mean"), None)
    with stage.db.write() as connection:
        save(connection, fresh, None, stage.now, base_number=1, publish=False)
    assert stage.steps() == {}


def test_a_folder_that_cannot_be_written_leaves_the_text_as_not_written_yet(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    stage.publish("Max pooling.", "Mean pooling.")
    with monkeypatch.context() as patched:
        patched.setattr("app.authoring.folder_writes._replace", refuse)
        ((question_id, why),) = stage.push().refused
    assert (question_id, why) == ("pool-kind", "cnn/pooling.yaml: Read-only file system")
    assert stage.steps() == {"pool-kind": Step.push}
    assert answer(stage) == "Mean pooling."
    assert stage.push().written == ("pool-kind",)


def audited(stage: Stage, action: str) -> list[tuple[str, str, dict[str, object]]]:
    with stage.db.read() as connection:
        rows = connection.execute(select(events).where(events.c.action == action).order_by(events.c.id))
        return [(row.actor, row.subject, row.details) for row in rows]


def test_what_was_taken_over_and_what_was_written_is_in_the_audit_log(stage: Stage) -> None:
    first = {"count": 2, "questions": ["pool-size", "pool-kind"]}
    assert audited(stage, "bank.pull") == [("server", "", first)]
    stage.in_file("Max pooling.", "Mean pooling.")
    stage.pull()
    stage.publish("Mean pooling.", "Min pooling.")
    stage.push()
    assert audited(stage, "bank.pull") == [
        ("server", "", first),
        ("server", "", {"count": 1, "questions": ["pool-kind"]}),
    ]
    assert audited(stage, "bank.push") == [("server", "pool-kind", {"revision": 3})]


def test_a_question_that_was_saved_since_the_folder_was_looked_at_is_left_to_the_next_round(stage: Stage) -> None:
    stage.in_file("Max pooling.", "Mean pooling.")
    look, found = stage.folder.look(), stage.found()
    made = stage.publish("Max pooling.", "Min pooling.")
    pulled = pull(stage.db, stage.folder, look, found, stage.now)
    assert (pulled.taken, pulled.conflicts) == ((), ())
    assert stage.newest().number == made.number
    assert stage.pull().conflicts == ("pool-kind",)
