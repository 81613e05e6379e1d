"""The bank's history and what its keepers work on, as tables: revisions, heads, drafts, gate runs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import Json, UtcDateTime


class Origin(StrEnum):
    """Where a revision came from."""

    browser = "browser"
    folder = "folder"
    imported = "imported"


class Revision(SQLModel, table=True):
    """A question as it was saved once; never changed afterwards.

    `yaml` is the question alone: a mapping at column 0, with its comments, as it stands in its topic's file but for
    the indentation. `hash` is `catalog.Entry.hash` of what it says, null where a draft can't be read yet. `gate` is
    what the publish gate found and which findings were waived with what reason.
    """

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("question_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    question_id: str = Field(max_length=80)
    number: int
    topic_id: str = Field(max_length=80)
    status: str = Field(max_length=10)
    yaml: str
    hash: str | None = Field(default=None, max_length=64)
    author_id: int | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    author: str = Field(max_length=80)
    origin: str = Field(max_length=10)
    note: str = ""
    created_at: datetime = Field(sa_type=UtcDateTime)
    gate: dict[str, Any] | None = Field(default=None, sa_type=Json)


class BankQuestion(SQLModel, table=True):
    """Where a question stands: its newest revision, the one that learners see, and what the folder agreed to last.

    `status` is the newest revision's. `published_number` is null while learners see none. `folder_hash` is
    `revisions.placed_hash` of what folder and database last agreed on, null where that is the question's absence;
    `folder_number` the revision that said it; `conflict_yaml` the folder's text while both have changed since, "" where
    the folder removed it.
    """

    __tablename__ = "bank_question"
    __table_args__ = (Index("bank_question_status", "status", "topic_id"),)

    question_id: str = Field(primary_key=True, max_length=80)
    topic_id: str = Field(max_length=80)
    status: str = Field(max_length=10)
    head_number: int
    published_number: int | None = None
    folder_hash: str | None = Field(default=None, max_length=64)
    folder_number: int | None = None
    conflict_yaml: str | None = None
    updated_at: datetime = Field(sa_type=UtcDateTime)


class KnownText(SQLModel, table=True):
    """A text of a question, by its `placed_hash`, that some folder has had and that was taken or turned down.

    A folder that says it once more, on another machine or after its image was rolled back, has not edited anything.
    """

    __tablename__ = "known_text"

    question_id: str = Field(primary_key=True, max_length=80)
    hash: str = Field(primary_key=True, max_length=64)


class AddedTopic(SQLModel, table=True):
    """A topic that was added in the browser, where several processes have several topic maps: `body` is a `Topic`."""

    __tablename__ = "added_topic"

    id: str = Field(primary_key=True, max_length=80)
    body: dict[str, Any] = Field(sa_type=Json)
    added_at: datetime = Field(sa_type=UtcDateTime)


class EditDraft(SQLModel, table=True):
    """What one person is writing on one question, saved as they type. `base_number` is the revision they began with."""

    __tablename__ = "edit_draft"

    account_id: int = Field(primary_key=True, foreign_key="account.id", ondelete="CASCADE")
    question_id: str = Field(primary_key=True, max_length=80)
    topic_id: str = Field(max_length=80)
    base_number: int | None = None
    yaml: str
    saved_at: datetime = Field(sa_type=UtcDateTime)


class GateRun(SQLModel, table=True):
    """One run of the publish gate over one text. `findings` are `gate.Told`s as JSON once it is done.

    `checker` names what judged it (`passed.judge`): what it proved is not run again while that stays the same.
    """

    __tablename__ = "gate_run"
    __table_args__ = (Index("gate_run_question", "question_id", "yaml_hash"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    question_id: str = Field(max_length=80)
    topic_id: str = Field(max_length=80)
    yaml: str
    yaml_hash: str = Field(max_length=64)
    checker: str = Field(default="", max_length=32)
    state: str = Field(default="queued", max_length=10)  # queued, running, done, broken, cancelled
    step: str = Field(default="", max_length=40)
    done: int = 0
    total: int = 0
    findings: list[dict[str, Any]] | None = Field(default=None, sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
