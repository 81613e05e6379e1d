"""Where the local person's browser finds the server, and a clock that tests can move."""

from __future__ import annotations

from datetime import datetime, timedelta

LOCAL = "http://127.0.0.1:8000"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **spans: float) -> None:
        self.at += timedelta(**spans)
