"""What people type as numbers is read as they mean it, or refused with a word of advice."""

from __future__ import annotations

import contextlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bank.schema import Text
from app.grading.numbers import NotANumber, parse_number

PIXELS = Text(en="pixels", zh="像素")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12", "12"),
        (" +0.50 ", "1/2"),
        (".5", "1/2"),
        ("3.", "3"),
        ("-7", "-7"),
        ("\u22127", "-7"),  # minus sign
        ("１２．５", "12.5"),
        ("1,234", "1234"),
        ("12,345,678.5", "12345678.5"),
        ("1/3", "1/3"),
        ("-3 / 4", "-3/4"),
        ("½", "1/2"),
        ("1e-3", "1/1000"),
        ("2.5E2", "250"),
        ("1×10^-3", "1/1000"),
        ("1.5 x 10^3", "1500"),
        ("3*10**2", "300"),
        ("10⁻³", "1/1000"),
        ("2^10", "1024"),
        ("-2^2", "-4"),
        ("25%", "1/4"),
        ("50 ％", "1/2"),
        ("≈ 0.25", "1/4"),
        ("$0.25$", "1/4"),
    ],
)
def test_usual_ways_of_writing_a_number_are_read(typed: str, value: str) -> None:
    assert parse_number(typed) == Fraction(value)


@pytest.mark.parametrize("typed", ["12 pixels", "12pixels", "12 Pixel", "12 像素", "12像素"])
def test_the_unit_may_stand_behind_in_either_language(typed: str) -> None:
    assert parse_number(typed, PIXELS) == 12


def test_a_percent_sign_that_is_the_unit_does_not_divide() -> None:
    assert parse_number("50%", Text(en="%", zh="%")) == 50


@pytest.mark.parametrize("typed", ["", "   ", "abc", "1 2", "1½", "--1", "1e", "1/2/3", "0x10", "1_000", "१२x", "(1)"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(NotANumber):
        parse_number(typed)


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("0,5", "point"),
        ("1,23,456", "could not be read"),
        ("1/0", "divides by zero"),
        ("0^-1", "divides by zero"),
        ("inf", "finite"),
        ("-∞", "finite"),
        ("nan", "finite"),
        ("1e999999999", "too large"),
        ("9^9^9", "could not"),
        ("1" * 101, "too long"),
        ("12 metres", "without a unit"),
    ],
)
def test_a_refusal_says_what_to_mend(typed: str, advice: str) -> None:
    with pytest.raises(NotANumber) as refused:
        parse_number(typed)
    assert advice in refused.value.message.en
    assert refused.value.message.zh


def test_a_foreign_unit_is_refused_with_the_right_one_named() -> None:
    with pytest.raises(NotANumber, match="pixels"):
        parse_number("12 metres", PIXELS)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
def test_every_printed_float_is_read_back(value: float) -> None:
    assert float(parse_number(repr(value))) == value


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(typed: str) -> None:
    with contextlib.suppress(NotANumber):
        assert isinstance(parse_number(typed, PIXELS), Fraction)
