"""A bank of a few questions with their revisions in a database, learners who answer them, and an editor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from databases import new_database
from sqlalchemy import Connection, insert

from app.accounts.models import Account, Role
from app.accounts.service import Learner, accounts
from app.authoring import revisions
from app.authoring.publishing import Memories, Published, publish
from app.authoring.regrade import Foreseen
from app.authoring.revisions import Fresh
from app.authoring.single import read_single, tidy
from app.bank.catalog import Bank, Entry
from app.bank.schema import Area, Text, Topic
from app.db import Database
from app.practice import sessions
from app.practice.today import Choice, Person

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CHOICE = """\
id: iou-touching
kind: single-choice
difficulty: 2
minutes: 1
prompt: {en: "Two boxes touch at an edge. Their IoU?", zh: "两个框有一条边相接。IoU 是多少？"}
sources: ["Everingham et al., 2010"]
options:
- text: {en: "It is 0", zh: "等于 0"}
  why: {en: "The area of an edge is 0.", zh: "边的面积为 0。"}
- text: {en: "It is 1", zh: "等于 1"}
  correct: true
  why: {en: "Only for equal boxes.", zh: "只有相同的框才是。"}
- text: {en: "It is 5", zh: "等于 5"}
  why: {en: "That is the edge.", zh: "那是边长。"}
explanation: {en: "The intersection has no area.", zh: "交集没有面积。"}  # see the paper
"""
NUMBER = """\
id: iou-shifted
kind: numeric
difficulty: 3
minutes: 2
prompt: {en: "Side @{n}, shift @{s}: the intersection?", zh: "边长 @{n}，平移 @{s}：交集是多少？"}
sources: ["Everingham et al., 2010"]
params:
  n: {range: [8, 64]}
  s: {choices: [2, 3]}
answer: n * s
tolerance: {abs: 0}
solution: {en: "It is @{answer}.", zh: "等于 @{answer}。"}
"""


def mended(yaml: str, *changes: tuple[str, str]) -> str:
    """The text with each first text put in place of the second; it must be there."""
    for old, new in changes:
        assert old in yaml
        yaml = yaml.replace(old, new, 1)
    return yaml


RIGHT_KEY = mended(
    CHOICE,
    ("  correct: true\n", ""),
    ('zh: "等于 0"}\n', 'zh: "等于 0"}\n  correct: true\n'),
)


def both(text: str) -> Text:
    return Text(en=text, zh=text)


class Stage:
    """`bank` is what the server would hold; it follows every publish."""

    def __init__(self, folder: Path) -> None:
        self.db = Database(new_database(folder))
        self.db.migrate()
        self.topic = Topic(id="iou", area="boxes", title=both("IoU"), kinds=("numeric",), facts={"f1": "a"})
        other = Topic(id="nms", area="boxes", title=both("NMS"), kinds=("numeric",), facts={"f1": "a"})
        area = Area(id="boxes", title=both("Boxes"))
        self.bank = Bank({}, {"iou": self.topic, "nms": other}, (area,))
        with self.db.write() as connection:
            self.editor = self.person(connection, "editor", Role.editor)

    def person(self, connection: Connection, name: str, role: Role = Role.learner) -> Learner:
        row = Account(name=name, role=role, created_at=NOW).model_dump(exclude={"id"})
        made = insert(accounts).values(row).returning(accounts.c.id)
        return Learner(
            id=connection.execute(made).scalar_one(), name=name, role=role, language=None, zone=None, theme="auto",
            shortcuts=True, new_per_day=100, reviews_per_day=100,
        )  # fmt: skip

    def read(self, yaml: str, topic_id: str = "iou") -> Entry:
        single = read_single(tidy(yaml), self.bank.topics[topic_id], self.bank)
        assert single.entry is not None, single.findings
        return single.entry

    def publish(
        self,
        connection: Connection,
        yaml: str,
        *,
        memories: Memories | None = None,
        topic_id: str = "iou",
        gate: Mapping[str, Any] | None = None,
        now: datetime = NOW,
        question_id: str | None = None,
        regrades: bool = True,
        foreseen: Foreseen | None = None,
    ) -> Published:
        entry = self.read(yaml, topic_id)
        name = question_id or entry.question.id
        head = revisions.head(connection, name)
        fresh = Fresh(name, topic_id, "published", tidy(yaml), entry.hash, gate=dict(gate) if gate else None)
        base_number = head.head_number if head else None
        done = publish(
            connection,
            self.bank,
            entry,
            fresh,
            self.editor,
            now,
            base_number=base_number,
            memories=memories,
            regrades=regrades,
            foreseen=foreseen,
        )
        self.bank = self.bank.with_changes({name: entry})
        return done

    def start(self, connection: Connection, learner: Learner, seed: int = 1, now: datetime = NOW) -> sessions.Session:
        """A practice session of that learner over everything."""
        session_id = sessions.start(
            connection, self.bank, as_person(learner), Choice(more=True), None, now, Random(seed), lambda _: True
        )
        assert session_id is not None
        return sessions.load(connection, learner.id, session_id)


def as_person(learner: Learner) -> Person:
    return Person(learner.id, "UTC", 100, 100)
