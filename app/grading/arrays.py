"""Numbers: what spells an array of them, of which kind and shape, and when two of them agree.

Two numbers agree if `abs(got - expected) <= atol + rtol * abs(expected)`, computed in double precision (in long double
where either side is one, or where an integer beyond 2**53 meets a float). So 0.0 and -0.0 agree; a NaN agrees only with
a NaN, an infinity only with the same one; a complex number is NaN where either part is. Whole numbers and booleans
agree only if equal, whatever their widths and signs, and so do two of any other kind where both tolerances are 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]
Bools = NDArray[np.bool_]

NUMERIC = "biufc"  # in the order in which kinds widen
WHOLE = "biu"
TEXT = "US"
EXACT_IN_FLOAT = 1 << 53

_DTYPES = {"b": "bool", "i": "int64", "u": "uint64", "f": "float64", "c": "complex128"}
_PYTHON_KINDS: dict[type, str] = {bool: "b", int: "i", float: "f", complex: "c"}


@dataclass(frozen=True, eq=False)
class Numbers:
    """A number, an array, or a rectangular nest of numbers: its kind and shape, known before anything is copied."""

    kind: str
    shape: tuple[int, ...]
    _value: Any
    _dtype: type | None = None  # for nests of integers, whose type numpy would guess wrong beyond 2**63

    @property
    def array(self) -> Array:
        return np.asarray(self._value, dtype=self._dtype)

    @property
    def dtype_name(self) -> str:
        """The dtype it has, or would have as an array."""
        return str(self._value.dtype) if isinstance(self._value, np.ndarray) else _DTYPES[self.kind]

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=object))


def numbers(value: object, *, of_arrays: bool = False) -> Numbers | None:
    """How `value` reads as numbers; None if it does not.

    `of_arrays`: a list of arrays counts too, as learners return them. A list that mixes booleans with numbers does not,
    nor one whose integers would lose digits in the common type.
    """
    if isinstance(value, np.ndarray):
        return Numbers(value.dtype.kind, value.shape, value) if value.dtype.kind in NUMERIC else None
    if (kind := _kind_of(type(value))) is not None:
        return _whole((), [value], value) if kind in "iu" else Numbers(kind, (), value)
    if isinstance(value, list | tuple):
        return _nest(value, of_arrays)
    return None


def as_array(value: object, *, of_arrays: bool = False) -> Array | None:
    """The array that `value` spells, if it spells one."""
    found = numbers(value, of_arrays=of_arrays)
    return None if found is None else found.array


def _kind_of(kind: type) -> str | None:
    """The kind letter of a Python or NumPy number's type."""
    if (letter := _PYTHON_KINDS.get(kind)) is not None:
        return letter
    if issubclass(kind, np.number | np.bool_):
        return str(np.dtype(kind).kind)
    return None


def _nest(value: Sequence[object], of_arrays: bool) -> Numbers | None:
    """Level by level: each must hold lists of one length, the last one numbers (or arrays of one shape)."""
    level: list[object] = [value]
    shape: tuple[int, ...] = ()
    while (types := set(map(type, level))) and types <= {list, tuple}:
        lengths = set(map(len, level))  # type: ignore[arg-type]  # lists and tuples, by the line above
        if len(lengths) > 1:
            return None
        shape = (*shape, lengths.pop())
        level = list(chain.from_iterable(level))  # type: ignore[arg-type]  # as above
    if not level:
        return Numbers("f", shape, value)
    kinds = {_kind_of(kind) for kind in types if kind is not np.ndarray}
    if np.ndarray in types and of_arrays:
        kinds |= {array.dtype.kind for array in level if isinstance(array, np.ndarray)}
        shapes = {getattr(entry, "shape", ()) for entry in level}
        if len(shapes) > 1:
            return None
        shape += shapes.pop()
    elif np.ndarray in types:
        return None
    return _common(kinds, shape, level, value)


def _common(kinds: set[str | None], shape: tuple[int, ...], leaves: list[object], value: object) -> Numbers | None:
    if not all(kind is not None and kind in NUMERIC for kind in kinds) or (len(kinds) > 1 and "b" in kinds):
        return None
    widest = max((kind for kind in kinds if kind), key=NUMERIC.index)
    if widest in "iu":
        return _whole(shape, leaves, value)
    if kinds & {"i", "u"} and not _within(leaves, -EXACT_IN_FLOAT, EXACT_IN_FLOAT):
        return None
    return Numbers(widest, shape, value)


