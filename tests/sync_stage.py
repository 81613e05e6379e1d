"""A small bank in a folder and a database beside it, with hands for both sides."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from databases import new_database

from app.authoring import publishing, revisions
from app.authoring.folder import Folder
from app.authoring.revisions import Fresh, Version
from app.authoring.single import read_single, tidy
from app.authoring.sync import Standing, Step, standings
from app.authoring.sync_steps import Pulled, Pushed, pull, push
from app.bank.catalog import Bank
from app.db import Database

TOPICS = """\
areas:
- id: cnn
  title: {en: CNN, zh: 卷积网络}
topics:
- id: pooling
  area: cnn
  title: {en: Pooling, zh: 池化}
  kinds: [flashcard]
  facts: {f1: It shrinks.}
- id: strides
  area: cnn
  title: {en: Strides, zh: 步长}
  kinds: [flashcard]
  facts: {f1: They skip.}
"""
POOLING = """\
# Kept by hand.
topic: pooling
questions:  # in the order of the course

# First the layer.
- id: pool-size   # a remark beside the id
  kind: flashcard
  # a remark inside
  difficulty: 2
  minutes: 1
  covers: [f1]
  sources: ["made for a test"]   # trailing
  prompt: {en: "What does 2x2 pooling do?", zh: "2x2 池化做什么？"}
  answer:
    en: |
      It halves both sides.

      It has no weights.
    zh: |
      长宽各减半。

      没有权重。
  # the last remark of the first

# Then the kinds.

- id: pool-kind
  kind: flashcard
  difficulty: 1
  minutes: 1
  covers: [f1]
  sources: ["made for a test"]
  prompt: {en: "Name a kind of pooling.", zh: "说出一种池化。"}
  answer: {en: "Max pooling.", zh: "最大池化。"}
# The end.
"""
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Stage:
    root: Path
    db: Database
    folder: Folder
    now: datetime = field(default=NOW)

    @property
    def file(self) -> Path:
        return self.root / "cnn" / "pooling.yaml"

    def found(self) -> list[Standing]:
        with self.db.read() as connection:
            return standings(connection, self.folder.look())

    def steps(self) -> dict[str, Step]:
        return {it.question_id: it.step for it in self.found()}

    def pull(self) -> Pulled:
        return pull(self.db, self.folder, self.folder.look(), self.found(), self.now)

    def push(self) -> Pushed:
        return push(self.db, self.folder, self.folder.look(), self.found(), self.now)

    def in_file(self, before: str, after: str) -> None:
        text = self.file.read_text(encoding="utf-8")
        assert before in text
        self.file.write_text(text.replace(before, after), encoding="utf-8")

    def newest(self, question_id: str = "pool-kind") -> Version:
        with self.db.read() as connection:
            return revisions.history(connection, question_id)[0]

    def head(self, question_id: str = "pool-kind") -> revisions.Head:
        with self.db.read() as connection:
            known = revisions.head(connection, question_id)
        assert known is not None
        return known

    def publish(self, before: str, after: str, question_id: str = "pool-kind") -> Version:
        """As the editor does, in the browser."""
        self.now += timedelta(minutes=1)
        bank = self.folder.look().bank
        last = self.newest(question_id)
        assert before in last.yaml
        return self.publish_text(tidy(last.yaml.replace(before, after)), last.topic_id, question_id, last.number, bank)

    def publish_text(self, yaml: str, topic_id: str, question_id: str, base: int | None, bank: Bank) -> Version:
        single = read_single(yaml, bank.topics[topic_id], bank)
        assert single.entry is not None, single.findings
        fresh = Fresh(question_id, topic_id, "published", yaml, single.entry.hash)
        with self.db.write() as connection:
            return publishing.publish(
                connection, bank, single.entry, fresh, None, self.now, base_number=base, memories=None
            ).version

    def retire(self, question_id: str = "pool-kind") -> None:
        with self.db.write() as connection:
            number = self.head(question_id).head_number
            publishing.retire(connection, self.folder.look().bank, question_id, None, self.now, base_number=number)


def made(tmp_path: Path) -> Stage:
    root = tmp_path / "questions"
    (root / "cnn").mkdir(parents=True)
    (root / "topics.yaml").write_text(TOPICS, encoding="utf-8")
    (root / "errata.yaml").write_text("[]\n", encoding="utf-8")
    (root / "cnn" / "pooling.yaml").write_text(POOLING, encoding="utf-8")
    db = Database(new_database(tmp_path))
    db.migrate()
    return Stage(root, db, Folder(root, None))
