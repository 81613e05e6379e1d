"""Submissions and the code a learner is still writing, as tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.db import Json, UtcDateTime


class Submission(SQLModel, table=True):
    """Code sent to be graded; `report` is `verdict.Report` as JSON once `status` is done."""

    __tablename__ = "submission"
    __table_args__ = (Index("submission_latest", "account_id", "question_id", "created_at"),)

    id: str = Field(primary_key=True, max_length=36)
    account_id: int = Field(foreign_key="account.id", ondelete="CASCADE")
    question_id: str = Field(max_length=80)
    question_hash: str = Field(max_length=64)
    code: str
    mode: str = Field(max_length=6)
    seed: int
    custom: str | None = None  # the learner's own arguments for a run
    interview_slot_id: int | None = Field(default=None, index=True)  # the question of a mock interview that it is for
    status: str = Field(default="queued", max_length=10, index=True)  # at last done or cancelled; `coding.REGRADE`
    verdict: str | None = Field(default=None, max_length=20)
    report: dict[str, Any] | None = Field(default=None, sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Workspace(SQLModel, table=True):
    """A learner's desk for one coding question: the draft, and what help was taken since the last rating."""

    __tablename__ = "workspace"

    account_id: int = Field(primary_key=True, foreign_key="account.id", ondelete="CASCADE")
    question_id: str = Field(primary_key=True, max_length=80)
    code: str | None = None
    saved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    hints_shown: int = 0
    revealed: bool = False
