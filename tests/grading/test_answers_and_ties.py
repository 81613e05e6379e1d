"""Several acceptable answers, indices that may stand for each other, and a reference held to its own contract."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.bank.schema import Contract, Ties
from app.grading import bags
from app.grading.compare import MAX_ANSWERS, Mismatch, compare, reference_fault
from app.sandbox import Opaque, Tensor

ANY_OF = Contract(dtype="any", answers="any_of")
TIES = Contract(dtype="int", ties=Ties(argument=0))
BAG_OF_TIES = Contract(dtype="int", order="any", ties=Ties(argument=0))
SCORES = np.array([0.5, 0.2, 0.5, 0.9, np.nan, np.nan])


def differs(expected: object, got: object, contract: Contract, *args: object) -> Mismatch:
    mismatch = compare(expected, got, contract, args)
    assert mismatch is not None
    return mismatch


@pytest.mark.parametrize("got", [[1, 2, 3], (3, 2, 1), np.array([1, 3, 2])])
def test_any_of_the_answers_is_right(got: object) -> None:
    assert compare([[1, 2, 3], [3, 2, 1], np.array([1, 3, 2])], got, ANY_OF) is None


def test_a_wrong_answer_is_compared_with_the_nearest_of_several() -> None:
    answers = [np.array([0.0, 0.0, 0.0, 0.0]), np.array([1.0, 2.0, 3.0, 4.0]), np.array([[1.0]])]
    mismatch = differs(answers, [1.0, 2.0, 3.5, 4.0], ANY_OF)
    assert mismatch.answer is answers[1]
    assert mismatch.index == "[2]"
    assert mismatch.message.en.startswith(
        "Any of 3 answers is accepted; compared with the nearest one: First difference at [2]: got 3.5, expected 3"
    )
    assert mismatch.message.zh.startswith("共有 3 种答案都算对，以下与最接近的一种比较：首个不同之处在 [2]")


def test_the_nearest_counts_differing_values_through_nests() -> None:
    answers = [("a", [1, 2, 3], "z"), ("b", [1, 2, 4], "y")]
    mismatch = differs(answers, ("b", [1, 2, 3], "x"), ANY_OF)
    assert mismatch.answer == answers[0]
    assert mismatch.index == "[0]"
    assert differs(answers, ("b", [1, 2, 3], "y"), ANY_OF).index == "[1][2]"


def test_a_single_answer_is_not_called_one_of_many() -> None:
    assert differs([[1]], [2], ANY_OF).message.en.startswith("First difference")


def test_answers_go_with_any_order() -> None:
    contract = Contract(dtype="any", answers="any_of", order="any")
    assert compare([[1, 2], [3, 4]], [4, 3], contract) is None
    assert compare([[1, 2], [3, 4]], [1, 4], contract) is not None


@pytest.mark.parametrize("got", [[1, 0, 2, 3, 4, 5], [1, 2, 0, 3, 5, 4], np.array([1, 2, 0, 3, 4, 5], dtype=np.uint8)])
def test_indices_of_equal_entries_may_be_swapped(got: object) -> None:
    due = np.argsort(SCORES, kind="stable")
    assert due.tolist() == [1, 0, 2, 3, 4, 5]
    assert compare(due, got, TIES, (SCORES,)) is None
    assert compare(due, got, TIES, (SCORES.tolist(),)) is None
    assert compare(due, got, TIES, (Tensor(SCORES),)) is None


@pytest.mark.parametrize(
    ("got", "kind", "says"),
    [
        ([3, 0, 2, 1, 4, 5], "value", "First difference at [0]: got 3, expected 1. 2 of 6 values differ"),
        ([1, 0, 0, 3, 4, 5], "value", "At [2]: the index 0 occurs twice; each may be returned once."),
        ([1, 0, 2, 3, 4, 6], "value", "At [5]: the index 6 points at nothing: argument 1 has 6 entries."),
        ([1, 0, 2, 3, 4, -1], "value", "At [5]: the index -1 points at nothing"),
        ([1.0, 0, 2, 3, 4, 5], "dtype", "kind int, got float64"),
        ([1, 0, 2], "shape", "expected (6,), got (3,)"),
    ],
)
def test_indices_that_do_not_sort_repeat_or_point_outside_are_wrong(got: object, kind: str, says: str) -> None:
    mismatch = differs([1, 0, 2, 3, 4, 5], got, TIES, SCORES)
    assert mismatch.kind == kind
    assert says in mismatch.message.en
    assert mismatch.message.zh


def test_a_single_index_may_be_that_of_an_equal_entry() -> None:
    assert compare(0, 2, TIES, (SCORES,)) is None
    assert differs(0, 3, TIES, SCORES).message.en == (
        "Got 3, expected 0. (Indices of equal entries of argument 1 count as the same.)"
    )


def test_with_any_order_indices_are_a_bag() -> None:
    assert compare([1, 0], [2, 1], BAG_OF_TIES, (SCORES,)) is None
    assert "0 is missing and 3 at [0] should not be there" in differs([1, 0], [3, 1], BAG_OF_TIES, SCORES).message.en
    assert "index 2 occurs twice" in differs([0, 2], [2, 2], BAG_OF_TIES, SCORES).message.en


def test_what_the_reference_repeats_may_be_repeated() -> None:
    assert compare([0, 0, 1], [2, 0, 1], TIES, (SCORES,)) is None
    assert compare([0, 0, 1], [2, 2, 1], TIES, (SCORES,)) is None


def test_ties_of_whole_rows_of_text_and_of_lists() -> None:
    rows = np.array([[1.0, 2.0], [1.0, -0.0], [1.0, 0.0], [2.0, 1.0]])
    assert compare([1, 2], [2, 1], TIES, (rows,)) is None
    assert compare([0, 1], [3, 1], TIES, (rows,)) is not None
    for labels in (["a", "b", "a"], np.array(["a", "b", "a"]), [["a"], ["b"], ["c"]]):
        assert (compare([0], [2], TIES, (labels,)) is None) is (labels[0] == labels[2])


def test_ties_hold_for_indices_beside_other_values() -> None:
    contract = Contract(dtype="any", ties=Ties(argument=1))
    due = (np.array([0.9, 0.5]), np.array([3, 0]))
    assert compare(due, ([0.9, 0.5], [3, 2]), contract, (None, SCORES)) is None
    assert differs(due, ([0.9, 0.5], [3, 1]), contract, None, SCORES).index == "[1][1]"
    assert differs(due, ([0.9, 0.5], [3.0, 0.0]), contract, None, SCORES).kind == "dtype"


def test_lines_of_indices_are_each_without_repeats() -> None:
    keys = np.zeros(4)
    due = np.array([[0, 1], [2, 3]])
    assert compare(due, [[3, 2], [3, 2]], TIES, (keys,)) is None
    assert differs(due, [[3, 2], [1, 1]], TIES, keys).index == "[1, 1]"
    assert differs(due, [[3, 3], [1, 0]], BAG_OF_TIES, keys).index == "[0, 1]"


def test_an_index_of_the_reference_that_points_outside_is_told_and_not_followed() -> None:
    """On arguments of the learner's own the reference may give anything."""
    assert differs([0, 9], [0, 1], TIES, SCORES).message.en.startswith("At [1]: the index 9 points at nothing")


