"""Results that are indices into an argument, where two indices will do for each other if the entries there are equal.

The returned indices must lie in range, point at equal entries place by place (in any order, where the contract says
so), and be no fewer different ones than those due. Entries are equal if every number in them is (NaN equals NaN).
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.grading.arrays import Array, numbers
from app.grading.rows import equal_rows, matrix
from app.sandbox import Tensor

Classes = NDArray[np.intp]


def classes_of(argument: object) -> Classes | None:
    """For each entry of `argument` the number of its class of equal ones; None if it has no entries to point at."""
    if isinstance(argument, Tensor):
        argument = argument.array
    if isinstance(argument, list | tuple):
        found = numbers(argument, of_arrays=True)
        if found is None:
            return _of_list(argument)
        argument = found.array
    if not isinstance(argument, np.ndarray) or argument.ndim == 0:
        return None
    return equal_rows(matrix(argument))


def _of_list(entries: list[object] | tuple[object, ...]) -> Classes:
    """A list of text or of anything else: entries are equal if Python says so; each is its own class if it can't."""
    seen: dict[Hashable, int] = {}
    try:
        return np.array([seen.setdefault(entry, len(seen)) for entry in entries], dtype=np.intp)
    except TypeError:
        return np.arange(len(entries))


def first_outside(indices: NDArray[Any], count: int) -> int | None:
    """The place (in the flattened array) of the first index that points at nothing."""
    outside = (indices < 0) | (indices >= count)
    return int(outside.argmax()) if outside.any() else None


def first_repeated(due: Array, given: Array, in_order: bool) -> int | None:
    """The place (in the flattened array) of the first index that is repeated where the ones due are not.

    Lines along the last axis are looked at one by one; where they come in any order, those with the fewest different
    indices are held against each other.
    """
    if given.size == 0:
        return None
    lines = given.reshape(-1, given.shape[-1]) if given.ndim else given.reshape(1, 1)
    had, wanted = _different(lines), _different(due.reshape(lines.shape))
    if not in_order and given.ndim > 1:
        by_count = np.argsort(had, kind="stable")
        wanted = np.sort(wanted)[np.argsort(by_count, kind="stable")]
    short = had < wanted
    if not short.any():
        return None
    line = int(short.argmax())
    seen: set[int] = set()
    for place, index in enumerate(lines[line].tolist()):
        if index in seen:
            return line * lines.shape[1] + place
        seen.add(index)
    return None


def _different(lines: Array) -> Classes:
    """How many different values each line has."""
    ordered = np.sort(lines, axis=1)
    return 1 + np.asarray(np.count_nonzero(ordered[:, 1:] != ordered[:, :-1], axis=1))
