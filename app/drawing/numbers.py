"""Numbers as the words of a drawing, and few and round ones along an axis. Sound for every value, however large."""

from __future__ import annotations

import math

FLAT = 1e-12  # a span this small beside the values themselves is none


def number(value: float, digits: int) -> str:
    """A number in at most about `digits` significant digits, with a true minus; whole ones whole while short."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    whole = abs(value) < 10.0 ** max(digits, 4) and value == round(value)
    text = f"{value + 0.0:.0f}" if whole else f"{value:.{digits}g}"
    return text.replace("e+0", "e").replace("e-0", "e-").replace("e+", "e").replace("-", "−")


def ticks(low: float, high: float, most: int, *, whole: bool = False) -> list[tuple[float, str]]:
    """At most about `most` round values from `low` to `high`, each with its label."""
    values, step = _round_values(low, high, most, whole)
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
