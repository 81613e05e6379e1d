"""A learner's memory of each question, and every review that made it, as tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import Json, UtcDateTime


class Card(SQLModel, table=True):
    """One learner's memory of one question: `schedule.Memory`'s fields, all null while the question is new to them.

    `meaning_hash` says which meaning of the question the memory was formed on.
    """

    __tablename__ = "card"
    __table_args__ = (
        UniqueConstraint("account_id", "question_id"),
        Index("card_queue", "account_id", "due_day", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", ondelete="CASCADE")
    question_id: str = Field(max_length=80)
    meaning_hash: str = Field(max_length=64)
    state: str | None = Field(default=None, max_length=10)
    stability_days: float | None = None
    difficulty: float | None = None
    last_day: int | None = None
    last_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_day: int | None = None
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reps: int | None = None
    lapses: int | None = None
    suspended: bool = False
    flagged: bool = False
    leech: bool = False
    buried_until_day: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)


class Review(SQLModel, table=True):
    """One rating, with the whole state before it, so that undo restores everything and leaves a tombstone."""

    __tablename__ = "review"
    __table_args__ = (Index("review_by_day", "account_id", "study_day"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", ondelete="CASCADE")
    card_id: int = Field(foreign_key="card.id", index=True, ondelete="CASCADE")
    item_id: int | None = None
    rating: int
    suggested_rating: int | None = None
    reviewed_at: datetime = Field(sa_type=UtcDateTime)
    zone: str = Field(max_length=64)
    study_day: int
    question_hash: str = Field(max_length=64)
    seed: int
    answer: dict[str, Any] | None = Field(default=None, sa_type=Json)
    correct: bool | None = None
    score: float | None = None
    seconds: float
    interval_days: int
    is_new: bool
    was_review: bool  # counts against the day's reviews: the card was in `review` before
    memory_before: dict[str, Any] | None = Field(default=None, sa_type=Json)
    memory_after: dict[str, Any] = Field(sa_type=Json)
    leech_before: bool = False
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    regraded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when a mended key changed `correct`
