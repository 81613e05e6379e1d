"""A short soak on one process: what it holds does not grow while people work. `benchmarks/soak.py` is the long one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks.soak import Held, Reading, show, soak, trends

MINUTES = 1.25


def test_what_a_server_holds_does_not_grow(tmp_path: Path) -> None:
    found, done = soak(tmp_path, MINUTES, webs=1, workers=0)
    assert show("one process", found, done)


def test_growth_is_noticed() -> None:
    server, cell = Held(120.0, 14, 40), Held(30.0, 1, 12)
    calm = Reading({1: server}, 0, 0, 0)
    busy = Reading({1: server, 2: cell, 3: cell}, 2, 0, 0)
    flat = [(3.0 * n, (calm, busy, busy)[n % 3]) for n in range(30)]
    assert _growing(flat) == []
    fatter = replace(server, memory_mib=180.0, descriptors=60)
    assert _growing([*flat[:20], *((at, replace(it, held={1: fatter})) for at, it in flat[20:])]) == [
        "memory_mib",
        "descriptors",
    ]
    assert _growing([(at, replace(it, temporary=int(at))) for at, it in flat]) == ["temporary"]
    left = dict.fromkeys(range(2, 9), cell)
    assert _growing([*flat[:20], *((at, replace(it, held={1: server} | left)) for at, it in flat[20:])]) == [
        "processes"
    ]


def _growing(found: list[tuple[float, Reading]]) -> list[str]:
    return [trend.name for trend in trends(found) if not trend.is_flat]
