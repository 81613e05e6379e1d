"""The cast and the stage: a fresh data folder, an app over it, a clock that tests can move, and a logged-in client."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import databases
import hypothesis
import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from local_stage import LOCAL, Clock
from postgres_server import PostgresServer
from prepared import prepare
from reaching import reaches_a_database

from app.accounts import passwords
from app.bank import loader
from app.main import create_app
from app.settings import ROOT, Settings

# A busy machine is no fault. In CI the examples are the same each time; elsewhere they explore.
hypothesis.settings.register_profile("whetstone", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("whetstone")

TESTS = Path(__file__).parent
# Whose files take minutes: begun first, so that none of them is waited for alone.
LONG = ("faults", "e2e", "attacks", "several")

_SERVER = pytest.StashKey[PostgresServer]()
_ADDRESS = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=("sqlite", "postgresql"), default="sqlite", help="the database to run on")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """One PostgreSQL for the run: started by the process that leads it, told to those that work for it."""
    config = session.config
    told: dict[str, str] | None = getattr(config, "workerinput", None)  # of xdist
    if config.getoption("engine") == "sqlite" or config.getoption("collectonly"):
        return
    if told is None:
        config.stash[_SERVER] = PostgresServer()
        config.stash[_ADDRESS] = config.stash[_SERVER].start()
    databases.use(config.stash[_ADDRESS] if told is None else told["postgresql"])


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`-m database`: those that reach one. Those about the one engine itself are left out on the other."""
    other = "postgresql" if config.getoption("engine") == "sqlite" else "sqlite"
    left_out = [item for item in items if item.get_closest_marker(other)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    for item in items:
        if reaches_a_database(item):
            item.add_marker("database")
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    area = item.path.relative_to(TESTS).parts[0]
    return LONG.index(area) if area in LONG else len(LONG)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    if (address := node.config.stash.get(_ADDRESS, None)) is not None:
        node.workerinput["postgresql"] = address


def pytest_unconfigure(config: pytest.Config) -> None:
    databases.close()
    if (server := config.stash.get(_SERVER, None)) is not None:
        server.end()


@pytest.fixture
def postgresql(request: pytest.FixtureRequest, _own_databases: None) -> Iterator[None]:
    """Whatever the run is on, this test is on PostgreSQL."""
    if databases.on_postgresql():
        yield
        return
    stash = request.config.stash
    if _SERVER not in stash:
        stash[_SERVER] = PostgresServer()
        stash[_ADDRESS] = stash[_SERVER].start()
    databases.use(stash[_ADDRESS])
    yield
    databases.use(None)


@pytest.fixture(scope="session", autouse=True)
def _starts_are_quick() -> Iterator[None]:
    """Most tests start an application of their own: questions, which are immutable, are validated once a process.

    Passwords, many of them to a test, are hashed as weakly as can be. Servers in processes of their own do neither.
    """
    once = SimpleNamespace(validate_json=cache(loader._question.validate_json))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "_question", once)
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(autouse=True)
def _own_databases() -> Iterator[None]:
    with databases.ending_with_it():
        yield


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        questions_dir=ROOT / "questions",
        database_url=prepare(tmp_path),
        host="127.0.0.1",
        port=8000,
    )


@pytest.fixture
def client(settings: Settings, clock: Clock) -> Iterator[TestClient]:
    """The local person's browser on a loopback server."""
    app = create_app(settings, clock, lambda: clock.at.timestamp())
    with TestClient(app, base_url=LOCAL, follow_redirects=False) as made:
        yield made
