"""What holds of comparing for all values: its tolerance to the last bit, its symmetries, and numpy's own opinion."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from app.bank.schema import Contract
from app.grading.compare import compare
from app.grading.rows import pair, pair_rows

NAN, INF = float("nan"), float("inf")
ANY = Contract(dtype="any")
SPECIAL = [0.0, -0.0, 1.0, 1.00001, -3.5, 1e308, 5e-324, NAN, INF, -INF]
FLOATS = st.floats() | st.sampled_from(SPECIAL)
TOLERANCES = st.sampled_from([0.0, 1e-9, 1e-5, 0.1, 0.5])
SHAPES = arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4)
FLOAT_ARRAYS = arrays.arrays(np.float64, SHAPES, elements=FLOATS)
FINITE_ARRAYS = arrays.arrays(
    np.float64, arrays.array_shapes(max_dims=3, max_side=4), elements=st.floats(-1e6, 1e6, width=32)
)


def agrees(expected: object, got: object, contract: Contract = ANY, args: tuple[object, ...] = ()) -> bool:
    return compare(expected, got, contract, args) is None


@given(FLOATS, FLOATS, TOLERANCES, TOLERANCES)
@example(1.0, 1.5, 0.0, 0.5)
@example(2.0, 3.0, 0.5, 0.0)
@example(-2.0, -3.5, 0.5, 0.5)
def test_two_floats_agree_exactly_where_the_stated_formula_says_so(
    expected: float, got: float, rtol: float, atol: float
) -> None:
    if np.isnan(expected) or np.isnan(got):
        due = np.isnan(expected) and np.isnan(got)
    elif np.isinf(expected) or np.isinf(got):
        due = expected == got
    else:
        due = abs(got - expected) <= atol + rtol * abs(expected)
    assert agrees(expected, got, Contract(rtol=rtol, atol=atol)) is bool(due)


@pytest.mark.parametrize(
    ("rtol", "atol", "expected"), [(0.0, 0.25, 8.0), (0.25, 0.0, 8.0), (0.25, 0.25, -8.0), (0.5, 1.0, 0.0)]
)
def test_the_boundary_itself_is_within_the_tolerance_and_the_next_float_is_not(
    rtol: float, atol: float, expected: float
) -> None:
    contract = Contract(rtol=rtol, atol=atol)
    for way in (-1.0, 1.0):
        edge = expected + way * (atol + rtol * abs(expected))
        assert agrees(expected, edge, contract)
        assert not agrees(expected, float(np.nextafter(edge, way * np.inf)), contract)


KINDS = [(0.0, "zero"), (-0.0, "zero"), (1.0, "one"), (1e308, "huge"), (NAN, "nan"), (INF, "inf"), (-INF, "-inf")]


@pytest.mark.parametrize("pair", list(itertools.product(KINDS, repeat=2)))
def test_zeros_agree_and_nan_and_each_infinity_only_with_itself_whatever_the_tolerance(
    pair: tuple[tuple[float, str], tuple[float, str]],
) -> None:
    (expected, kind), (got, other) = pair
    wide = Contract(rtol=0.99, atol=1e308)
    finite = bool(np.isfinite(expected) and np.isfinite(got))
    for shaped in (float, lambda value: np.array([value, 0.0])):
        assert agrees(shaped(expected), shaped(got), Contract(rtol=0, atol=0)) is (kind == other)
        assert agrees(shaped(expected), shaped(got), wide) is (finite or kind == other)


NUMBERS = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.integers(-5, 5),
    FLOATS,
    st.complex_numbers() | st.just(complex(NAN, 1)),
    st.floats(width=32).map(np.float32),
    st.floats(width=16).map(np.float16),
    st.integers(0, 2**64 - 1).map(np.uint64),
    st.integers(-(2**63), 2**63 - 1).map(np.int64),
)


@given(NUMBERS, NUMBERS, TOLERANCES, TOLERANCES, st.sampled_from(["any", "float"]))
@example(2**53 + 1, 2.0**53, 0.0, 0.0, "float")
@example(np.uint64(2**63), np.int64(-(2**63)), 0.0, 0.0, "any")
def test_a_number_alone_and_in_an_array_and_in_a_list_are_compared_alike(
    expected: Any, got: Any, rtol: float, atol: float, dtype: Any
) -> None:
    contract = Contract(dtype=dtype, rtol=rtol, atol=atol)
    alone = agrees(expected, got, contract)
    assert agrees(np.asarray(expected), np.asarray(got), contract) is alone
    assert agrees(np.asarray([expected]), np.asarray([got]), contract) is alone
    assert agrees([expected], [got], contract) is alone
    assert agrees([expected, "x"], (got, "x"), contract) is alone
    assert agrees({"a": expected}, {"a": got}, contract) is alone


@given(FLOAT_ARRAYS)
def test_every_array_is_itself_a_list_a_tuple_and_any_order(array: Any) -> None:
    for other in (array.copy(), array.tolist(), tuple(array.tolist())):
        if array.size or array.ndim == 1:
            assert agrees(array, other, Contract(rtol=0, atol=0))
            assert agrees(array, other, Contract(rtol=0, atol=0, order="any"))


@given(FLOAT_ARRAYS, FLOAT_ARRAYS, TOLERANCES)
def test_without_a_relative_tolerance_comparing_is_symmetric(a: Any, b: Any, atol: float) -> None:
    contract = Contract(rtol=0, atol=atol)
    assert agrees(a, b, contract) is agrees(b, a, contract)


@given(arrays.arrays(np.int8, SHAPES), st.sampled_from([np.int16, np.int32, np.int64, np.float16, np.float64]))
def test_the_width_of_a_dtype_does_not_matter(array: Any, width: type) -> None:
    contract = Contract(rtol=0, atol=0)
    assert agrees(array, array.astype(width), contract)
    assert agrees(array.astype(width), array, contract)
    assert agrees(array, array.astype(width), Contract(dtype="int")) is np.issubdtype(width, np.integer)


@given(FINITE_ARRAYS, st.data(), TOLERANCES, TOLERANCES)
def test_a_value_beyond_the_tolerance_is_always_found_and_it_is_the_first(
    array: Any, data: st.DataObject, rtol: float, atol: float
) -> None:
    spoilt = sorted(data.draw(st.sets(st.integers(0, array.size - 1), min_size=1)))
    got = array.copy()
    for place in spoilt:
        got.flat[place] += data.draw(st.sampled_from([-1, 1])) * (2 * (atol + rtol * abs(array.flat[place])) + 1e-3)
    mismatch = compare(array, got, Contract(rtol=rtol, atol=atol))
    assert mismatch is not None
    first = ", ".join(str(int(axis)) for axis in np.unravel_index(spoilt[0], array.shape))
    assert mismatch.index == f"[{first}]"
    assert f"{len(spoilt)} of {array.size} values differ" in mismatch.message.en


DTYPES = [
    "float16", "float32", "float64", "longdouble", "complex64", "complex128",
    "int8", "uint8", "int32", "int64", "uint64", "bool",
]  # fmt: skip
PAIR_SHAPES = [(), (1,), (3,), (0,), (2, 3), (0, 4), (4, 0), (2, 1, 3), (5, 5)]
DRAWN = [0.0, -0.0, 1.0, 1.00001, 2.5, -3.0, 100.0, NAN, INF, -INF]


def drawn(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    dtype = np.dtype(rng.choice(DTYPES))
    if dtype.kind in "biu":
        return rng.integers(0, 2 if dtype.kind == "b" else 5, shape).astype(dtype)
    values = rng.choice(DRAWN, shape, p=[0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.1, 0.08, 0.06, 0.06])
    if dtype.kind == "c":
        values = values + 1j * rng.choice([0.0, 1.0, NAN, INF], shape, p=[0.7, 0.2, 0.05, 0.05])
    return np.asarray(values).astype(dtype)


def bent(rng: np.random.Generator, array: Any) -> Any:
    """A copy, one value of it a little or much larger, perhaps in another dtype."""
    bend = array.copy()
    if bend.size and bend.dtype.kind in "fc":
        bend.flat[rng.integers(bend.size)] *= 1 + rng.choice([0, 1e-7, 1e-3, 0.3])
    return bend.astype(rng.choice(DTYPES)) if rng.random() < 0.3 else bend


def in_double(array: Any) -> Any:
    if array.dtype.kind in "biu" or array.dtype.itemsize > 8:
        return array
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def test_agrees_with_numpy_testing_on_two_thousand_pairs() -> None:
    """We differ from it on purpose in four ways, which are taken out here: two whole numbers or booleans must be equal,
    whatever the tolerance; half and single precision are compared in double; shapes must be equal, where it lets one
    number stand for a whole array; and kinds must fit the contract (which here allows any)."""
    rng = np.random.default_rng(20_261_125)
    verdicts = {True: 0, False: 0}
    for _ in range(2_000):
        rtol, atol = float(rng.choice([0, 1e-6, 1e-2])), float(rng.choice([0, 1e-6, 1e-2]))
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of casts that lose an imaginary part or a NaN
            expected = drawn(rng, PAIR_SHAPES[rng.integers(len(PAIR_SHAPES))])
            got = drawn(rng, expected.shape) if rng.random() < 0.3 else bent(rng, expected)
            whole = expected.dtype.kind in "biu" and got.dtype.kind in "biu"
            tolerance = {"rtol": 0, "atol": 0} if whole else {"rtol": rtol, "atol": atol}
            try:
                np.testing.assert_allclose(in_double(got), in_double(expected), equal_nan=True, **tolerance)
                theirs = True
            except AssertionError:
                theirs = False
        verdicts[theirs] += 1
        assert agrees(expected, got, Contract(dtype="any", rtol=rtol, atol=atol)) is theirs, (expected, got, rtol, atol)
    assert min(verdicts.values()) > 400


ROWS = arrays.arrays(np.float64, st.tuples(st.integers(0, 7), st.integers(1, 3)), elements=FLOATS)


@given(ROWS, st.randoms(), st.booleans())
def test_rows_in_any_order_are_the_same(rows: Any, random: Any, flat: bool) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    due, given_rows = (rows[:, 0], rows[order, 0]) if flat else (rows, rows[order])
    assert agrees(due, given_rows, Contract(order="any"))
    assert agrees({"a": due.tolist()}, {"a": given_rows.tolist()}, Contract(order="any"))


CLOSE = st.integers(0, 8).map(float)


@given(st.integers(1, 5), st.integers(1, 2), st.data(), st.sampled_from([0.0, 1.0, 2.0]), st.sampled_from([0.0, 0.25]))
def test_rows_pair_up_exactly_where_some_pairing_of_all_of_them_does(
    count: int, width: int, data: st.DataObject, atol: float, rtol: float
) -> None:
    """Held against trying every permutation, on rows so close that the first fit is often the wrong one."""
    due, got = (data.draw(arrays.arrays(np.float64, (count, width), elements=CLOSE)) for _ in range(2))
    fits = np.all(np.abs(got[None] - due[:, None]) <= atol + rtol * np.abs(due[:, None]), axis=2)
    possible = max(
        sum(bool(fits[row, place]) for row, place in enumerate(order)) for order in itertools.permutations(range(count))
    )
    alone = pair_rows(due, got, rtol, atol)
    assert len(alone.missing) == len(alone.extra) == count - possible
    assert agrees(due, got, Contract(order="any", rtol=rtol, atol=atol)) is (possible == count)
    labelled = [("x", row) for row in due.tolist()], [("x", row) for row in got.tolist()]
    assert agrees(*labelled, Contract(order="any", rtol=rtol, atol=atol)) is (possible == count)


def most_pairs(options: list[list[int]], taken: frozenset[int] = frozenset()) -> int:
    if not options:
        return 0
    first, *others = options
    alone = most_pairs(others, taken)
    return max([alone, *(1 + most_pairs(others, taken | {one}) for one in first if one not in taken)])


@given(st.integers(1, 6), st.data())
@example(6, None)
def test_a_pairing_is_the_largest_there_is(count: int, data: st.DataObject | None) -> None:
    """Held against trying everything; the example takes a path over three entries to find its last place."""
    if data is None:
        options = [[0, 1], [1, 2], [2, 3], [0, 3], [0, 4], [4, 5]]
        options = [sorted(row, reverse=True) for row in options]
    else:
        options = data.draw(st.lists(st.sets(st.integers(0, count - 1)).map(sorted), min_size=count, max_size=count))
    alone = pair([np.array(row, dtype=np.intp) for row in options], count)
    assert len(options) - len(alone.missing) == count - len(alone.extra) == most_pairs(options)


@given(ROWS, st.data())
def test_a_row_too_many_and_a_row_too_few_are_named(rows: Any, data: st.DataObject) -> None:
    assume(len(rows) > 1)
    place = data.draw(st.integers(0, len(rows) - 1))
    alone = pair_rows(rows, np.delete(rows, place, axis=0), 0.0, 0.0)
    assert not alone.extra
    assert len(alone.missing) == 1
    assert agrees(rows[alone.missing[0]], rows[place], Contract(rtol=0, atol=0))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.randoms())
def test_any_way_to_break_ties_is_right_and_nothing_else_is(keys: list[int], random: Any) -> None:
    contract = Contract(dtype="int", ties={"argument": 0})  # type: ignore[arg-type]  # pydantic makes a Ties of it
    due = np.argsort(keys, kind="stable")
    other = sorted(range(len(keys)), key=lambda index: (keys[index], random.random()))
    assert agrees(due, other, contract, (keys,))
    assert agrees(due, sorted(other), contract.model_copy(update={"order": "any"}), (keys,))
    shuffled = list(due)
    random.shuffle(shuffled)
    sorts = [keys[index] for index in shuffled] == sorted(keys)
    assert agrees(due, shuffled, contract, (keys,)) is sorts
    repeated = [other[0], *other[:-1]]
    assert agrees(due, repeated, contract, (keys,)) is (len(keys) == 1)


@given(st.lists(FLOAT_ARRAYS, min_size=1, max_size=4), FLOAT_ARRAYS, st.data())
def test_one_of_several_answers_is_enough(answers: list[Any], stray: Any, data: st.DataObject) -> None:
    contract = Contract(answers="any_of", rtol=0, atol=0)
    chosen = data.draw(st.sampled_from(answers))
    assert agrees(answers, chosen.copy(), contract)
    one = Contract(rtol=0, atol=0)
    assert agrees(answers, stray, contract) is any(agrees(answer, stray, one) for answer in answers)
