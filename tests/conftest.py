"""The cast and the stage: a fresh data folder, an app over it, a clock that tests can move, and a logged-in client."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from fastapi.testclient import TestClient
from prepared import DATABASE, prepare

from app.main import create_app
from app.settings import ROOT, Settings

LOCAL = "http://127.0.0.1:8000"


# A busy machine is no fault. In CI the examples are the same each time; elsewhere they explore.
hypothesis.settings.register_profile("whetstone", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("whetstone")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **spans: float) -> None:
        self.at += timedelta(**spans)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    prepare(tmp_path)
    return Settings(
        data_dir=tmp_path,
        questions_dir=ROOT / "questions",
        database_url=f"sqlite:///{tmp_path / DATABASE}",
        host="127.0.0.1",
        port=8000,
    )


@pytest.fixture
def client(settings: Settings, clock: Clock) -> Iterator[TestClient]:
    """The local person's browser on a loopback server."""
    app = create_app(settings, clock, lambda: clock.at.timestamp())
    with TestClient(app, base_url=LOCAL, follow_redirects=False) as made:
        yield made
