"""Killed while it writes: a file of the bank is always the old or the new one, and the sync goes on from there."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import random
import shutil
import signal
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from databases import copied_database
from sync_stage import POOLING, Stage, made

from app.authoring.folder import Folder
from app.authoring.revisions import Fresh, save
from app.authoring.sync import Step
from app.bank.chunks import chunks
from app.bank.loader import load_bank
from app.db import Database

KILLS = 40
LONGEST_S = 0.25
PADDING = "".join(f"# {'padding ' * 10}{n}\n" for n in range(2000))  # so that a half-written file would be seen


def keep_writing(root: Path, url: str, begun: Connection) -> None:
    """Publish a new text and write it to the folder, again and again, as a server does."""
    stage = Stage(root, Database(url), Folder(root, None))
    for count in itertools.count():
        if count == 1:  # what is done the first time alone is done
            begun.send("begun")
        last = stage.newest()
        kept = last.yaml.partition("answer:")[0]
        yaml = f"{kept}answer: {{en: Answer {last.number + 1}., zh: 答案 {last.number + 1}。}}\n"
        fresh = Fresh("pool-kind", "pooling", "published", yaml, None)
        with stage.db.write() as connection:
            save(connection, fresh, None, stage.now, base_number=last.number, publish=True)
        stage.push()


def test_a_file_is_always_the_old_or_the_new_one_and_the_sync_goes_on(tmp_path: Path) -> None:
    stage = made(tmp_path)
    stage.file.write_text(PADDING + POOLING, encoding="utf-8")
    stage.pull()
    url = stage.db.engine.url.render_as_string(hide_password=False)
    dice = random.Random(7)
    fork = multiprocessing.get_context("fork")
    steps_seen = set()
    for _ in range(KILLS):
        here, there = fork.Pipe()
        writer = fork.Process(target=keep_writing, args=(stage.root, url, there), daemon=True)
        stage.db.close()  # no connection is shared with the child
        writer.start()
        assert here.recv() == "begun"
        time.sleep(dice.uniform(0, LONGEST_S))  # the moment is what is tried here
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()

        text = stage.file.read_text(encoding="utf-8")
        assert text.startswith(PADDING)
        assert [chunk.question_id for chunk in chunks(text)] == ["pool-size", "pool-kind"]
        assert load_bank(stage.root, None)[1] == []
        steps = stage.steps()
        assert set(steps) <= {"pool-kind"}
        assert set(steps.values()) <= {Step.push, Step.agree}
        steps_seen |= set(steps.values())
        stage.pull()
        stage.push()
        assert stage.steps() == {}
        assert chunks(stage.file.read_text(encoding="utf-8"))[1].text == stage.newest().yaml
    assert Step.push in steps_seen
    assert stage.newest().number > KILLS
    stage.db.close()


STEPS = {"push_one", "write", "_replace"}  # whose every line is a moment to be killed at


def push_and_die(root: Path, url: str, line: int) -> None:
    """Bring the folder up to date and be killed before the `line`-th line of it; to the end if there are fewer."""
    stage = Stage(root, Database(url), Folder(root, None))
    seen = itertools.count()

    def watch(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_name not in STEPS or "authoring" not in frame.f_code.co_filename:
            return None
        if event == "line" and next(seen) == line:
            os.kill(os.getpid(), signal.SIGKILL)
        return watch

    sys.settrace(watch)
    stage.push()
    sys.settrace(None)


@pytest.mark.parametrize("home", ["pooling", "strides"])
def test_move_to_another_topic_that_was_broken_off_anywhere_is_gone_through_with(tmp_path: Path, home: str) -> None:
    """In either direction: which of two texts the bank takes depends on the order of the topics."""
    goal = {"pooling": "strides", "strides": "pooling"}[home]
    stage = made(tmp_path / "before")
    if home == "strides":
        stage.file.write_text(stage.file.read_text(encoding="utf-8").replace("topic: pooling", "topic: strides"))
        stage.file.rename(stage.root / "cnn" / "strides.yaml")
    stage.pull()
    stage.publish_text(stage.newest().yaml, goal, "pool-kind", 1, stage.folder.look().bank)
    whole = stage.db.engine.url.render_as_string(hide_password=False)
    stage.db.close()
    fork = multiprocessing.get_context("fork")
    doubled = 0
    for line in itertools.count():
        now = tmp_path / f"killed-{line}"
        shutil.copytree(tmp_path / "before", now)
        url = copied_database(now, whole)
        writer = fork.Process(target=push_and_die, args=(now / "questions", url, line), daemon=True)
        writer.start()
        writer.join()

        stage = Stage(now / "questions", Database(url), Folder(now / "questions", None))
        texts = {it.name: it.read_text(encoding="utf-8") for it in (now / "questions" / "cnn").glob("[a-z]*.yaml")}
        places = [name for name, text in texts.items() for it in chunks(text) if it.question_id == "pool-kind"]
        assert places, "lost"
        doubled += len(places) == 2
        stage.pull()
        stage.push()
        stage.pull()
        assert stage.steps() == {}
        found, findings = load_bank(stage.root, None)
        assert findings == []
        assert {name: it.topic.id for name, it in found.questions.items()} == {"pool-size": home, "pool-kind": goal}
        assert stage.newest().number == 2
        stage.db.close()
        if writer.exitcode == 0:
            break
    assert line > 20
    assert doubled > 5
