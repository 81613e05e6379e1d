"""Arithmetic and functions of the expression language, each refusing work or numbers beyond its bounds."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

from app.languages import Phrase, as_is, phrase

MAX_BITS = 4096
MAX_ITEMS = 10_000
MAX_FACTORIAL = 500
MAX_CHOOSE = 4000
Number = int | float


class RefusedError(ValueError):
    """The operation is outside the language or its bounds; `told` says why."""

    def __init__(self, told: Phrase) -> None:
        super().__init__(told)
        self.told = told


def to_number(value: object) -> Number:
    """The value if it is a number; truth values count as 0 and 1."""
    if isinstance(value, int | float):
        return value
    raise RefusedError(phrase("needs a number, not %(called)s", called=_called(value)))


def bounded(value: Number) -> Number:
    """The value unless it is an integer of more than `MAX_BITS` bits or not finite."""
    if isinstance(value, int):
        if value.bit_length() > MAX_BITS:
            raise RefusedError(phrase("the number is too large"))
    elif not math.isfinite(value):
        raise RefusedError(phrase("the value is not finite (%(value)s)", value=value))
    return value


def power(base: Number, exponent: Number) -> Number:
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * exponent > MAX_BITS:
        raise RefusedError(phrase("the power is too large"))
    result: object = base**exponent
    if isinstance(result, int | float):
        return result
    raise RefusedError(phrase("a root of a negative number is not a real number"))


def listed(value: object) -> object:
    """Parameters come as tuples; the language has lists only."""
    return [listed(item) for item in value] if isinstance(value, tuple) else value


def sequence(value: object) -> Sequence[object]:
    if isinstance(value, list | tuple | range):
        return value
    raise RefusedError(phrase("needs a list"))


def is_finite(value: object) -> bool:
    """Whether a value is a number that can be an answer."""
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) <= sys.float_info.max
    return isinstance(value, float) and math.isfinite(value)


def _called(value: object) -> Phrase:
    if isinstance(value, str):
        return phrase("text")
    return phrase("a list") if isinstance(value, list | tuple | range) else as_is(repr(value))


def _items(value: object) -> Sequence[Any]:
    if not isinstance(value, list | tuple | range):
        raise RefusedError(phrase("needs a list, not %(called)s", called=_called(value)))
    if len(value) > MAX_ITEMS:
        raise RefusedError(phrase("more than %(max_items)s items", max_items=MAX_ITEMS))
    return value


def _whole(value: object) -> int:
    if isinstance(value, int):
        return value
    raise RefusedError(phrase("needs a whole number, not %(called)s", called=_called(value)))


def _many(arguments: tuple[object, ...]) -> list[Number]:
    """`max(a, b)` and `max(list)` alike."""
    values = _items(arguments[0]) if len(arguments) == 1 else arguments
    return [to_number(value) for value in values]


def _sum(values: object) -> Number:
    total: Number = 0
    for value in _items(values):
        total = total + to_number(value)
    return total


def _prod(values: object) -> Number:
    product: Number = 1
    for value in _items(values):
        product = bounded(product * to_number(value))
    return product


def _range(*arguments: object) -> range:
    made = range(*(_whole(argument) for argument in arguments))
    if len(made) > MAX_ITEMS:
        raise RefusedError(phrase("a range of more than %(max_items)s numbers", max_items=MAX_ITEMS))
    return made


def _factorial(n: object) -> int:
    if _whole(n) > MAX_FACTORIAL:
        raise RefusedError(phrase("a factorial above %(max_factorial)s", max_factorial=MAX_FACTORIAL))
    return math.factorial(_whole(n))


def _comb(n: object, k: object) -> int:
    if _whole(n) > MAX_CHOOSE:
        raise RefusedError(phrase("comb above %(max_choose)s", max_choose=MAX_CHOOSE))
    return math.comb(_whole(n), _whole(k))


def _round(value: object, digits: object = None) -> Number:
    number = to_number(value)
    if digits is None:
        return round(number)
    if abs(_whole(digits)) > 300:
        raise RefusedError(phrase("rounding takes at most 300 digits"))
    return round(number, _whole(digits))


def _real(function: Callable[..., Number]) -> Callable[..., Number]:
    def checked(*arguments: object) -> Number:
        return function(*(to_number(argument) for argument in arguments))

    return checked


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": _real(abs),
    "ceil": _real(math.ceil),
    "comb": _comb,
    "cos": _real(math.cos),
    "exp": _real(math.exp),
    "factorial": _factorial,
    "floor": _real(math.floor),
    "gcd": lambda *numbers: math.gcd(*(_whole(number) for number in numbers)),
    "len": lambda values: len(_items(values)),
    "log": _real(math.log),
    "log10": _real(math.log10),
    "log2": _real(math.log2),
    "max": lambda *values: max(_many(values)),
    "min": lambda *values: min(_many(values)),
    "prod": _prod,
    "range": _range,
    "round": _round,
    "sin": _real(math.sin),
    "sqrt": _real(math.sqrt),
    "sum": _sum,
    "tan": _real(math.tan),
    "tanh": _real(math.tanh),
}
CONSTANTS: dict[str, float] = {"pi": math.pi, "e": math.e}
