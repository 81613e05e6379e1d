"""Judging a numeric answer: within the stated tolerance, a recognised slip, or a hint about how it is off.

Floats stand for the decimals they print as, so that 0.26 is within 0.01 of 0.25; a float answer has a relative slack of
1e-12 for its own rounding.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from app.bank.expressions import Expression, ExpressionError
from app.bank.schema import Mistake, Numeric, Text, Tolerance
from app.bank.variants import NoDraw, draw, fill
from app.grading.numbers import NotANumber, parse_number
from app.grading.outcome import MalformedAnswer, Outcome, Part
from app.grading.verdict import BrokenQuestion
from app.languages import Message, phrase

FLOAT_SLACK = Fraction(1, 10**12)
RECOGNISED_WITHIN = Fraction(1, 200)

_SIGN = Message("The size is right, the sign is not.", "大小对了，符号反了。")
_OFF_BY_ONE = Message("You are off by one: check whether an end counts.", "差了 1：检查端点是否要算进去。")
_RECIPROCAL = Message("That is the reciprocal: the fraction is upside down.", "这是倒数：分子和分母颠倒了。")
_DOUBLE = Message("That is twice the right value: a factor 2 too many.", "是正确值的两倍：多了一个因子 2。")
_HALF = Message("That is half the right value: a factor 2 is missing.", "是正确值的一半：少了一个因子 2。")
_PERCENT = Message("Off by a factor of 100: fraction against percent?", "差了 100 倍：是不是小数和百分数弄混了？")
_THOUSAND = Message("Off by a factor of 1000 (or 1024): check the unit.", "差了 1000（或 1024）倍：检查单位。")
_CLOSE = Message(
    "Very close, but outside the tolerance: keep more digits until the end.",
    "很接近，但超出了允许误差：最后再取整，中间多保留几位。",
)


def grade_number(question: Numeric, seed: int, typed: str) -> Outcome:
    """Judge what was typed against this seed's variant. Raises `MalformedAnswer`, `BrokenQuestion`."""
    try:
        given = parse_number(typed, question.unit)
    except NotANumber as unread:
        raise MalformedAnswer("value", unread.message) from unread
    try:
        names = draw(question, seed)
    except (NoDraw, ExpressionError) as error:
        raise BrokenQuestion(error.told, question.id) from error
    expected = exact(names["answer"])
    right = is_within(given, expected, question.tolerance, slack=isinstance(names["answer"], float))
    slip = None if right else _recognised(question, names, given, expected)
    part = Part("value", typed.strip(), format_number(names["answer"]), right, slip)
    note = None if right or slip else hint(given, expected)
    return Outcome(right, float(right), (part,), note)


def exact(value: object) -> Fraction:
    """An evaluated expression as a fraction, floats by the decimals they print as. Raises `BrokenQuestion`."""
    if isinstance(value, int):
        return Fraction(value)
    if isinstance(value, float) and math.isfinite(value):
        return Fraction(repr(value))
    raise BrokenQuestion(phrase("the answer is not a finite number: %(value)s", value=repr(value)))


def is_within(given: Fraction, expected: Fraction, tolerance: Tolerance, *, slack: bool) -> bool:
    """|given - expected| <= abs + rel * |expected|; both zero means exact (`slack`: but for a float's own rounding)."""
    allowed = Fraction(repr(tolerance.abs)) + Fraction(repr(tolerance.rel)) * abs(expected)
    return abs(given - expected) <= allowed + (FLOAT_SLACK * abs(expected) if slack else 0)


def format_number(value: object) -> str:
    """Ten significant digits; integers whole."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _recognised(question: Numeric, names: Mapping[str, object], given: Fraction, expected: Fraction) -> Text | None:
    """Why, for the first declared mistake that leads to `given` (and not, for these parameters, to the right value)."""
    for mistake in question.mistakes:
        slipped = _value_of(mistake, names)
        if slipped is None or is_within(slipped, expected, question.tolerance, slack=True):
            continue
        if is_within(given, slipped, question.tolerance, slack=True):
            return Text(en=fill(mistake.why.en, names), zh=fill(mistake.why.zh, names))
    return None


def _value_of(mistake: Mistake, names: Mapping[str, object]) -> Fraction | None:
    """The value a mistake leads to; None where it leads nowhere (a slip may divide by zero for some parameters)."""
    try:
        return exact(Expression.parse(mistake.answer).evaluate(names))
    except (ExpressionError, BrokenQuestion):
        return None


def hint(given: Fraction, expected: Fraction) -> Message:
    """How a wrong number is off: a usual slip if it looks like one, else which way and how far."""
    if expected == 0 or given == 0:
        return _side(given, expected)
    ratio = given / expected
    if given.denominator == expected.denominator == 1 and abs(given - expected) == 1:
        return _OFF_BY_ONE
    for factor, message in (
        (Fraction(-1), _SIGN),
        (Fraction(2), _DOUBLE),
        (Fraction(1, 2), _HALF),
        (1 / expected**2, _RECIPROCAL),
        (Fraction(100), _PERCENT),
        (Fraction(1, 100), _PERCENT),
        *((factor, _THOUSAND) for unit in (1000, 1024) for factor in (Fraction(unit), Fraction(1, unit))),
    ):
        if abs(ratio / factor - 1) <= RECOGNISED_WITHIN:
            return _CLOSE if abs(ratio - 1) <= RECOGNISED_WITHIN else message
    return _CLOSE if abs(ratio - 1) <= RECOGNISED_WITHIN * 4 else _side(given, expected)


def _side(given: Fraction, expected: Fraction) -> Message:
    side = Message("Too large", "偏大") if given > expected else Message("Too small", "偏小")
    if expected == 0 or given / expected <= 0:
        return Message(f"{side.en}.", f"{side.zh}。")
    ratio = given / expected
    if Fraction(1, 2) < ratio < 2:
        percent = f"{float(abs(ratio - 1) * 100):.2g} %"
        return Message(f"{side.en}: off by about {percent}.", f"{side.zh}：差约 {percent}。")
    if Fraction(1, 10**6) < ratio < 10**6:
        times = f"{float(max(ratio, 1 / ratio)):.2g}"
        return Message(f"{side.en}: off by a factor of about {times}.", f"{side.zh}：差约 {times} 倍。")
    return Message(
        f"{side.en} by many orders of magnitude: check exponents and units.", f"{side.zh}许多数量级：检查指数和单位。"
    )
