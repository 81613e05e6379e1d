"""One database on PostgreSQL, and processes that each have a copy of the bank's folder: of one release or of two."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from sync_stage import NOW, Stage

from app.authoring.folder import Folder
from app.db import Database
from app.web.watcher import BankSync

WITHIN_S = 30.0


class Process:
    """A process as far as the bank goes: a folder of its own, a connection of its own, and what its learners see."""

    def __init__(self, url: str, root: Path, *, writes: bool = True) -> None:
        self.root = root
        self.db = Database(url)
        self.sync = BankSync(self.db, Folder(root, None), lambda: NOW, cache_dir=root.parent / "cache", writes=writes)

    def answer(self, question_id: str = "pool-kind") -> str:
        text: str = self.sync.shelf.bank.questions[question_id].question.answer.en  # type: ignore[union-attr]
        return text

    def file(self) -> str:
        return (self.root / "cnn" / "pooling.yaml").read_text(encoding="utf-8")

    def edit(self, before: str, after: str) -> None:
        """As somebody would who has the folder open."""
        text = self.file()
        assert before in text
        (self.root / "cnn" / "pooling.yaml").write_text(text.replace(before, after), encoding="utf-8")

    def steps(self) -> dict[str, str]:
        with self.db.read() as connection:
            return {it.question_id: it.step.value for it in self.sync.standings(connection)}

    def end(self) -> None:
        self.sync.close()
        self.db.close()


def image(stage: Stage, name: str, change: tuple[str, str] = ("", "")) -> Path:
    """A folder as a release brings it: the first one's, with a change."""
    root = stage.root.parent / name / "questions"
    shutil.copytree(stage.root, root)
    path = root / "cnn" / "pooling.yaml"
    path.write_text(path.read_text("utf-8").replace(*change) if change[0] else path.read_text("utf-8"), "utf-8")
    return root


def told_when_filled(sync: BankSync) -> Callable[[Callable[[], bool]], None]:
    """A way to wait until what learners see there is as wanted: woken by each new bank, not by looking again."""
    filled = threading.Condition()
    fill = sync._fill_shelf

    def fill_and_tell() -> None:
        fill()
        with filled:
            filled.notify_all()

    sync._fill_shelf = fill_and_tell  # type: ignore[method-assign]

    def wait(wanted: Callable[[], bool]) -> None:
        with filled:
            assert filled.wait_for(wanted, WITHIN_S), "it was not told"

    return wait
