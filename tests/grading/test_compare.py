"""A returned value is right or it differs somewhere, and the words say where and how."""

from __future__ import annotations

import numpy as np
import pytest

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
        (2**200, 2.0**200, FLOAT),
        ([2**70, 1], [2**70, 1], INT),
        ([2**63, 5], np.array([2**63, 5], dtype=np.uint64), INT),
        (0.0, -0.0, FLOAT),
        (np.array([0.0, -0.0]), np.array([-0.0, 0.0]), Contract(rtol=0, atol=0)),
        (np.float16(0.1), 0.1, Contract(rtol=1e-3)),
        (np.array([NAN + 1j, INF]), np.array([1 + NAN * 1j, INF + 0j]), FLOAT),
        (1.5 + 0j, 1.5, FLOAT),
        (True, 1, ANY),
        (A, Tensor(A).array, FLOAT),
        ((Tensor(A), {"loss": Tensor(np.array(1.0))}), [Tensor(A), {"loss": Tensor(np.array(1.0))}], FLOAT),
        ([A, A], np.stack([A, A]), FLOAT),
        ((A, A[0]), [A.tolist(), A[0]], FLOAT),
        (["a", "b"], np.array(["a", "b"]), FLOAT),
        (np.array([["a"], ["b"]]), [["a"], ["b"]], FLOAT),
        ("kept", np.str_("kept"), FLOAT),
        (b"\0", b"\0", FLOAT),
        ([[], [1.0]], [[], [1.0]], FLOAT),
        (np.zeros((2, 0)), [[], []], FLOAT),
        ({NAN: 1.0, 2: [A]}, {2: [A], float("nan"): 1.0}, FLOAT),
        ({0.1, 0.2}, {0.2 + 1e-9, 0.1}, FLOAT),
        ({(1, "a"), (2, "b")}, {(2, "b"), (1, "a")}, INT),
        (1 + 2j, 1 + 2j, FLOAT),
        ((A, np.array([1, 2])), [A.tolist(), [1, 2]], ANY),
        ({"a": [A, None]}, {"a": (A, None)}, FLOAT),
        ({1, 2}, {2, 1}, ANY),
        (["b", "a"], ["a", "b"], BAG),
        (np.array([[1.0, 2], [3, 4]]), [[3, 4.0000001], [1, 2]], BAG),
        ([NAN, 1.0], [1.0, NAN], BAG),
        ([("cat", 0.5), ("dog", 0.25)], [["dog", 0.2500001], ("cat", 0.5)], BAG),
        ([[1, 2], [3]], [[3], [1, 2]], BAG),
        ([A, A + 1], [A + 1, A], BAG),
        ({"kept": [1, 2]}, {"kept": [2, 1]}, BAG),
        (([1, 2], ["a", "b"]), ([2, 1], ["b", "a"]), BAG),
        (Tensor(A), Tensor(A.astype(np.float32)), FLOAT),
    ],
)
def test_what_the_contract_allows_is_right(expected: object, got: object, contract: Contract) -> None:
    assert compare(expected, got, contract) is None


