"""A short soak on one process: what it holds does not grow while people work. `benchmarks/soak.py` is the long one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks.soak import Reading, soak, trends

MINUTES = 1.25


def test_what_a_server_holds_does_not_grow(tmp_path: Path) -> None:
    found, done = soak(tmp_path, MINUTES, webs=1, workers=0)
    told = trends(found)
    assert all(trend.is_flat for trend in told), (done, told, found)


def test_growth_is_noticed() -> None:
    calm = Reading(150.0, 6, 18, 60, 0, 0, 0)
    flat = [(3.0 * n, calm) for n in range(30)]
    assert all(trend.is_flat for trend in trends(flat))
    leaking = [(at, replace(it, pss_mib=it.pss_mib + at)) for at, it in flat]
    assert [trend.name for trend in trends(leaking) if not trend.is_flat] == ["pss_mib"]
    left = [(at, replace(it, temporary=int(at))) for at, it in flat]
    assert [trend.name for trend in trends(left) if not trend.is_flat] == ["temporary"]
