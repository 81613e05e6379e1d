"""Scales from values to places on the sheet, with few and round ticks. Sound for every finite value, however large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.drawing.numbers import FLAT, ticks
from app.grading.pairs import Floats


@dataclass(frozen=True)
class Scale:
    """Places between `start` and `end` for values between `low` and `high`; the middle if all values are one."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def over(cls, values: Floats, start: float, end: float) -> Scale:
        """Over the finite ones of `values`."""
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        return cls(low, high, start, end)

    def at(self, values: Floats) -> Floats:
        """Where finite values lie."""
        size = max(abs(self.low), abs(self.high)) or 1.0
        low, high = self.low / size, self.high / size
        if high - low < FLAT:
            return np.full_like(values, (self.start + self.end) / 2)
        return np.asarray(self.start + (self.end - self.start) * ((values / size - low) / (high - low)))

    def place(self, value: float) -> float:
        return float(self.at(np.array(value)))

    def ticks(self, most: int, *, whole: bool = False) -> list[tuple[float, str]]:
        """At most about `most` round values, each with its label."""
        return ticks(self.low, self.high, most, whole=whole)
