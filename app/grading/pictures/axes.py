"""Scales from values to places on the sheet, with few and round ticks. Sound for every finite value, however large."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from app.grading.pairs import Floats
from app.grading.pictures.words import number

FLAT = 1e-12  # a span this small beside the values themselves is none


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
        values, step = _round_values(self.low, self.high, most, whole)
        size = max(map(abs, values))
        digits = 3 if not size or not step else min(max(3, math.ceil(math.log10(size / step)) + 1), 7)
        return [(value, number(value, digits)) for value in values]


def _round_values(low: float, high: float, most: int, whole: bool) -> tuple[list[float], float]:
    """Multiples of a round step, and the step; the ends where no step can be told."""
    half = high / 2 - low / 2
    if not max(1e-300, FLAT * max(abs(low), abs(high))) < half < 1e300:
        return ([low] if low == high else [low, high]), 0.0
    raw = 2 * half / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(digit * power for digit in (1, 2, 5, 10) if digit * power >= raw * (1 - 1e-9))
    if whole:
        step = max(step, 1.0)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    values = [place * step for place in range(first, last + 1)]
    return (values, step) if values else ([low, high], 0.0)
