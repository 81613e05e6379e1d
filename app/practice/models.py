"""A practice session, the items it puts before the learner, and questions as they were asked, as tables."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.db import Json, UtcDateTime


class PracticeSession(SQLModel, table=True):
    __tablename__ = "practice_session"
    __table_args__ = (Index("practice_session_open", "account_id", "finished_at"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", ondelete="CASCADE")
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ItemState(StrEnum):
    waiting = "waiting"  # not yet answered
    answered = "answered"  # answered and graded, not yet rated
    rated = "rated"
    dropped = "dropped"  # buried, suspended or left when the session was finished


class PracticeItem(SQLModel, table=True):
    """One card's turn in a session. `not_before` holds back a card that was forgotten a moment ago."""

    __tablename__ = "practice_item"
    __table_args__ = (
        Index("practice_item_order", "session_id", "position"),
        Index("practice_item_card", "card_id", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="practice_session.id", ondelete="CASCADE")
    position: int
    card_id: int = Field(foreign_key="card.id", ondelete="CASCADE")
    seed: int
    state: str = Field(default=ItemState.waiting, max_length=10)
    relearning: bool = False
    not_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answer: dict[str, Any] | None = Field(default=None, sa_type=Json)
    correct: bool | None = None
    score: float | None = None
    hinted: bool = False
    suggested_rating: int | None = None
    seconds: float | None = None
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    question_hash: str | None = Field(default=None, max_length=64)
    review_id: int | None = None
    followed_by: int | None = None  # the relearning item that rating this one appended


class FrozenQuestion(SQLModel, table=True):
    """A question as it was asked, under the hash of what it says."""

    __tablename__ = "frozen_question"

    hash: str = Field(primary_key=True, max_length=64)
    body: dict[str, Any] = Field(sa_type=Json)