@pytest.mark.parametrize(
    ("expected", "got", "contract", "kind", "says"),
    [
        (1.0, 1.1, FLOAT, "value", "Got 1.1, expected 1 (off by 0.1; tolerance 1.1e-05 = 1e-06 + 1e-05 × |expected|)."),
        (1.0, 1.0 + 1.05e-5, Contract(atol=0), "value", "off by 1.05e-05; tolerance 1e-05 = 1e-05 × |expected|"),
        (1.0, 2.0, Contract(rtol=0, atol=0.5), "value", "(off by 1; tolerance 0.5)"),
        (0.3, 0.1 + 0.2, Contract(rtol=0, atol=0), "value", "off by 5.55e-17; no tolerance"),
        (1.0, None, FLOAT, "type", "'return' missing"),
        (1.0, "1.0", FLOAT, "type", "Expected float, got str"),
        (1.0, True, FLOAT, "dtype", "kind float, got bool"),
        (1.0, NAN, FLOAT, "value", "got nan"),
        (NAN, 1.0, FLOAT, "value", "expected nan"),
        (INF, -INF, FLOAT, "value", "got -inf"),
        (INF, 1e308, FLOAT, "value", "expected inf"),
        (1e308, INF, FLOAT, "value", "got inf"),
        (1.0, np.array([1.0]), FLOAT, "shape", "Expected one number, got an array of shape (1,)"),
        (A[0], 3.0, BAG, "shape", "Expected an array of shape (3,), got one number"),
        (A, 3.0, FLOAT, "shape", "Expected an array of shape (2, 3), got one number"),
        (A, A[:0], FLOAT, "shape", "expected (2, 3), got (0, 3)"),
        (np.zeros((0, 4)), np.zeros((0, 3)), FLOAT, "shape", "expected (0, 4), got (0, 3)"),
        (np.zeros((2, 0)), [], FLOAT, "shape", "expected (2, 0), got (0,)"),
        (A, A.T, FLOAT, "shape", "axes look swapped"),
        (A, A[None], FLOAT, "shape", "Only axes of length 1"),
        (A, [[0, 1, 2], [3, 4]], FLOAT, "type", "rows differ in length"),
        (A, A.astype(complex), FLOAT, "dtype", "complex128"),
        ([1, 2], [1.0, 2.0], INT, "dtype", "kind int, got float64"),
        (np.zeros(0, dtype=np.int64), np.array([]), INT, "dtype", "kind int, got float64"),
        (np.array([True]), [1], BOOL, "dtype", "kind bool"),
        ([1, 0], [True, False], INT, "dtype", "kind int, got bool"),
        ([1.0, 0.0], [1.0, False], FLOAT, "type", "it mixes booleans with numbers"),
        ([1, 2], [1, None], INT, "type", "at [1] it holds a value of type None"),
        ([1, 2], [1, 2**70], INT, "type", "the integer at [1] is too large for one"),
        ([1.5, 2.5], [1.5, 2**60 + 1], FLOAT, "type", "the integer at [1] is too large for one"),
        (A, [A[0], A[1, :2]], FLOAT, "type", "its rows differ in length"),
        (1.5, 1.5 + 0j, FLOAT, "dtype", "kind float, got complex"),
        (True, 1, FLOAT, "dtype", "kind bool"),
        (10**6, 10**6 + 1, INT, "value", "got 1000001, expected 1000000"),
        (2**200, 2**200 + 1, INT, "value", "expected 160693804425899027554196209234116260252220299378279283530137"),
        (2**53 + 1, 2.0**53, Contract(rtol=0, atol=0), "value", "got 9.0072e+15, expected 9007199254740993"),
        (np.array([2**53 + 1]), np.array([2.0**53]), Contract(rtol=0, atol=0), "value", "got 9.0072e+15"),
        (np.array([2**63], dtype=np.uint64), np.array([-(2**63)]), INT, "value", "got -9223372036854775808"),
        ([2**63, 5], [2**63 + 1, 5], INT, "value", "First difference at [0]"),
        (True, False, FLOAT, "value", "Got False, expected True"),
        ("kept", "Kept", FLOAT, "value", "Got 'Kept', expected 'kept'; they part at index 0"),
        ("kept", "kep", FLOAT, "value", "they part at index 3"),
        ("a" * 99 + "b", "a" * 99 + "c", FLOAT, "value", "…'aaaaaaaaaaaaaaaaaaaac', expected …'aaaaaaaaaaaaaaaaaaaab'"),
        (b"ab", b"ac", FLOAT, "value", "they part at index 1"),
        (b"ab", "ab", FLOAT, "type", "Expected bytes, got str"),
        (None, 3, FLOAT, "type", "Expected None, got int"),
        ((A, 1.0), (A,), FLOAT, "length", "Expected 2 entries, got 1"),
        ((A, "x"), (A + 1, "x"), FLOAT, "value", "at [0][0, 0]"),
        ({"a": 1}, {"b": 1}, FLOAT, "keys", "Missing keys: 'a'. Keys that should not be there: 'b'."),
        ({"a": {"b": 1}}, {"a": {}}, FLOAT, "keys", "At ['a']: missing keys: 'b'."),
        ({NAN: 1}, {1: 1}, FLOAT, "keys", "Missing keys: nan"),
        (dict.fromkeys(range(9), 0), {}, FLOAT, "keys", "Missing keys: 0, 1, 2, 3, 4 … (9)."),
        ({"boxes": [A, A]}, {"boxes": [A, A + 1]}, FLOAT, "value", "at ['boxes'][1][0, 0]: got 1, expected 0"),
        ((A, None), (A, 2), FLOAT, "type", "At [1]: expected None, got int"),
        ((1.0, A), (1.0, None), FLOAT, "type", "At [1]: expected numpy.ndarray, got None"),
        ({"a": [1, None]}, {"a": [1, 2]}, FLOAT, "type", "Expected None"),
        ({"a": 1}, [1], FLOAT, "type", "Expected dict, got list"),
        (
            np.array([[1.0, 2], [3, 4]]),
            [[3, 4], [1, 5]],
            BAG,
            "value",
            "[1., 2.] is missing and [1, 5] at [1] should not be",
        ),
        (["a", "a"], ["a", "b"], BAG, "value", "In any order, 'a' is missing and 'b' at [1] should not be there."),
        (
            [1, 2, 3],
            [4, 3, 5],
            BAG,
            "value",
            "1 is missing and 4 at [0] should not be there. 2 of 3 entries are missing",
        ),
        (np.array([3, 1]), np.array([1, 3, 5]), BAG, "shape", "got (3,). In any order, 5 at [2] should not be there."),
        ([[1.0, 2.0], [3.0]], [[2.0, 1.0], [3.0]], BAG, "value", "[1.0, 2.0] is missing"),
        ((1, 2), (2, 1), BAG, "value", "At [0]: got 2, expected 1"),
        ({"a": (1, "x")}, {"a": ("x", 1)}, BAG, "type", "At ['a'][0]: expected int, got str"),
        ({1, 2}, {1, 5}, INT, "value", "2 is missing and 5 should not be there"),
        ({1, 2}, {1}, INT, "value", "In any order, 2 is missing."),
        ({"a"}, ["a"], FLOAT, "type", "Expected set, got list"),
        ({1}, {1.5}, INT, "dtype", "kind int, got float64"),
        (Tensor(A), A, FLOAT, "type", "Expected torch.Tensor, got numpy.ndarray"),
        (A, Tensor(A), FLOAT, "type", "Expected numpy.ndarray, got torch.Tensor"),
        ((Tensor(A), 1), (Tensor(A + 1), 1), FLOAT, "value", "at [0][0, 0]"),
        ([Tensor(A)], [A], FLOAT, "type", "At [0]: expected torch.Tensor, got numpy.ndarray"),
        (A, [Tensor(A[0]), Tensor(A[1])], FLOAT, "type", "at [0] it holds a value of type torch.Tensor"),
        (A, Opaque("generator"), FLOAT, "type", "A value of type generator can't be compared"),
        ((A, 1), (A, Opaque("map")), FLOAT, "type", "At [1]: a value of type map"),
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
    assert "2 of 6 values differ (shape (2, 3), float64)." in mismatch.message.en
    assert "6 个值中有 2 个不同（形状 (2, 3)，float64）。" in mismatch.message.zh


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
