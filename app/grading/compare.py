"""Whether a returned value is the one due: the one place that knows dtype kinds, shapes, tolerance, NaN and order.

Numbers agree if `abs(got - expected) <= atol + rtol * abs(expected)`; a NaN agrees only with NaN, an infinity only
with the same one; two integers and two booleans only if equal. A nested list or tuple of numbers counts as the array
it spells, a 0-d array as a scalar. Other containers are compared entry by entry; a tuple and a list of the same
entries are equal. Where a torch tensor is due, a tensor must be returned.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.bank.schema import Contract
from app.grading import differences as say
from app.grading.rows import pair_rows
from app.grading.verdict import Message
from app.sandbox import Opaque, Tensor

Array = NDArray[np.generic]
MismatchKind = Literal["type", "dtype", "shape", "value", "length", "keys"]

_NUMERIC = "biufc"
_CONVERTED = (bool, int, float, complex, np.generic)


@dataclass(frozen=True)
class Mismatch:
    """Where and how a value differs from the one due. `index` is the first such place (`[0, 3]`, `['a'][2]`)."""

    kind: MismatchKind
    index: str
    got: str
    expected: str
    message: Message


def compare(expected: object, got: object, contract: Contract) -> Mismatch | None:
    """None if `got` is what is due under `contract`, else where and how it first differs."""
    return _compare(expected, got, contract, "")


def _compare(expected: object, got: object, contract: Contract, path: str) -> Mismatch | None:
    if isinstance(got, Opaque):
        return _mismatch("type", path, got, expected, say.opaque(got.type_name))
    if got is None and expected is not None:
        return _mismatch("type", path, got, expected, say.returned_none())
    if isinstance(expected, Tensor) != isinstance(got, Tensor):
        return _mismatch("type", path, got, expected, say.wrong_type(say.name_of(got), say.name_of(expected)))
    if isinstance(expected, Tensor) and isinstance(got, Tensor):
        return _compare(np.asarray(expected.array), np.asarray(got.array), contract, path)
    if (due := as_array(expected)) is not None:
        return _compare_arrays(due, got, expected, contract, path)
    if isinstance(expected, dict):
        return _compare_dicts(expected, got, contract, path)
    if isinstance(expected, list | tuple):
        return _compare_sequences(expected, got, contract, path)
    if type(expected) is not type(got):
        return _mismatch("type", path, got, expected, say.wrong_type(say.name_of(got), say.name_of(expected)))
    return None if expected == got else _mismatch("value", path, got, expected, say.not_equal(path, got, expected))


def as_array(value: object, *, of_arrays: bool = False) -> Array | None:
    """The array that a scalar, an array or a rectangular nest of numbers spells; None for anything else.

    `of_arrays`: a list of arrays counts too, as learners return them. Where a list is due, each is compared alone.
    """
    if isinstance(value, np.ndarray):
        return value if value.dtype.kind in _NUMERIC else None
    if isinstance(value, _CONVERTED):
        return _convert(value)
    entries = (*_CONVERTED, np.ndarray) if of_arrays else _CONVERTED
    if isinstance(value, list | tuple) and _holds_only(value, entries):
        return _convert(value)
    return None


def _holds_only(value: list[object] | tuple[object, ...], entries: tuple[type, ...]) -> bool:
    return all(
        _holds_only(entry, entries) if isinstance(entry, list | tuple) else isinstance(entry, entries)
        for entry in value
    )


def _convert(value: object) -> Array | None:
    try:
        array = np.asarray(value)
    except (ValueError, OverflowError):  # ragged, or beyond every integer type
        return None
    return array if array.dtype.kind in _NUMERIC else None


def _compare_arrays(due: Array, got: object, expected: object, contract: Contract, path: str) -> Mismatch | None:
    given = as_array(got, of_arrays=True)
    if given is None:
        return _mismatch("type", path, got, expected, say.not_an_array(got, say.name_of(expected)))
    if _is_empty_list(got) and due.size == 0 and due.shape[:1] == (0,):
        return None  # [] can't spell a shape such as (0, 4)
    if not _kind_fits(due, given, contract):
        wanted = "bool" if due.dtype.kind == "b" else contract.dtype
        return _mismatch("dtype", path, given.dtype, wanted, say.wrong_kind(str(given.dtype), wanted))
    if due.shape != given.shape:
        return _mismatch("shape", path, given.shape, due.shape, say.wrong_shape(given.shape, due.shape))
    if contract.order == "any" and due.ndim:
        return _compare_rows(due, given, contract, path)
    different = ~close(due, given, contract)
    if not different.any():
        return None
    first = tuple(int(axis) for axis in np.argwhere(different)[0])
    place = f"{path}[{', '.join(map(str, first))}]" if first else path
    message = say.differs(
        place, given[first], due[first], _tolerance(due, given, contract), int(different.sum()), due.size
    ) + say.pattern(due, given, lambda a, b: bool(close(a, b, contract).all()))
    return _mismatch("value", place, given[first], due[first], message)


def _is_empty_list(value: object) -> bool:
    return isinstance(value, list | tuple) and len(value) == 0


def _kind_fits(due: Array, given: Array, contract: Contract) -> bool:
    """`float` takes integers too, `int` and `bool` are exact; a boolean is due only where the reference gives one."""
    kind = given.dtype.kind
    if due.dtype.kind == "b" and contract.dtype != "any":
        return kind == "b"
    match contract.dtype:
        case "any":
            return True
        case "float":
            return kind in ("iufc" if due.dtype.kind == "c" else "iuf")
        case "int":
            return kind in "iu"
        case "bool":
            return kind == "b"


def close(expected: Array, got: Array, contract: Contract) -> NDArray[np.bool_]:
    """Elementwise agreement of two arrays of equal (or broadcastable) shape."""
    if expected.dtype.kind in "biu" and got.dtype.kind in "biu":
        return np.asarray(expected == got)
    wide = np.complex128 if "c" in (expected.dtype.kind, got.dtype.kind) else np.float64
    a, b = got.astype(wide), expected.astype(wide)
    with np.errstate(all="ignore"):
        near = np.abs(a - b) <= contract.atol + contract.rtol * np.abs(b)
    near &= np.isfinite(a) & np.isfinite(b)
    return np.asarray(near | (a == b) | (np.isnan(a) & np.isnan(b)), dtype=np.bool_)


def _compare_rows(due: Array, given: Array, contract: Contract, path: str) -> Mismatch | None:
    pairs = pair_rows(len(due), lambda row: _close_to(due[row], given, contract), _sorted_alike(due, given, contract))
    if pairs is None:
        return None
    expected_row, got_row = pairs
    message = say.row_missing(given[got_row], due[expected_row])
    return _mismatch("value", f"{path}[{got_row}]", given[got_row], due[expected_row], message)


def _close_to(row: Array, rows: Array, contract: Contract) -> NDArray[np.bool_]:
    """Which of `rows` agree with `row`."""
    return np.asarray(close(row[None], rows, contract).reshape(len(rows), -1).all(axis=1))


def _sorted_alike(due: Array, given: Array, contract: Contract) -> bool:
    """Whether the rows agree once both are sorted: sure if true, and quick."""
    if due.size == 0:
        return True
    due_rows, given_rows = (array.reshape(len(array), -1) for array in (due, given))
    first, second = (rows[np.lexsort(rows.T[::-1])] for rows in (due_rows, given_rows))
    return bool(close(first, second, contract).all())


def _compare_dicts(expected: dict[object, object], got: object, contract: Contract, path: str) -> Mismatch | None:
    if not isinstance(got, dict):
        return _mismatch("type", path, got, expected, say.wrong_type(say.name_of(got), say.name_of(expected)))
    if set(got) != set(expected):
        return _mismatch("keys", path, list(got), list(expected), say.wrong_keys(set(got), set(expected)))
    for key, entry in expected.items():
        if mismatch := _compare(entry, got[key], contract, f"{path}[{key!r}]"):
            return mismatch
    return None


def _compare_sequences(expected: Sequence[object], got: object, contract: Contract, path: str) -> Mismatch | None:
    if not isinstance(got, list | tuple):
        return _mismatch("type", path, got, expected, say.wrong_type(say.name_of(got), say.name_of(expected)))
    if len(got) != len(expected):
        return _mismatch("length", path, len(got), len(expected), say.wrong_length(len(got), len(expected)))
    if contract.order == "any" and isinstance(expected, list):
        return _compare_bag(expected, got, contract, path)
    for place, (due, given) in enumerate(zip(expected, got, strict=True)):
        if mismatch := _compare(due, given, contract, f"{path}[{place}]"):
            return mismatch
    return None


def _compare_bag(expected: list[object], got: Sequence[object], contract: Contract, path: str) -> Mismatch | None:
    """A list in any order; a tuple's places always have their meaning."""
    agrees: Callable[[int], NDArray[np.bool_]] = lambda row: np.array(  # noqa: E731 (a closure over one row)
        [_compare(expected[row], entry, contract, path) is None for entry in got]
    )
    pairs = pair_rows(len(expected), agrees, sure=False)
    if pairs is None:
        return None
    due, given = expected[pairs[0]], got[pairs[1]]
    return _mismatch("value", f"{path}[{pairs[1]}]", given, due, say.row_missing(given, due))


def _tolerance(due: Array, given: Array, contract: Contract) -> tuple[float, float] | None:
    exact = due.dtype.kind in "biu" and given.dtype.kind in "biu"
    return None if exact or contract.atol == contract.rtol == 0 else (contract.atol, contract.rtol)


def _mismatch(kind: MismatchKind, path: str, got: object, expected: object, message: Message) -> Mismatch:
    return Mismatch(kind, path, say.short(got), say.short(expected), message)


def same_bits(before: object, after: object) -> bool:
    """Whether an input came back unchanged: same type, dtype, shape and values (NaN equals NaN)."""
    if isinstance(before, Tensor) and isinstance(after, Tensor):
        before, after = np.asarray(before.array), np.asarray(after.array)
    if isinstance(before, np.ndarray) and isinstance(after, np.ndarray):
        return before.dtype == after.dtype and before.shape == after.shape and before.tobytes() == after.tobytes()
    if type(before) is not type(after):
        return False
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        return len(before) == len(after) and all(map(same_bits, before, after))
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(same_bits(before[key], after[key]) for key in before)
    if isinstance(before, float) and isinstance(after, float) and math.isnan(before):
        return math.isnan(after)
    return bool(before == after)