def _whole(shape: tuple[int, ...], leaves: list[object], value: object) -> Numbers | None:
    if _within(leaves, -(1 << 63), (1 << 63) - 1):
        return Numbers("i", shape, value, np.int64)
    if _within(leaves, 0, (1 << 64) - 1):
        return Numbers("u", shape, value, np.uint64)
    return None


def _within(leaves: list[object], low: int, high: int) -> bool:
    """Whether every integer among `leaves`, or in the arrays there, lies in the range. A float is no integer."""
    whole: list[Any] = leaves if set(map(type, leaves)) == {int} else list(_integers(leaves))
    return not whole or bool(low <= min(whole) and max(whole) <= high)


def _integers(leaves: list[object]) -> Iterator[int]:
    for leaf in leaves:
        if isinstance(leaf, np.ndarray):
            if leaf.dtype.kind in "iu" and leaf.size:
                yield from (int(leaf.min()), int(leaf.max()))
        elif isinstance(leaf, int | np.integer):
            yield int(leaf)


def close(expected: Array, got: Array, rtol: float, atol: float) -> Bools:
    """Elementwise agreement of two arrays of equal (or broadcastable) shape."""
    if expected.dtype.kind in WHOLE and got.dtype.kind in WHOLE:
        return np.asarray(expected == got)
    wide = _wide(expected, got)
    a, b = got.astype(wide, copy=False), expected.astype(wide, copy=False)
    with np.errstate(all="ignore"):
        room = np.abs(b)
        room *= rtol
        room += atol
        near = np.abs(a - b) <= room
        if np.isfinite(np.max(room, initial=0.0)):  # then all of `expected` is finite, and what is not in `got` is far
            return np.asarray(near)
        near &= np.isfinite(a) & np.isfinite(b)
    return np.asarray(near | (a == b) | (np.isnan(a) & np.isnan(b)), dtype=np.bool_)


def _wide(expected: Array, got: Array) -> type[np.inexact[Any]]:
    """The type to compare in."""
    both = (expected, got)
    longer = any(_is_long(array) for array in both)
    if "c" in (expected.dtype.kind, got.dtype.kind):
        return np.clongdouble if longer else np.complex128
    return np.longdouble if longer else np.float64


def _is_long(array: Array) -> bool:
    if array.dtype.kind in "iu":
        if array.dtype.itemsize < 8 or array.size == 0:
            return False
        return int(array.max()) > EXACT_IN_FLOAT or int(array.min()) < -EXACT_IN_FLOAT
    return array.dtype.char in "gG"


def is_number(value: object) -> bool:
    """Whether `value` is one number, of Python or NumPy."""
    return _kind_of(type(value)) is not None


def kind_of_number(value: object) -> str:
    """The kind letter of one number."""
    return _kind_of(type(value)) or ""


def numbers_close(expected: Any, got: Any, rtol: float, atol: float) -> bool:
    """`close` for one number each, of any size, without making arrays of them: they come by the thousand in lists."""
    b, a = _plain(expected), _plain(got)
    if isinstance(a, int) and isinstance(b, int):
        return a == b
    if not isinstance(a, int | float) or not isinstance(b, int | float):  # complex, or long double
        return bool(close(np.asarray(_fitting(b)), np.asarray(_fitting(a)), rtol, atol))
    if not _is_finite(a) or not _is_finite(b):
        return a == b or (a != a and b != b)  # only a NaN differs from itself
    if (isinstance(a, int) or isinstance(b, int)) and max(abs(a), abs(b)) > EXACT_IN_FLOAT:
        return abs(Fraction(a) - Fraction(b)) <= Fraction(atol) + Fraction(rtol) * abs(Fraction(b))
    return abs(a - b) <= atol + rtol * abs(b)


def _is_finite(value: float) -> bool:
    return isinstance(value, int) or isfinite(value)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _fitting(value: Any) -> Any:
    """An integer beyond every integer type as the float next to it."""
    return np.longdouble(value) if isinstance(value, int) and not _within([value], -(1 << 63), (1 << 64) - 1) else value
