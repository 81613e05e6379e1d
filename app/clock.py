"""The one place that reads the clock. Everything else is handed the time."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_ELAPSED = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # the former goes on while the machine sleeps


def now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


def elapsed_s() -> float:
    """Seconds since some moment. Setting the machine's clock does not change how they pass."""
    return time.clock_gettime(_ELAPSED)


class SteadyClock:
    """Time that goes on from `start` however the machine's clock is set meanwhile."""

    def __init__(self, start: datetime, elapsed: Callable[[], float] = elapsed_s) -> None:
        self._start = start
        self._elapsed = elapsed
        self._began_s = elapsed()

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed() - self._began_s)
