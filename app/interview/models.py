"""A sitting, its questions and what was written over time, as tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import Json, UtcDateTime


class Interview(SQLModel, table=True):
    """One sitting. `plan` is the blueprint as it was; the clock's columns are `timing.Clock`'s, durations in seconds.

    `latest_end_at` is when the sweeper may close it. `known_at` is the latest moment that the sitting has seen: should
    the server's clock be set back, time stands still until it is reached again.
    """

    __tablename__ = "interview"
    __table_args__ = (
        Index("interview_history", "account_id", "started_at"),
        Index("interview_open", "ended_at", "latest_end_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", ondelete="CASCADE")
    plan: dict[str, Any] = Field(sa_type=Json)
    seed: int
    multiplier: float = 1.0
    realistic: bool = False
    started_at: datetime = Field(sa_type=UtcDateTime)
    section: int
    section_began_at: datetime = Field(sa_type=UtcDateTime)
    work_began_at: datetime = Field(sa_type=UtcDateTime)
    paused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    pauses_used: int = 0
    paused_s: float = 0.0
    section_paused_s: float = 0.0
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    latest_end_at: datetime = Field(sa_type=UtcDateTime)
    known_at: datetime = Field(sa_type=UtcDateTime)
    current_slot: int | None = None  # the number of the question that is looked at, since `entered_at`
    entered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    practised_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when its misses went into practice


class InterviewSlot(SQLModel, table=True):
    """One question of a sitting, with the last saved answer and, in the end, what it is worth.

    `revision` counts the saved answers. `correct` and `score` stay null while they are not known: an open answer not
    yet scored by the learner, code that is being graded.
    """

    __tablename__ = "interview_slot"
    __table_args__ = (UniqueConstraint("interview_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    interview_id: int = Field(foreign_key="interview.id", ondelete="CASCADE")
    number: int
    section: int
    question_id: str = Field(max_length=80, index=True)
    question_hash: str = Field(max_length=64, foreign_key="frozen_question.hash")
    topic_id: str = Field(max_length=80)
    seed: int
    answer: dict[str, Any] | None = Field(default=None, sa_type=Json)
    revision: int = 0
    saved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    flagged: bool = False
    confidence: int | None = None  # 1 guessed, 2 fairly sure, 3 sure
    locked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    seconds: float = 0.0
    correct: bool | None = None
    score: float | None = None
    submission_id: str | None = Field(default=None, max_length=36)
    regraded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when its mark followed a mended key
    attempts: int = 0  # of grading its code; more than one where grading itself broke


class InterviewDraft(SQLModel, table=True):
    """An answer as it once stood. What is saved within seconds of each other is one draft: its last text."""

    __tablename__ = "interview_draft"

    id: int | None = Field(default=None, primary_key=True)
    slot_id: int = Field(foreign_key="interview_slot.id", index=True, ondelete="CASCADE")
    revision: int
    began_at: datetime = Field(sa_type=UtcDateTime)
    saved_at: datetime = Field(sa_type=UtcDateTime)
    answer: dict[str, Any] = Field(sa_type=Json)


class SharedClock(SQLModel, table=True):
    """One row: the time of interviews, where several processes go by the database server's clock.

    It is that clock plus `ahead_s`, which is what makes up for the server's clock being set: `corrections` counts how
    often. `seen_at` is the latest moment that some process has seen.
    """

    __tablename__ = "shared_clock"

    id: int | None = Field(default=None, primary_key=True)
    ahead_s: float = 0.0
    corrections: int = 0
    seen_at: datetime = Field(sa_type=UtcDateTime)
