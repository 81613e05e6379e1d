"""The real sandbox, once for all tests of grading."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(("numpy",)) as made:
        yield made
