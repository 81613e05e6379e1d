"""A sandbox of each test's own, with and without the outer wall. Afterwards it serves as if nothing had happened."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from family import Family
from processes import command, descendants, eventually
from small_server import serving
from whetstone_server import Server

from app.sandbox import Sandbox, pool, warm_parent


@pytest.fixture(autouse=True)
def none_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the sandboxes alone that other tests keep in this process."""
    there = frozenset(pid for pid in descendants(os.getpid()) if "cell" in command(pid))
    monkeypatch.setattr(Family, "others", there)


@pytest.fixture(params=[True, False], ids=["outer-wall", "inner-walls"])
def family(request: pytest.FixtureRequest) -> Iterator[Family]:
    with Sandbox(outer_wall=request.param) as sandbox:
        found = Family(sandbox)
        yield found
        found.assert_recovered()
    eventually(lambda: not found.all, found.describe)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parent that does not start or does not fork, or a child that does not get ready, is given up sooner."""
    monkeypatch.setitem(warm_parent._START_TIMEOUT_S, "numpy", 4.0)
    monkeypatch.setattr("app.sandbox.warm_parent._FORK_TIMEOUT_S", 0.5)
    monkeypatch.setattr("app.sandbox.pool._READY_BOUNDS", replace(pool._READY_BOUNDS, wall_s=1.0))


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts the one server of a test, over a bank of small questions, in a mount namespace if `mounts` are given."""
    with serving(tmp_path) as start:
        yield start
