"""A plot's axes: from values to places on the sheet, linear or by powers of ten, and the ticks to name."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.bank.schema.figures.parts import Words
from app.bank.schema.figures.plot import Axis, TickAt
from app.drawing.numbers import number, ticks

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Scale:
    """Places between `start` and `end` for an axis."""

    axis: Axis
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value lies, also outside of the axis; NaN where a log axis has no place for it."""
        low, high = (self._even(bound) for bound in self.axis.range)
        return self.start + (self.end - self.start) * (self._even(value) - low) / (high - low)

    def _even(self, value: float) -> float:
        if self.axis.scale == "linear":
            return value
        return math.log10(value) if value > 0 else math.nan


def ticks_of(axis: Axis, most: int) -> list[tuple[float, str | Words]]:
    """(value, name) of the axis's own ticks, or of at most about `most` round ones."""
    low, high = axis.range
    if axis.ticks is not None:
        return [(it.at, it.label) if isinstance(it, TickAt) else (it, number(it, 4)) for it in axis.ticks]
    if axis.scale == "log":
        first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
        step = max(1, -(-(last - first + 1) // max(most, 1)))
        return [(10.0**power, _power(power)) for power in range(first, last + 1, step)]
    return [*ticks(low, high, max(most, 2))]


def _power(power: int) -> str:
    return number(10.0**power, 3) if -2 <= power <= 3 else "10" + str(power).translate(_RAISED)
