"""A value that is due and the one returned, side by side: entry by entry, as arrays, rows paired where order is free.

Whether they agree is `compare`'s; this is for showing where they do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.bank.schema import Contract
from app.grading import ties
from app.grading.arrays import WHOLE, Array, as_array, close
from app.grading.compare import compare
from app.grading.differences import short
from app.sandbox import Tensor

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Index = tuple[int, ...]

MOST_PAIRED_ROWS = 300


@dataclass(frozen=True, eq=False)
class Rule:
    """When values agree: under a contract, in a call with these arguments. What is due is one answer, not several."""

    contract: Contract
    args: tuple[object, ...] = ()

    @cached_property
    def _one_answer(self) -> Contract:
        return self.contract.model_copy(update={"answers": "one"})

    @cached_property
    def _classes(self) -> ties.Classes | None:
        """What indices point at, where some will do for others."""
        place = self.contract.ties.argument if self.contract.ties else -1
        return ties.classes_of(self.args[place]) if 0 <= place < len(self.args) else None

    @property
    def any_order(self) -> bool:
        return self.contract.order == "any"

    def agree(self, due: object, given: object) -> bool:
        return compare(due, given, self._one_answer, self.args) is None

    def close(self, due: Array, given: Array) -> Mask:
        """Elementwise agreement of two arrays of equal (or broadcastable) shape."""
        classes = self._classes
        if classes is None or not len(classes) or not {due.dtype.kind, given.dtype.kind} <= set(WHOLE):
            return close(due, given, self.contract.rtol, self.contract.atol)
        inside = [(indices >= 0) & (indices < len(classes)) for indices in (floats(due), floats(given))]
        one, other = (
            np.where(valid, classes[np.where(valid, indices, 0).astype(np.intp)], -1)
            for valid, indices in zip(inside, (due, given), strict=True)
        )
        return np.asarray((due == given) | ((one == other) & inside[0] & inside[1]))


def entries(due: object, given: object, rule: Rule) -> Iterable[tuple[str, object, object]]:
    """The entries of two like containers with their steps (`[1]`, `['weights']`); none where the whole is one thing."""
    if isinstance(due, dict) and isinstance(given, dict) and due.keys() == given.keys():
        return ((f"[{short(key)}]", due[key], given[key]) for key in due)
    if not isinstance(due, list | tuple) or not isinstance(given, list | tuple) or len(due) != len(given):
        return ()
    if isinstance(due, list) if rule.any_order else as_array(due) is not None:
        return ()  # a list without order has no places; a tuple's keep their meaning
    return ((f"[{place}]", *pair) for place, pair in enumerate(zip(due, given, strict=True)))


def array_of(value: object, *, of_arrays: bool = False) -> Array | None:
    """A value as an array of real numbers or booleans, if it is an array, tensor, scalar or nest of numbers."""
    array = as_array(value.array if isinstance(value, Tensor) else value, of_arrays=of_arrays)
    return None if array is None or array.dtype.kind == "c" else array


@dataclass(frozen=True)
class Pair:
    """Two arrays and where they differ: `wrong` is None if their shapes do, and then nothing else is known."""

    due: Array
    given: Array
    wrong: Mask | None

    @property
    def agrees(self) -> bool:
        return self.wrong is not None and not self.wrong.any()

    @cached_property
    def first(self) -> Index | None:
        """The first index at which they differ; None if there is none, or their shapes do."""
        if self.wrong is None or self.agrees:
            return None
        return _index(int(self.wrong.argmax()), self.wrong.shape)

    @cached_property
    def gap(self) -> Floats:
        """got − expected, 0 where they agree; anything not finite where it can't be told."""
        with np.errstate(all="ignore"):
            gap = floats(self.given) - floats(self.due)
        return gap if self.wrong is None else np.where(self.wrong, gap, 0.0)

    @cached_property
    def largest(self) -> Index | None:
        """Where the gap is widest; what is not finite counts as wider than anything."""
        if self.first is None:
            return None
        size = np.abs(self.gap)
        return _index(int(np.where(np.isnan(size), np.inf, size).argmax()), size.shape)


def pair_of(due: object, given: object, rule: Rule) -> Pair | None:
    """Both values as arrays, or None if one is none. Where rows may come in any order, each is put beside its like."""
    expected, got = array_of(due), array_of(given, of_arrays=True)
    if expected is None or got is None:
        return None
    if expected.shape != got.shape:
        return Pair(expected, got, None)
    if rule.any_order and expected.ndim and len(expected) <= MOST_PAIRED_ROWS:
        got = got[_beside(expected, got, rule)]
    return Pair(expected, got, ~rule.close(expected, got))


def _beside(due: Array, given: Array, rule: Rule) -> list[int]:
    """An order of `given`'s rows that puts those that are due at their place, the others where room is left."""
    left = list(range(len(given)))
    placed: dict[int, int] = {}
    for row in range(len(due)):
        alike = rule.close(due[row][None], given[left]).reshape(len(left), -1).all(axis=1)
        if alike.any():
            placed[row] = left.pop(int(alike.argmax()))
    return [placed[row] if row in placed else left.pop(0) for row in range(len(due))]


def floats(array: Array) -> Floats:
    """As 64-bit floats, whatever the width."""
    with np.errstate(all="ignore"):
        return array.astype(np.float64)


def _index(flat: int, shape: Index) -> Index:
    return tuple(int(axis) for axis in np.unravel_index(flat, shape))
