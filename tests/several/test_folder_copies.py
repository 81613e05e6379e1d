"""Several processes whose folders differ: what is an edit is followed by all, what is only an old copy by none."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest
from databases import new_database
from folder_copies import Process, image, told_when_filled
from sync_stage import NOW, Stage, made

from app import cli
from app.authoring import added_topics, conflicts
from app.authoring.new_topic import Wanted, add_topic
from app.errors import Conflict, Unavailable
from app.news import Listener

Start = Callable[[Path], Process]
V2 = ("Max pooling.", "Mean pooling.")


@pytest.fixture
def stage(postgresql: None, tmp_path: Path) -> Iterator[Stage]:
    it = made(tmp_path)
    yield it
    it.db.close()


@pytest.fixture
def start(stage: Stage, tmp_path: Path) -> Iterator[Start]:
    begun: list[Process] = []

    def begin(root: Path) -> Process:
        begun.append(Process(new_database(tmp_path), root))
        return begun[-1]

    yield begin
    for process in begun:
        process.end()


def test_an_image_with_newer_texts_brings_them_and_the_older_ones_undo_nothing(stage: Stage, start: Start) -> None:
    old = start(image(stage, "v1"))
    new = start(image(stage, "v2", V2))
    old.sync.catch_up()
    assert (old.answer(), new.answer()) == ("Mean pooling.", "Mean pooling.")
    again = start(image(stage, "v1 again"))  # one more of the old ones is started, or one restarted
    for process in (again, old, new):
        process.sync.catch_up()
        assert process.answer() == "Mean pooling."
    assert stage.newest().number == 2


def test_an_older_folder_that_cannot_be_written_is_let_be(stage: Stage, start: Start) -> None:
    start(image(stage, "v1 before"))
    start(image(stage, "v2", V2))
    root = image(stage, "v1")
    readonly = Process(new_database(stage.root.parent), root, writes=False)
    readonly.sync.catch_up()
    assert readonly.steps() == {"pool-kind": "behind"}
    assert readonly.answer() == "Mean pooling."
    assert "Max pooling." in readonly.file()
    assert stage.newest().number == 2
    readonly.end()


def test_an_older_folder_is_brought_up_to_date_where_it_can_be_written(stage: Stage, start: Start) -> None:
    start(image(stage, "v1 before"))
    start(image(stage, "v2", V2))
    old = start(image(stage, "v1"))
    assert "Mean pooling." in old.file()
    assert old.steps() == {}


def test_a_container_made_anew_from_its_image_does_not_undo_what_was_edited_in_the_browser(
    stage: Stage, start: Start
) -> None:
    first = start(image(stage, "v1"))
    stage.publish("Max pooling.", "Browser pooling.")
    first.sync.catch_up()
    assert "Browser pooling." in first.file()  # and so folder and database agreed on it
    second = start(image(stage, "v1 anew"))
    assert second.answer() == "Browser pooling."
    first.sync.catch_up()
    assert first.answer() == "Browser pooling."
    assert stage.newest().number == 2


def test_an_image_that_may_not_know_of_an_edit_in_the_browser_is_a_conflict_and_not_an_edit(
    stage: Stage, start: Start
) -> None:
    first = start(image(stage, "v1"))
    stage.publish("Max pooling.", "Browser pooling.")
    first.sync.catch_up()
    new = start(image(stage, "v2", V2))
    assert new.steps() == {"pool-kind": "conflict"}
    assert new.answer() == first.answer() == "Browser pooling."
    first.sync.catch_up()
    assert first.steps() == {"pool-kind": "elsewhere"}  # it does not take the other's conflict for one that is over
    assert new.steps() == {"pool-kind": "conflict"}


@pytest.mark.parametrize("choice", ["folder", "database"])
def test_a_conflict_can_be_decided_on_any_process_and_is_over_for_all(stage: Stage, start: Start, choice: str) -> None:
    first = start(image(stage, "v1"))
    stage.publish("Max pooling.", "Browser pooling.")
    first.sync.catch_up()
    new = start(image(stage, "v2", V2))
    first.sync.catch_up()
    with first.db.write() as connection:
        clash = conflicts.clash(connection, first.sync.folder, first.sync.standings(connection), "pool-kind")
        assert "Mean pooling." in clash.folder_yaml
        if choice == "folder":
            conflicts.take_theirs(connection, first.sync.look.bank, clash, None, NOW)
        else:
            conflicts.take_ours(connection, clash, None, NOW)
    for process in (first, new, first, new):
        process.sync.catch_up()
    chosen = "Mean pooling." if choice == "folder" else "Browser pooling."
    assert first.answer() == new.answer() == chosen
    assert first.steps() == new.steps() == {}
    assert chosen in first.file()
    assert chosen in new.file()
    late = start(image(stage, "v2 late", V2))  # the text that was decided on is not asked about once more
    assert late.answer() == chosen
    assert late.steps() == {}


def test_a_question_that_an_older_folder_lacks_is_not_retired(stage: Stage, start: Start) -> None:
    root = image(stage, "v1")
    path = root / "cnn" / "pooling.yaml"
    text = path.read_text("utf-8")
    path.write_text(text[: text.index("# Then the kinds.")], "utf-8")
    old = start(root)
    new = start(image(stage, "v2"))
    assert new.answer() == "Max pooling."
    old.sync.catch_up()
    assert old.answer() == new.answer() == "Max pooling."
    assert stage.head().published_number == 1
    assert stage.newest().number == 1


def test_a_folder_that_changes_under_its_process_is_followed_back_to_an_older_text_too(
    stage: Stage, start: Start
) -> None:
    process = start(image(stage, "mounted"))
    other = start(image(stage, "other"))
    process.edit("Max pooling.", "Mean pooling.")
    process.sync.catch_up()
    other.sync.catch_up()
    assert other.answer() == "Mean pooling."
    process.edit("Mean pooling.", "Max pooling.")  # as `git checkout` would
    process.sync.catch_up()
    other.sync.catch_up()
    assert process.answer() == other.answer() == "Max pooling."
    assert stage.newest().number == 3


def test_a_question_removed_under_its_process_is_retired(stage: Stage, start: Start) -> None:
    process = start(image(stage, "mounted"))
    text = process.file()
    (process.root / "cnn" / "pooling.yaml").write_text(text[: text.index("# Then the kinds.")], "utf-8")
    process.sync.catch_up()
    assert stage.head().published_number is None


def test_what_the_database_does_not_know_yet_is_shown_nowhere(stage: Stage, start: Start) -> None:
    process = start(image(stage, "v1"))
    question = process.file()[process.file().index("- id: pool-kind") :].replace("pool-kind", "pool-more")
    path = process.root / "cnn" / "pooling.yaml"
    path.write_text(f"{process.file()}\n{question}", "utf-8")
    process.sync._look()  # the moment between a look at the folder and the end of taking over what is new
    process.sync._fill_shelf()
    assert "pool-more" in process.sync.look.bank.questions
    assert "pool-more" not in process.sync.shelf.bank.questions
    process.sync.catch_up()
    assert process.answer("pool-more") == "Max pooling."


def test_processes_that_start_together_take_a_bank_over_once(stage: Stage, start: Start) -> None:
    roots = [image(stage, f"copy {number}") for number in range(4)]
    begun: list[Process] = []
    threads = [threading.Thread(target=lambda root=root: begun.append(start(root))) for root in roots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(begun) == 4
    assert {it.answer() for it in begun} == {"Max pooling."}
    assert stage.newest().number == 1


def test_others_show_what_was_published_as_soon_as_they_are_told(stage: Stage, start: Start, tmp_path: Path) -> None:
    process = start(image(stage, "v1"))
    other = start(image(stage, "other"))
    news = Listener(new_database(tmp_path))
    wait = told_when_filled(other.sync)
    other.sync._awakenings = lambda: iter(())  # type: ignore[method-assign]  # it never looks by itself
    other.sync.start(news)
    news.start()
    assert news.wait(30)
    stage.publish("Max pooling.", "Told pooling.")
    wait(lambda: other.answer() == "Told pooling.")
    news.close()
    assert process.answer() == "Max pooling."  # it listens to nobody here


WANTED = Wanted("padding", "cnn", "Padding", "填充", ("It adds a rim.",))


def test_a_topic_added_on_one_machine_is_known_on_all_whether_or_not_their_folders_can_be_written(
    stage: Stage, start: Start
) -> None:
    process, other = start(image(stage, "v1")), start(image(stage, "other"))
    topic = add_topic(process.root, process.sync.shelf.bank, WANTED)
    with process.db.write() as connection:
        added_topics.keep(connection, topic, NOW)
    other.sync._follow(is_due=False)  # as it does when it is told
    assert other.sync.shelf.bank.topics["padding"].title.zh == "填充"
    assert "padding" not in (other.root / "topics.yaml").read_text("utf-8")
    question = stage.newest().yaml.replace("pool-kind", "rim-kind")
    stage.publish_text(question, "padding", "rim-kind", None, other.sync.look.bank)
    for it in (other, process):
        it.sync.catch_up()
        assert it.answer("rim-kind") == "Max pooling."
        assert "rim-kind" in (it.root / "cnn" / "padding.yaml").read_text("utf-8")
    with process.db.write() as connection, pytest.raises(Conflict):
        added_topics.keep(connection, topic, NOW)


def test_the_command_takes_an_older_text_only_of_a_question_that_is_named(
    stage: Stage, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(image(stage, "v1"))
    start(image(stage, "v2", V2))
    monkeypatch.setenv("WHETSTONE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WHETSTONE_QUESTIONS_DIR", str(image(stage, "v1 by hand")))
    monkeypatch.setenv("WHETSTONE_DATABASE_URL", new_database(tmp_path))
    for question, number in (("", 2), ("pool-kind", 3)):
        with pytest.raises(SystemExit) as ended:
            cli.main(["bank", "pull", *question.split()])
        assert not ended.value.code
        assert stage.newest().number == number
    assert "Max pooling." in stage.newest().yaml


def test_a_change_that_could_not_be_followed_is_followed_at_the_next_look(
    stage: Stage, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = start(image(stage, "v1"))
    process.edit("Max pooling.", "Mean pooling.")
    with monkeypatch.context() as failing:
        failing.setattr(process.sync, "catch_up", Mock(side_effect=Unavailable("others take long")))
        process.sync._follow(is_due=True)
    assert process.answer() == "Max pooling."
    process.sync._follow(is_due=False)
    assert process.answer() == "Mean pooling."
