"""Runs every benchmark, one process each, and prints their tables."""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = (
    "sandbox_speed",
    "click_to_verdict",
    "answer_cost",
    "bank_load",
    "server_start",
    "page_weight",
    "admin_list",
    "interview_load",
    "endurance",
    "load_sqlite",
    "load_cluster",
)


def main() -> int:
    """Exit 1 if a benchmark could not be run."""
    failed = 0
    for name in BENCHMARKS:
        print(f"\n== {name.replace('_', ' ')}", flush=True)
        failed |= subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
    return int(failed != 0)


if __name__ == "__main__":
    sys.exit(main())
