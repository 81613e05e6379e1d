"""A sandbox of each test's own, with and without the outer wall. Afterwards it serves as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from family import Family

from app.sandbox import Sandbox


@pytest.fixture(params=[True, False], ids=["outer-wall", "inner-walls"])
def family(request: pytest.FixtureRequest) -> Iterator[Family]:
    with Sandbox(outer_wall=request.param) as sandbox:
        found = Family(sandbox)
        yield found
        found.assert_recovered()
