"""Numbers as people type them: text to an exact fraction, or a kind word about what could not be read.

Accepted, after NFKC (so full-width digits too): `0.5  .5  -3  1,234.5  1/3  1e-3  1×10^-3  2^10  2**10  10⁻³  ½
25%`, a leading `=` or `≈`, and the question's own unit behind, in either language. A comma separates thousands and
only in groups of three (`1,234`, never `0,5`). Infinities and NaN are refused.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from app.bank.schema import LANGS, Text
from app.languages import Message

MAX_LENGTH = 100
MAX_DIGITS = 1000

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SUPERSCRIPT_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+")
_VULGAR = re.compile("[¼½¾⅐-⅞]")
_SIGNS = str.maketrans({"−": "-", "–": "-", "﹣": "-", "⁄": "/", "÷": "/", "×": "*", "·": "*", "⋅": "*", "∙": "*"})
_DIGITS = r"(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)"
_DECIMAL = rf"(?:{_DIGITS}(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?"
_POWER = rf"[+-]?{_DECIMAL}(?:\^[+-]?\d+)?"
_PRODUCT = rf"{_POWER}(?:\*{_POWER})*"
_NUMBER = re.compile(rf"({_PRODUCT})(?:/({_PRODUCT}))?(%?)")
_INFINITE = re.compile(r"[+-]?(∞|inf|infinity|nan|无穷|无穷大)")


class NotANumber(ValueError):  # noqa: N818 (says what the text is not)
    """The text is no number that we read; `message` says so to the learner."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


def caret_superscripts(text: str) -> str:
    """`10⁻³` to `10^-3`; NFKC alone would make it `10-3`."""
    return _SUPERSCRIPT_RUN.sub(lambda run: "^" + run.group().translate(_SUPERSCRIPTS), text)


def parse_number(text: str, unit: Text | None = None) -> Fraction:
    """The exact value of `text`. Raises `NotANumber`."""
    if len(text) > MAX_LENGTH:
        raise NotANumber(Message("That is too long for a number.", "作为一个数，这太长了。"))
    plain = _without_unit(_normal(text), unit)
    if not plain:
        raise NotANumber(Message("Type a number.", "请输入一个数。"))
    if _INFINITE.fullmatch(plain):
        raise NotANumber(Message("The answer is a finite number.", "答案是一个有限的数。"))
    if (match := _NUMBER.fullmatch(plain)) is None:
        raise _unreadable(plain, unit)
    top, bottom, percent = match.groups()
    divisor = _product(bottom) if bottom else Fraction(1)
    if divisor == 0:
        raise NotANumber(Message("That divides by zero.", "这里除以了零。"))
    return _product(top) / divisor / (100 if percent else 1)


def _normal(text: str) -> str:
    spaced = _VULGAR.sub(lambda fraction: " " + fraction.group(), caret_superscripts(text))
    folded = unicodedata.normalize("NFKC", spaced).translate(_SIGNS).casefold().replace("$", "").replace("**", "^")
    folded = re.sub(r"(?<=\d)(?<!\b0)\s*x\s*(?=\d)", "*", folded.strip().lstrip("=≈~ "))
    return re.sub(r"\s*([*/^%])\s*|(?<=^[+-])\s+", lambda sign: sign.group(1) or "", folded)


def _without_unit(plain: str, unit: Text | None) -> str:
    if unit is None:
        return plain
    for lang in LANGS:
        name = _normal(unit.in_(lang))
        for form in (name, name.removesuffix("s")):
            if form and plain.endswith(form) and plain != form:
                return plain.removesuffix(form).rstrip()
    return plain


def _product(text: str) -> Fraction:
    value = Fraction(1)
    for factor in text.replace(",", "").split("*"):
        value *= _power(factor)
    return value


def _power(text: str) -> Fraction:
    base, _, exponent = text.partition("^")
    mantissa, _, scale = base.partition("e")
    sign = -1 if mantissa.startswith("-") else 1
    if (len(mantissa) + abs(int(scale or 0))) * abs(int(exponent or 1)) > MAX_DIGITS:
        raise NotANumber(Message("That number is too large or too small.", "这个数太大或太小了。"))
    value = Fraction(mantissa.lstrip("+-")) * Fraction(10) ** int(scale or 0)
    if value == 0 and int(exponent or 1) < 0:
        raise NotANumber(Message("That divides by zero.", "这里除以了零。"))
    return Fraction(sign * value ** int(exponent or 1))  # -2^2 is -4, as in writing


def _unreadable(plain: str, unit: Text | None) -> NotANumber:
    if re.fullmatch(r"[+-]?\d*,\d+", plain):
        return NotANumber(
            Message(
                "Write decimals with a point (0.5); a comma separates thousands (1,234).",
                "小数请用点号（0.5），逗号只用来分隔千位（1,234）。",
            )
        )
    if re.match(r"[+-]?\.?\d", plain) and re.search(r"[^\W\d_]+$", plain):
        return NotANumber(_about_unit(unit))
    return NotANumber(
        Message(
            "This could not be read as a number. Write for instance 0.25, 1/4, 2.5e-1 or 25%.",
            "无法识别为数。可以写成 0.25、1/4、2.5e-1 或 25%。",
        )
    )


def _about_unit(unit: Text | None) -> Message:
    if unit is None:
        return Message("Write the number alone, without a unit.", "请只写数，不带单位。")
    en, zh = (unit.in_(lang).replace("$", "") for lang in LANGS)
    return Message(f"Write the number alone, or with the unit {en} behind it.", f"请只写数，或在后面写上单位“{zh}”。")
