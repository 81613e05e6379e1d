"""Whatever comes back from the sandbox is compared and told without an error, in a short text, with bounded work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from app.bank.schema import Contract, Ties
from app.grading import preview as preview_module
from app.grading import rows
from app.grading.compare import compare, reference_fault, same_bits
from app.grading.preview import LONGEST, preview, preview_args
from app.sandbox import Opaque, Tensor
from app.sandbox.cell.decoding import Decoder
from app.sandbox.cell.encoding import Encoder

MOST = 3_000  # characters of a message
PLAIN_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(-(2**4090), 2**4090),
    st.floats(),
    st.complex_numbers(),
    PLAIN_TEXT,
    st.binary(max_size=6),
)
DTYPES = st.one_of(
    arrays.boolean_dtypes(),
    arrays.integer_dtypes(endianness="="),
    arrays.unsigned_integer_dtypes(endianness="="),
    arrays.floating_dtypes(endianness="="),
    arrays.complex_number_dtypes(endianness="="),
    st.sampled_from([np.dtype("longdouble"), np.dtype("<U3"), np.dtype("|S3")]),
)
ARRAYS = DTYPES.flatmap(
    lambda dtype: arrays.arrays(
        dtype,
        arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3),
        elements=st.text("ab\u4e2d\u202e", max_size=3) if dtype.kind == "U" else None,
    )
)
LEAVES = SCALARS | ARRAYS | ARRAYS.map(lambda array: array.flat[0] if array.size else 0.0)
KEYS = st.one_of(SCALARS, st.tuples(st.integers(0, 2), st.floats()), st.just(Opaque("thing")))


def nested(leaves: st.SearchStrategy[Any], keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.lists(inner, max_size=3).map(tuple),
            st.dictionaries(keys, inner, max_size=3),
            st.sets(keys, max_size=4),
        ),
        max_leaves=5,
    )


NUMERIC_ARRAYS = ARRAYS.filter(lambda array: array.dtype.kind in "biufc")
VALUES = nested(LEAVES | NUMERIC_ARRAYS.map(Tensor) | st.just(Opaque("generator")), KEYS)
HONEST = nested(LEAVES | NUMERIC_ARRAYS.map(Tensor), SCALARS)
CONTRACTS = st.builds(
    Contract,
    dtype=st.just("any"),
    rtol=st.sampled_from([0.0, 1e-5]),
    atol=st.sampled_from([0.0, 0.5]),
    order=st.sampled_from(["exact", "any"]),
    answers=st.sampled_from(["one", "any_of"]),
    ties=st.sampled_from([None, Ties(argument=0)]),
) | st.sampled_from([Contract(), Contract(dtype="int"), Contract(dtype="bool", order="any")])


def travelled(value: object) -> object:
    return Decoder(Encoder(1 << 24).encode(value)).decode()


@settings(max_examples=200)
@given(VALUES, VALUES, CONTRACTS, VALUES)
def test_any_two_values_are_compared_and_described_shortly(
    expected: object, got: object, contract: Contract, argument: object
) -> None:
    mismatch = compare(expected, got, contract, (argument,))
    if mismatch is not None:
        for text in (mismatch.message.en, mismatch.message.zh):
            assert 0 < len(text) < MOST
        assert len(mismatch.index) + len(mismatch.got) + len(mismatch.expected) < 1000
    assert isinstance(same_bits(expected, got), bool)
    assert len(reference_fault(expected, contract, (argument,)) or "") < MOST
    assert len(preview(got)) <= LONGEST
    assert len(preview_args((expected, got))) <= 2 * LONGEST


@settings(max_examples=150)
@given(HONEST, st.sampled_from(["exact", "any"]))
def test_every_value_that_has_travelled_is_still_itself(value: Any, order: Any) -> None:
    assert compare(value, travelled(value), Contract(dtype="any", rtol=0, atol=0, order=order)) is None


def deep(levels: int, innermost: object) -> object:
    for _ in range(levels):
        innermost = [innermost]
    return innermost


def wide_dict(levels: int) -> object:
    made: object = 0
    for _ in range(levels):
        made = dict.fromkeys(range(16), made)
    return made


HUGE: dict[str, Callable[[], object]] = {
    "a nest of 60 levels": lambda: deep(60, 1.0),
    "a dict of dicts of 65,536 leaves": lambda: wide_dict(4),
    "16,000 keys": lambda: dict.fromkeys(range(16_000), 1),
    "1,000 keys that collide": lambda: dict.fromkeys((k * (2**61 - 1) for k in range(1_000)), 1),
    "a set that collides": lambda: {k * (2**61 - 1) for k in range(1_000)},
    "many keys that are not numbers": lambda: {float("nan"): 1, float("-nan"): 2},
    "a list of 200,000": lambda: [0.0] * 200_000,
    "a list of 200,000 of every kind": lambda: [0, None, "x", 2.5] * 50_000,
    "a string of 4 million": lambda: "x" * 4_000_000,
    "a string of marks": lambda: "\x1b[31m\u202e\0" * 100_000,
    "an integer of 4096 bits": lambda: 2**4095,
    "many such integers": lambda: [2**4095] * 5_000,
    "an array of 20 axes": lambda: np.zeros((2,) * 20),
    "an array of 32 axes of one": lambda: np.zeros((1,) * 32),
    "a million numbers": lambda: np.zeros((1000, 1000)),
    "a million characters each in an array": lambda: np.array(["x"] * 1_000_000),
    "one long text in an array": lambda: np.array(["x" * 1_000_000]),
    "a type with a long name": lambda: Opaque("x" * 800),
    "a key that is long": lambda: {"k" * 100_000: {"l" * 100_000: [1]}},
}
DUE: list[object] = [1.5, "x", None, [1, 2], [1, None], {"a": 1}, {1, 2}, np.zeros((2, 3)), Tensor(np.zeros(3))]


@pytest.mark.parametrize("name", HUGE)
def test_a_value_made_to_overwhelm_is_told_in_a_few_words(name: str) -> None:
    got, again = HUGE[name](), HUGE[name]()
    for contract in (Contract(dtype="any"), Contract(dtype="any", order="any")):
        for due in DUE:
            mismatch = compare(due, got, contract)
            assert mismatch is not None
            assert len(mismatch.message.en) < MOST
            assert len(mismatch.message.zh) < MOST
        compare(got, again, contract)  # against its like, as if the reference gave it
    assert len(preview(got)) <= LONGEST
    same_bits(got, again)


def test_no_more_of_a_value_is_looked_at_than_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = 0
    real = preview_module._Shown.add

    def counted(self: Any, value: object) -> None:
        nonlocal looked_at
        looked_at += 1
        real(self, value)

    monkeypatch.setattr(preview_module._Shown, "add", counted)
    for name, make in HUGE.items():
        looked_at = 0
        preview(make())
        assert looked_at <= LONGEST, name


def test_a_long_path_is_cut_in_the_middle() -> None:
    mismatch = compare(deep(60, [1, None]), deep(60, [1, 2]), Contract())
    assert mismatch is not None
    assert len(mismatch.message.en) < 300
    assert mismatch.index.endswith("[0][1]")


CROWDS: dict[str, tuple[Any, Any, float]] = {
    "identical rows, one of them wrong": (np.zeros((1000, 50)), np.eye(1000, 50, -999), 1e-6),
    "rows that all agree with all but three": (
        np.linspace(0, 1, 4000).reshape(1000, 4),
        np.where(np.arange(1000)[:, None] < 3, 9.0, np.linspace(1, 0, 4000).reshape(1000, 4)),
        1.0,
    ),
    "a staircase of steps just within the tolerance": (
        np.cumsum(np.full((1000, 2), 0.6), axis=0),
        np.cumsum(np.full((1000, 2), 0.6), axis=0)[::-1] + np.eye(1000, 2) * 5,
        1.0,
    ),
}


@pytest.mark.parametrize("name", CROWDS)
def test_pairing_rows_that_crowd_stays_within_its_bounds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    due, got, atol = CROWDS[name]
    cells = 0
    real = rows.close

    def counted(a: Any, b: Any, rtol: float, atol: float) -> Any:
        nonlocal cells
        cells += max(a.size, b.size)
        return real(a, b, rtol, atol)

    monkeypatch.setattr(rows, "close", counted)
    pairings: list[Any] = []

    class Watched(rows._Pairing):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            pairings.append(self)

    monkeypatch.setattr(rows, "_Pairing", Watched)
    assert compare(due, got, Contract(rtol=0, atol=atol, order="any")) is not None
    assert cells <= rows.MAX_CELLS + 2 * due.size
    assert all(pairing._steps > -due.shape[0] for pairing in pairings)


def test_a_search_for_a_pairing_ends_when_its_steps_are_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    options = [np.array(row) for row in ([0, 1], [1, 2], [0, 1])]  # the third has its place once the first two move
    assert not rows.pair(options, 3)
    monkeypatch.setattr(rows, "MAX_STEPS", 0)
    assert rows.pair(options, 3) == rows.Alone([2], [2])


def test_beyond_the_bounds_rows_are_still_told_apart() -> None:
    rng = np.random.default_rng(0)
    due, got = rng.uniform(size=(1000, 60)), rng.uniform(size=(1000, 60)) + 5
    mismatch = compare(due, got, Contract(rtol=0, atol=10.0, order="any"))
    assert mismatch is None  # sorted alike is all that is needed
    mismatch = compare(
        due, np.where(np.arange(1000)[:, None] == 7, 99.0, got), Contract(rtol=0, atol=10.0, order="any")
    )
    assert mismatch is not None
    assert "99." in mismatch.message.en
