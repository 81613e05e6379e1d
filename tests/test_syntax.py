"""Source is parsed by many threads at once without one spoiling another's."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.syntax import parse

SOURCE = "def f(a, b):\n" + "".join(f"    x{i} = ((a + {i}) * b)[0] + [1, [2, [3, [b]]]]\n" for i in range(30))


class Finalized:
    """Garbage whose end runs Python code, wherever the collector comes by: while a tree is made, for instance."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        sum(range(100))


@pytest.fixture
def _restless() -> Iterator[None]:
    """Threads and the collector take turns as often as can be."""
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(200, 2, 2)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*thresholds)


@pytest.mark.usefixtures("_restless")
def test_threads_that_parse_at_once_all_get_their_tree() -> None:
    def work(_: int) -> int:
        for _ in range(20):
            Finalized()
        return len(parse(SOURCE).body[0].body)  # type: ignore[attr-defined]  # a function

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(work, range(300))) == {30}
