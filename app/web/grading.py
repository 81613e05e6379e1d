"""What the pages know of grading, wherever it is done: in this process (`grading_desk`) or by workers (`workers_desk`).

A submission is stored and given to the graders in one transaction, and its report is stored once, so nothing is lost
and nothing counted twice, whatever stops in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from prometheus_client import Metric
from sqlalchemy import Connection

from app.bank.schema import Code, Lib
from app.grading.example import Example
from app.grading.queue import REGRADES, Progress, Submission
from app.grading.verdict import Report
from app.practice import coding


class Grading(Protocol):
    """The way of submissions to the graders and back."""

    def start(self) -> None:
        """Take up what was left behind, while nobody can submit."""

    def close(self) -> None:
        """Take no more; what is unfinished is taken up by others, or at the next start."""

    def available(self, lib: Lib) -> bool:
        """Whether code of this library is graded just now."""

    def why_unavailable(self, lib: Lib) -> str | None:
        """Why it is not, as a phrase in a learner's words; None if it is."""

    def expect(self, lib: Lib) -> None:
        """Make ready for code of this library, which somebody may be about to send."""

    def example(self, question: Code) -> Example | None:
        """The question's worked example as a picture; None where there is none, or this process runs no code."""

    def tried(self, question: Code, name: str, seed: int) -> Report | None:
        """How one of the question's wrong solutions fares; None where this process runs no code, or not in time."""

    def enqueue(self, connection: Connection, row: Mapping[str, Any]) -> None:
        """Give a submission to the graders, in the transaction that stores it. Once is as good as twice."""

    def drop(self, connection: Connection, submission_id: str) -> None:
        """Stop grading a submission, in the transaction that ends it."""

    def progress(self, connection: Connection, submission_id: str) -> Progress | None:
        """Where a submission is on its way; None if it is not on its way."""

    def gauges(self) -> Iterator[Metric]:
        """How grading stands, for the metrics."""

    @property
    def is_busy(self) -> bool:
        """Whether a learner waits for a verdict."""

    def wait_briefly(self, submission_id: str, seconds: float) -> None:
        """Wait for the end of a submission whose turn it is: most are graded before anybody could see them wait."""

    def listening(self, submission_id: str) -> AbstractContextManager[asyncio.Event]:
        """An event that is set when something becomes known from now on. Ask for it before reading what is known."""

    def wake_all(self) -> None:
        """Wake whoever listens: the server is about to stop."""


def submission_of(row: Mapping[str, Any]) -> Submission:
    """A stored submission as the graders take it."""
    return Submission(
        id=row["id"],
        owner=REGRADES if row["status"] == coding.REGRADE else str(row["account_id"]),
        question_id=row["question_id"],
        question_hash=row["question_hash"],
        code=row["code"],
        mode=row["mode"],
        seed=row["seed"],
        custom=row["custom"],
    )
