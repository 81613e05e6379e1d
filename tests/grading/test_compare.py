"""A returned value is right or it differs somewhere, and the words say where and how."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from app.bank.schema import Contract
from app.grading.compare import compare, same_bits
from app.sandbox import Opaque, Tensor

FLOAT = Contract()
INT = Contract(dtype="int")
BOOL = Contract(dtype="bool")
ANY = Contract(dtype="any")
BAG = Contract(dtype="any", order="any")

NAN, INF = float("nan"), float("inf")
A = np.arange(6.0).reshape(2, 3)


@pytest.mark.parametrize(
    ("expected", "got", "contract"),
    [
        (1.0, 1, FLOAT),
        (1.0, np.float32(1), FLOAT),
        (1.0, np.array(1.0), FLOAT),
        (NAN, NAN, FLOAT),
        (INF, INF, FLOAT),
        (A, A.tolist(), FLOAT),
        (A.tolist(), A, FLOAT),
        (A, A.astype(np.int8), FLOAT),
        (A, [A[0], A[1]], FLOAT),
        (A, (A + 1e-6).astype(np.float32), FLOAT),
        ([0, 2], np.array([0, 2]), INT),
        (np.array([0, 2]), (0, 2), INT),
        (np.array([2], dtype=np.uint64), np.array([2], dtype=np.int8), INT),
        (np.zeros((0, 4)), [], FLOAT),
        (np.zeros(0, dtype=np.int64), [], INT),
        (True, np.bool_(True), FLOAT),
        (np.array([True]), [True], BOOL),
        (None, None, FLOAT),
        ("kept", "kept", FLOAT),
        (2**200, 2**200, INT),
        (1 + 2j, 1 + 2j, FLOAT),
        ((A, np.array([1, 2])), [A.tolist(), [1, 2]], ANY),
        ({"a": [A, None]}, {"a": (A, None)}, FLOAT),
        ({1, 2}, {2, 1}, ANY),
        (["b", "a"], ["a", "b"], BAG),
        (np.array([[1.0, 2], [3, 4]]), [[3, 4.0000001], [1, 2]], BAG),
        ([NAN, 1.0], [1.0, NAN], BAG),
        (Tensor(A), Tensor(A.astype(np.float32)), FLOAT),
    ],
)
def test_what_the_contract_allows_is_right(expected: object, got: object, contract: Contract) -> None:
    assert compare(expected, got, contract) is None


@pytest.mark.parametrize(
    ("expected", "got", "contract", "kind", "says"),
    [
        (1.0, 1.1, FLOAT, "value", "Got 1.1, expected 1 (tolerance 1e-06 + 1e-05"),
        (1.0, None, FLOAT, "type", "'return' missing"),
        (1.0, "1.0", FLOAT, "type", "Expected float, got str"),
        (1.0, True, FLOAT, "dtype", "kind float, got bool"),
        (1.0, NAN, FLOAT, "value", "got nan"),
        (NAN, 1.0, FLOAT, "value", "expected nan"),
        (INF, -INF, FLOAT, "value", "got -inf"),
        (INF, 1e308, FLOAT, "value", "expected inf"),
        (1e308, INF, FLOAT, "value", "got inf"),
        (1.0, np.array([1.0]), FLOAT, "shape", "expected (), got (1,)"),
        (A, A.T, FLOAT, "shape", "axes look swapped"),
        (A, A[None], FLOAT, "shape", "Only axes of length 1"),
        (A, [[0, 1, 2], [3, 4]], FLOAT, "type", "rows differ in length"),
        (A, A.astype(complex), FLOAT, "dtype", "complex128"),
        ([1, 2], [1.0, 2.0], INT, "dtype", "kind int, got float64"),
        (np.zeros(0, dtype=np.int64), np.array([]), INT, "dtype", "kind int, got float64"),
        (np.array([True]), [1], BOOL, "dtype", "kind bool"),
        (True, 1, FLOAT, "dtype", "kind bool"),
        (10**6, 10**6 + 1, INT, "value", "got 1000001, expected 1000000"),
        (2**200, 2**200 + 1, INT, "value", "Expected"),
        ("kept", "Kept", FLOAT, "value", "'kept'"),
        (None, 3, FLOAT, "type", "Expected None, got int"),
        ((A, 1.0), (A,), FLOAT, "length", "Expected 2 entries, got 1"),
        ((A, "x"), (A + 1, "x"), FLOAT, "value", "at [0][0, 0]"),
        ({"a": 1}, {"b": 1}, FLOAT, "keys", "missing 'a'; not due 'b'"),
        ({"a": [1, None]}, {"a": [1, 2]}, FLOAT, "type", "Expected None"),
        ({"a": 1}, [1], FLOAT, "type", "Expected dict, got list"),
        (np.array([[1.0, 2], [3, 4]]), [[3, 4], [1, 5]], BAG, "value", "due and missing"),
        (["a", "a"], ["a", "b"], BAG, "value", "'b' is not due"),
        (Tensor(A), A, FLOAT, "type", "Expected torch.Tensor, got numpy.ndarray"),
        (A, Tensor(A), FLOAT, "type", "Expected numpy.ndarray, got torch.Tensor"),
        (A, Opaque("generator"), FLOAT, "type", "generator"),
        (A, -A, FLOAT, "value", "-1 times"),
        (A, A[:, ::-1][::-1], FLOAT, "value", "reverse order"),
        (np.arange(4.0).reshape(2, 2), np.arange(4.0).reshape(2, 2).T, FLOAT, "value", "transpose"),
        (A, np.where(A > 2, NAN, A), FLOAT, "value", "0/0"),
    ],
)
def test_what_differs_says_where_and_how(
    expected: object, got: object, contract: Contract, kind: str, says: str
) -> None:
    mismatch = compare(expected, got, contract)
    assert mismatch is not None
    words = mismatch.message.en.lower()
    assert (mismatch.kind, says.lower() in words) == (kind, True), mismatch.message.en
    assert mismatch.message.zh


def test_the_first_place_the_tolerance_and_the_count_are_named() -> None:
    got = A.copy()
    got[0, 2] = 9
    got[1, 1] = 9
    mismatch = compare(A, got, FLOAT)
    assert mismatch is not None
    assert (mismatch.index, mismatch.got, mismatch.expected) == ("[0, 2]", "9.0", "2.0")
    assert "2 of 6 values differ" in mismatch.message.en
    assert "6 个值中有 2 个不同" in mismatch.message.zh


def test_numbers_that_print_alike_are_shown_in_full() -> None:
    mismatch = compare(1.0, 1.0 + 1e-12, Contract(rtol=0, atol=0))
    assert mismatch is not None
    assert "1.000000000001" in mismatch.message.en


def test_rows_that_pair_up_only_by_moving_an_earlier_one_are_paired() -> None:
    contract = Contract(order="any", rtol=0, atol=1.0)
    assert compare([0.0, 1.0], [0.9, -0.9], contract) is None
    assert compare(np.array([[0.0], [1.0], [2.0]]), np.array([[1.0], [0.0], [1.9]]), contract) is None
    assert compare([0.0, 1.0], [0.5, 2.5], contract) is not None


def test_a_million_values_are_compared_whole_and_described_shortly() -> None:
    big = np.zeros((1000, 1000))
    mismatch = compare(big, big + 1, FLOAT)
    assert mismatch is not None
    assert "1000000 of 1000000" in mismatch.message.en
    assert len(mismatch.message.en) < 300


FLOATS = st.floats(allow_nan=True, allow_infinity=True, width=32) | st.sampled_from([0.0, 1.0, 1.00001, NAN, INF, -INF])
PAIRS = arrays.array_shapes(max_dims=3, max_side=4).flatmap(
    lambda shape: st.tuples(*(arrays.arrays(np.float64, shape, elements=FLOATS) for _ in range(2)))
)


@settings(max_examples=300, deadline=None)
@given(PAIRS, st.sampled_from([0.0, 1e-6, 0.5]), st.sampled_from([0.0, 1e-5, 0.1]), st.booleans())
def test_agrees_with_numpy_testing(pair: tuple[Any, Any], atol: float, rtol: float, near: bool) -> None:
    expected, got = pair
    if near:
        with np.errstate(all="ignore"):
            got = expected * (1 + rtol / 2)
    try:
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(got, expected, rtol=rtol, atol=atol)
        agrees = True
    except AssertionError:
        agrees = False
    assert (compare(expected, got, Contract(rtol=rtol, atol=atol)) is None) is agrees


@settings(max_examples=200, deadline=None)
@given(arrays.arrays(np.float64, st.tuples(st.integers(1, 8), st.integers(1, 3)), elements=FLOATS), st.randoms())
def test_any_order_of_rows_is_the_same_multiset(rows: Any, random: Any) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    assert compare(rows, rows[order], Contract(order="any")) is None


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.complex_numbers()
    | arrays.arrays(np.float64, arrays.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(VALUES, VALUES, st.sampled_from([FLOAT, INT, ANY, BAG]))
def test_any_two_values_are_compared_without_an_error(expected: object, got: object, contract: Contract) -> None:
    mismatch = compare(expected, got, contract)
    assert mismatch is None or (mismatch.message.en and mismatch.message.zh)
    assert compare(expected, expected, ANY) is None


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (A, A.copy(), True),
        (A, A + 1e-12, False),
        (A, A.astype(np.float32), False),
        (np.array([NAN]), np.array([NAN]), True),
        ([1, [2.0]], [1, [2.0]], True),
        ([1, 2], [2, 1], False),
        ([1], (1,), False),
        ({"a": NAN}, {"a": NAN}, True),
        ({"a": 1}, {}, False),
        (Tensor(A), Tensor(A + 1), False),
        (None, None, True),
    ],
)
def test_a_changed_input_is_noticed_to_the_last_bit(before: object, after: object, same: bool) -> None:
    assert same_bits(before, after) is same
