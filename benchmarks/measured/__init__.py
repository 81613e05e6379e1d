"""What runs of the load benchmarks have measured, one JSON file a run, for `benchmarks.capacity`."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def conditions() -> str:
    """When, on what, and how busy the machine was with other things, in a line."""
    now = datetime.now(UTC)
    load = os.getloadavg()
    return (
        f"{now:%Y-%m-%d %H:%M} UTC, {os.cpu_count()} processors, Python {platform.python_version()}, "
        f"load average {load[0]:.1f} (1 min) {load[2]:.1f} (15 min)"
    )


def put(name: str, found: dict[str, Any], *, save: bool) -> None:
    """Keep what a run found if asked to; else it is only printed, as JSON in a line."""
    if save:
        (HERE / f"{name}.json").write_text(json.dumps(_rounded(found), indent=1) + "\n")
        print(f"kept in benchmarks/measured/{name}.json; `python -m benchmarks.capacity --write` uses it")
    else:
        print("JSON", json.dumps(_rounded(found)))


def get(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text())
    return found


def _rounded(value: Any) -> Any:
    """Four digits: more than the runs can tell."""
    if isinstance(value, dict):
        return {key: _rounded(it) for key, it in value.items()}
    return float(f"{value:.4g}") if isinstance(value, float) else value