def test_an_argument_that_has_no_entries_leaves_indices_as_they_are() -> None:
    assert compare([1], [1], TIES, (7,)) is None
    assert compare([1], [0], TIES, ()) is not None


@pytest.mark.parametrize(
    ("value", "contract", "args", "says"),
    [
        ([1.5], Contract(dtype="int"), (), "kind int, got float64"),
        ((1, [[1], [2, 2.5]]), Contract(dtype="int", order="any"), (), "kind int, got float64"),
        ({"a": Opaque("map")}, Contract(), (), "type map can't be compared"),
        ([], ANY_OF, (), "a list of 1 to 100 acceptable answers"),
        (3, ANY_OF, (), "a list of 1 to 100 acceptable answers"),
        ([[0]] * (MAX_ANSWERS + 1), ANY_OF, (), "a list of 1 to 100 acceptable answers"),
        ([[1], [1.5]], Contract(dtype="int", answers="any_of"), (), "kind int"),
        ([0, 9], TIES, (SCORES,), "index 9 points at nothing"),
        ([[0], [9]], TIES.model_copy(update={"answers": "any_of"}), (SCORES,), "index 9 points at nothing"),
        ([0], TIES, (3.5,), "'ties': argument 0 has no entries that an index could point at"),
        ([0], TIES, (), "'ties': argument 0 has no entries"),
        ([("a", k / 2) for k in range(bags.MAX_ENTRIES + 1)], Contract(order="any"), (), "too many entries"),
        (np.linspace(0, 1e-9, 30_000).reshape(10_000, 3), Contract(order="any"), (), "too many entries"),
    ],
)
def test_a_reference_that_breaks_its_contract_is_told_how(
    value: object, contract: Contract, args: tuple[object, ...], says: str
) -> None:
    assert says in (reference_fault(value, contract, args) or "")


@pytest.mark.parametrize(
    ("value", "contract", "args"),
    [
        (np.zeros(3), Contract(), ()),
        ([[1], [2]], ANY_OF, ()),
        ([2, 0], TIES, (SCORES,)),
        ([("a", k) for k in range(1000)], Contract(dtype="int", order="any"), ()),
        (np.random.default_rng(0).normal(size=(10_000, 3)), Contract(order="any"), ()),
        (np.zeros((10_000, 3)), Contract(order="any"), ()),
        (float("nan"), Contract(), ()),
    ],
)
def test_a_reference_that_keeps_its_contract_has_no_fault(
    value: object, contract: Contract, args: tuple[Any, ...]
) -> None:
    assert reference_fault(value, contract, args) is None
