"""The cast and the stage: a fresh data folder, an app over it, a clock that tests can move, and a logged-in client."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from fastapi.testclient import TestClient

from app.authoring.folder import Folder
from app.db import Database
from app.main import create_app
from app.settings import ROOT, Settings
from app.web.watcher import BankSync

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


@pytest.fixture(scope="session")
def started_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first start over the bank leaves it: migrated, every question's first revision, caches."""
    folder = tmp_path_factory.mktemp("started-once")
    database = Database(f"sqlite:///{folder / 'whetstone.sqlite3'}")
    database.migrate()
    cache_dir = folder / "cache"
    began = datetime(2026, 3, 1, tzinfo=UTC)
    BankSync(database, Folder(ROOT / "questions", cache_dir), lambda: began, cache_dir=cache_dir, writes=False)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return folder


@pytest.fixture
def settings(tmp_path: Path, started_once: Path) -> Settings:
    shutil.copytree(started_once, tmp_path, dirs_exist_ok=True)
    return Settings(
        data_dir=tmp_path,
        questions_dir=ROOT / "questions",
        database_url=f"sqlite:///{tmp_path / 'whetstone.sqlite3'}",
        host="127.0.0.1",
        port=8000,
    )


@pytest.fixture
def client(settings: Settings, clock: Clock) -> Iterator[TestClient]:
    """The local person's browser on a loopback server."""
    app = create_app(settings, clock, lambda: clock.at.timestamp())
    with TestClient(app, base_url=LOCAL, follow_redirects=False) as made:
        yield made
