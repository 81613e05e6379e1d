"""Drawing, filling and shuffling: fixed by the seed, within the stated ranges."""

from __future__ import annotations

import json
import math
from collections import Counter

import pytest
from pydantic import TypeAdapter

from app.bank.expressions import ExpressionError
from app.bank.loader import load_bank
from app.bank.schema import Matching, Numeric, Ordering, SingleChoice
from app.bank.variants import (
    NoDraw,
    draw,
    fill,
    letter,
    mask,
    permutation,
    placeholders,
    plain,
    shown_items,
    shown_options,
    shown_rights,
)  # fmt: skip
from app.settings import ROOT


def both(text: str) -> dict[str, str]:
    return {"en": text, "zh": text}


def numeric(**fields: object) -> Numeric:
    data = {
        "id": "q", "kind": "numeric", "difficulty": 1, "minutes": 1, "prompt": both("?"), "sources": ["s"],
        "params": {}, "answer": "0", "tolerance": {}, "solution": both("!"),
    }  # fmt: skip
    return TypeAdapter(Numeric).validate_json(json.dumps(data | fields))


def test_a_seed_draws_the_same_for_ever() -> None:
    question = numeric(
        params={"n": {"range": [8, 64]}, "k": {"choices": [1, 3, 5]}, "x": {"range": [0, 1], "step": 0.1}},
        derived={"m": "n - k"},
        answer="m * 2",
    )
    assert [draw(question, seed) for seed in (0, 1, 2**40)] == [
        {"n": 53, "k": 1, "x": 0.7, "m": 52, "answer": 104},
        {"n": 23, "k": 1, "x": 0.4, "m": 22, "answer": 44},
        {"n": 41, "k": 1, "x": 0.9, "m": 40, "answer": 80},
    ]


def test_ranges_include_both_ends_and_steps_stay_on_the_grid() -> None:
    question = numeric(params={"n": {"range": [2, 4]}, "x": {"range": [0.1, 0.5], "step": 0.1}}, answer="n")
    drawn = [draw(question, seed) for seed in range(200)]
    assert {names["n"] for names in drawn} == {2, 3, 4}
    assert {names["x"] for names in drawn} == {0.1, 0.2, 0.3, 0.4, 0.5}


def test_draws_until_the_constraint_holds() -> None:
    question = numeric(params={"n": {"range": [1, 9]}, "k": {"range": [1, 9]}}, where="n > k + 4", answer="n - k")
    assert all(draw(question, seed)["answer"] > 4 for seed in range(50))  # type: ignore[operator]  # a number


def test_a_constraint_that_never_holds_is_no_draw() -> None:
    with pytest.raises(NoDraw, match="n > 9"):
        draw(numeric(params={"n": {"range": [1, 9]}}, where="n > 9", answer="n"), 0)


def test_fills_values_and_formats_inside_math_too() -> None:
    names = {"n": 7, "xs": (1, 2.5), "big": 123456.0, "word": "same"}
    text = r"$\frac{@{n}}{3} = @{n / 3:.2f}$, @{xs[1:]}, @{ n / 3 }, @{big:,.0f}, @{word}, {n} @ {n}"
    assert fill(text, names) == r"$\frac{7}{3} = 2.33$, [2.5], 2.33333, 123,456, same, {n} @ {n}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3, "3"), (3.0, "3"), (0.1 + 0.2, "0.3"), (2 / 3, "0.666667"), (1e-5, "0.00001"), (1234567.89, "1234568"),
        (100.0, "100"), (-0.0, "0"), (1.5e-12, "1.5e-12"), (2.5e20, "2.5e20"), (10**20, "100000000000000000000"),
        ([1, 0.5], "[1, 0.5]"), ("same", "same"), (-2.50, "-2.5"),
    ],
)  # fmt: skip
def test_numbers_read_as_people_write_them(value: object, shown: str) -> None:
    assert plain(value) == shown


@pytest.mark.parametrize(
    ("text", "column"),
    [("ab @{n + }", 6), ("ab @{q}", 6), ("ab @{n:xx}", 4), ("ab @{n", 4), ("@{word:.2f}", 1), ("@{n:999999999d}", 1)],
)
def test_a_bad_placeholder_names_its_place(text: str, column: int) -> None:
    with pytest.raises(ExpressionError) as error:
        fill(text, {"n": 1, "word": "x"})
    assert error.value.column >= column


def test_placeholders_and_mask_agree_on_length() -> None:
    text = "a @{n} b @{n:.2f}"
    assert [(expression, spec) for _, expression, spec in placeholders(text)] == [("n", ""), ("n", ".2f")]
    assert mask(text) == "a 1111 b 11111111"


def test_permutations_are_fixed_and_reach_every_order() -> None:
    assert permutation(5, "iou", 3) == permutation(5, "iou", 3)
    assert len({permutation(3, "iou", seed) for seed in range(200)}) == 6
    assert sorted(permutation(8, "iou", 1)) == list(range(8))
    assert permutation(8, "iou", 1, "a") != permutation(8, "iou", 1, "b")


def ordering(texts: list[str]) -> Ordering:
    items = [{"text": both(text), "why": both("w")} for text in texts]
    data = {"id": "o", "kind": "ordering", "difficulty": 1, "minutes": 1, "prompt": both("?"), "sources": ["s"]}
    return TypeAdapter(Ordering).validate_json(json.dumps({**data, "items": items, "explanation": both("e")}))


def test_items_are_never_shown_in_their_right_order() -> None:
    question = ordering(["a", "b", "c"])
    orders = {shown_items(question, seed) for seed in range(300)}
    assert (0, 1, 2) not in orders
    assert len(orders) == 5


def test_items_that_read_the_same_still_come_out_of_order_where_they_can() -> None:
    assert all(shown_items(ordering(["a", "a", "b"]), seed)[2] != 2 for seed in range(50))
    assert sorted(shown_items(ordering(["a", "a", "a"]), 0)) == [0, 1, 2]


def test_equal_right_sides_are_one() -> None:
    pairs = [
        {"left": both(left), "right": both(right), "why": both("w")}
        for left, right in [("1", "x"), ("2", "y"), ("3", "x")]
    ]
    data = {"id": "m", "kind": "matching", "difficulty": 1, "minutes": 1, "prompt": both("?"), "sources": ["s"]}
    question = TypeAdapter(Matching).validate_json(
        json.dumps({**data, "pairs": pairs, "decoys": [both("z")], "explanation": both("e")})
    )
    assert sorted(text.en for text in shown_rights(question, 1)) == ["x", "y", "z"]
    assert letter(0) + letter(11) == "AL"


def test_the_right_option_stands_everywhere_alike() -> None:
    """Chi-square of the shown position over 200 seeds, summed over the bank; a generous bound of six deviations."""
    bank, _ = load_bank(ROOT / "questions", None)
    squares, degrees = 0.0, 0
    for entry in bank.published:
        question = entry.question
        if not (isinstance(question, SingleChoice) and question.shuffle):
            continue
        right = next(index for index, option in enumerate(question.options) if option.correct)
        shown = Counter(shown_options(question, seed).index(right) for seed in range(200))
        due = 200 / len(question.options)
        squares += sum((shown[place] - due) ** 2 / due for place in range(len(question.options)))
        degrees += len(question.options) - 1
    assert degrees > 500
    assert abs(squares - degrees) < 6 * math.sqrt(2 * degrees)
