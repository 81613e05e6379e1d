"""Pairing entries of any kind that may come in any order: labels, pairs of a label and a score, arrays of many shapes.

Entries without a float in them are counted. The others are compared two by two where their outlines (types, lengths,
shapes) are equal, `MAX_PAIRS` times at most; a reference may give `MAX_ENTRIES` of them, so that none is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import numpy as np

from app.grading.arrays import TEXT, WHOLE, is_number, numbers
from app.grading.rows import Alone, pair
from app.sandbox import Tensor

MAX_ENTRIES = 200
MAX_PAIRS = MAX_ENTRIES * MAX_ENTRIES

Agree = Callable[[object, object], bool]


def pair_entries(due: Sequence[object], given: Sequence[object], agree: Agree) -> Alone:
    """Pair the entries of `due` and `given`; `agree(due, given)` compares two of them."""
    due_keys = [_key(entry) for entry in due]
    if None in due_keys:
        return _two_by_two(due, given, agree)
    alone = _counted(due_keys, [_key(entry) for entry in given])
    due_left, given_left = [due[place] for place in alone.missing], [given[place] for place in alone.extra]
    left = _two_by_two(due_left, given_left, agree)
    return Alone([alone.missing[place] for place in left.missing], [alone.extra[place] for place in left.extra])


def is_crowded(due: Sequence[object]) -> bool:
    """Whether `due` has more entries than may be compared two by two."""
    return len(due) > MAX_ENTRIES and any(_key(entry) is None for entry in due)


def _counted(due: Sequence[Hashable], given: Sequence[Hashable]) -> Alone:
    left = Counter(due)
    extra = []
    for place, key in enumerate(given):
        if left.get(key, 0) > 0:  # only keys that are due go into a table: given ones may be made to collide there
            left[key] -= 1
        else:
            extra.append(place)
    missing = []
    for place, key in enumerate(due):
        if left[key] > 0:
            missing.append(place)
            left[key] -= 1
    return Alone(missing, extra)


def _two_by_two(due: Sequence[object], given: Sequence[object], agree: Agree) -> Alone:
    outlines = [_outline(entry) for entry in due]
    alike: dict[Hashable, list[int]] = {outline: [] for outline in outlines}
    for place, entry in enumerate(given):
        if (places := alike.get(_outline(entry))) is not None:
            places.append(place)
    options = []
    left = MAX_PAIRS
    for entry, outline in zip(due, outlines, strict=True):
        places = alike[outline][: max(left, 0)]
        left -= len(places)
        options.append(np.array([place for place in places if agree(entry, given[place])], dtype=np.intp))
    return pair(options, len(given))


def _key(value: object) -> Hashable | None:
    """Equal for values that are equal; None where only a comparison can tell: there is a float, a dict or a set."""
    value = _plain(value)
    if isinstance(value, str | bytes):
        return value
    if value is None:
        return ("None",)
    if isinstance(value, int):
        return (isinstance(value, bool), (), (value,))
    if isinstance(value, Tensor):
        key = _key(np.asarray(value.array))
        return None if key is None else ("tensor", key)
    if (found := numbers(value, of_arrays=True)) is not None:
        whole = found.kind in WHOLE and found.size
        return (found.kind == "b", found.shape, tuple(found.array.ravel().tolist())) if whole else None
    if isinstance(value, list | tuple):
        keys = tuple(_key(entry) for entry in value)
        return None if None in keys else ("entries", keys)
    return None


def _outline(value: object) -> Hashable:
    """Equal for any two values that could agree."""
    value = _plain(value)
    if isinstance(value, Tensor):
        return ("tensor", _outline(np.asarray(value.array)))
    if is_number(value):
        return ("numbers", ())
    if (found := numbers(value, of_arrays=True)) is not None:
        return ("numbers", found.shape if found.size else (0,))
    if isinstance(value, list | tuple):
        return ("entries", *(_outline(entry) for entry in value))
    if isinstance(value, str | bytes):
        return value
    return type(value).__name__, None


def _plain(value: object) -> object:
    """Text as Python has it, a whole number as an `int`."""
    if isinstance(value, np.ndarray) and value.dtype.kind in TEXT:
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value
