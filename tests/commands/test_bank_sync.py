"""`whetstone bank status|pull|push`, as a process sees it: what it prints and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sync_stage import Stage, made

from app import cli
from app.authoring.sync import Step

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    it = made(tmp_path)
    yield it
    it.db.close()


@pytest.fixture
def run(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("WHETSTONE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WHETSTONE_QUESTIONS_DIR", str(stage.root))
    monkeypatch.setenv("WHETSTONE_DATABASE_URL", stage.db.engine.url.render_as_string(hide_password=False))

    def bank(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(["bank", *arguments])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return bank


def both_change(stage: Stage) -> None:
    stage.in_file("Max pooling.", "Folder pooling.")
    stage.publish("Max pooling.", "Database pooling.")


def test_status_names_what_differs_and_ends_with_one(run: Run) -> None:
    code, out, _ = run("status")
    assert code == 1
    assert out.splitlines() == ["pool-size\tpull\tcnn/pooling.yaml:6", "pool-kind\tpull\tcnn/pooling.yaml:27"]


def test_after_a_pull_both_agree(run: Run, stage: Stage) -> None:
    assert run("pull")[0] == 0
    code, out, _ = run("status")
    assert (code, out) == (0, "The folder and the database agree.\n")
    assert stage.head().published_number == 1


def test_a_pull_of_one_question_leaves_the_others(run: Run, stage: Stage) -> None:
    code, out, _ = run("pull", "pool-kind")
    assert (code, out.splitlines()[0]) == (0, "pool-kind\tpulled")
    assert stage.steps() == {"pool-size": Step.pull}


def test_a_push_writes_what_was_published(run: Run, stage: Stage) -> None:
    stage.pull()
    stage.publish("Max pooling.", "Mean pooling.")
    code, out, _ = run("push", "--json")
    assert code == 0
    assert json.loads(out)["questions"] == [{"question": "pool-kind", "state": "pushed", "place": ""}]
    assert "Mean pooling." in stage.file.read_text(encoding="utf-8")


@pytest.mark.parametrize(("action", "side"), [("pull", "folder"), ("push", "database")])
def test_a_conflict_ends_with_one_until_a_side_is_chosen(run: Run, stage: Stage, action: str, side: str) -> None:
    stage.pull()
    both_change(stage)
    for without in ("status", "pull", "push"):
        code, out, _ = run(without)
        assert (code, "pool-kind\tconflict" in out) == (1, True)
    assert run(action, "--resolve", side)[0] == 0
    assert run("push")[0] == 0
    assert run("status")[0] == 0
    assert f"{side.capitalize()} pooling." in stage.file.read_text(encoding="utf-8")
    assert f"{side.capitalize()} pooling." in stage.newest().yaml


def test_a_fault_is_told_with_its_place(run: Run, stage: Stage) -> None:
    stage.pull()
    stage.in_file("difficulty: 1", "difficulty: 9")
    code, out, _ = run("pull")
    assert code == 1
    assert "pool-kind\tunsound\tcnn/pooling.yaml:27" in out
    assert f"{stage.file}:29:3: question 2 (pool-kind): 'difficulty' is too large" in out


def test_what_cannot_be_written_ends_with_two(run: Run, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    stage.pull()
    stage.publish("Max pooling.", "Mean pooling.")
    monkeypatch.setattr("app.authoring.folder_writes._replace", refuse)
    code, out, _ = run("push")
    assert code == 2
    assert "pool-kind\tnot written: cnn/pooling.yaml: Read-only file system" in out


def test_an_unknown_question_ends_with_two(run: Run) -> None:
    code, _, err = run("status", "no-such")
    assert (code, "no question named no-such" in err) == (2, True)
