"""Pairing entries that may come in any order: each one due with a returned one of its own that agrees with it.

Agreement within a tolerance is not transitive, so sorting or taking the first fit can fail rows that do pair up; this
finds the largest pairing by augmenting paths. Where rows crowd closer together than the tolerance, that work is bounded
by `MAX_CELLS` and `MAX_STEPS`; beyond, a pairing may be missed. `whetstone check` refuses a reference that crowds so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.grading.arrays import Array, close, numbers_close

MAX_CELLS = 20_000_000  # numbers compared to find which rows agree
MAX_STEPS = 5_000_000  # entries looked at along augmenting paths
_COLUMNS_TRIED = 16
_COLUMNS_SORTED = 64  # rows that are wider are put in order by their first numbers
_CHUNK = 1 << 20

Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Alone:
    """What found no partner: places among the entries due, and among those returned, in order."""

    missing: Sequence[int]
    extra: Sequence[int]

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra)


def pair_rows(due: Array, given: Array, rtol: float, atol: float) -> Alone:
    """Pair the rows (entries along the first axis) of two arrays whose other axes are equal."""
    flat_due, flat_given = matrix(due), matrix(given)
    width = flat_due.shape[1]
    if width == 0:
        return Alone(range(len(given), len(due)), range(len(due), len(given)))
    if len(due) == len(given) and _sorted_alike(flat_due, flat_given, rtol, atol):
        return Alone((), ())
    if width == 1 and "c" not in (due.dtype.kind, given.dtype.kind):
        return _pair_sorted(flat_due[:, 0], flat_given[:, 0], rtol, atol)
    options = _agreeing(flat_due, flat_given, rtol, atol)
    if options is None:
        return _first_apart(flat_due, flat_given, rtol, atol)
    return pair(options, len(given))


def matrix(array: Array) -> Array:
    """Its entries along the first axis as rows of numbers."""
    return array.reshape(len(array), math.prod(array.shape[1:]))


def is_crowded(due: Array, rtol: float, atol: float) -> bool:
    """Whether rows lie so close together that a pairing with them might not be found within the bounds."""
    rows = matrix(due)
    if len(rows) * due.size <= MAX_CELLS or rows.shape[1] < 2:
        return False
    return _agreeing(rows, rows, rtol, atol) is None


def _sorted_alike(due: Array, given: Array, rtol: float, atol: float) -> bool:
    """Whether the rows agree once both are sorted: sure if true, and quick."""
    return bool(close(due[_order(due)], given[_order(given)], rtol, atol).all())


def _order(rows: Array) -> Indices:
    return np.lexsort(rows[:, :_COLUMNS_SORTED].T[::-1])


def _pair_sorted(due: Array, given: Array, rtol: float, atol: float) -> Alone:
    """Real numbers: the bounds within which one agrees grow with it, so pairing in order is the best there is."""
    due_order, given_order = np.argsort(due, kind="stable"), np.argsort(given, kind="stable")
    dues, givens = due[due_order].tolist(), given[given_order].tolist()
    missing: list[int] = []
    extra: list[int] = []
    i = j = 0
    while i < len(dues) and j < len(givens):
        if numbers_close(dues[i], givens[j], rtol, atol):
            i, j = i + 1, j + 1
        elif givens[j] < dues[i] or dues[i] != dues[i]:  # a NaN is sorted last
            extra.append(int(given_order[j]))
            j += 1
        else:
            missing.append(int(due_order[i]))
            i += 1
    missing += due_order[i:].tolist()
    extra += given_order[j:].tolist()
    return Alone(sorted(missing), sorted(extra))


def equal_rows(rows: Array) -> Indices:
    """For each row of a matrix the number of its class: equal numbers for rows that are equal, NaN for NaN."""
    if rows.shape[0] == 0 or rows.shape[1] == 0:
        return np.zeros(rows.shape[0], dtype=np.intp)
    order = np.lexsort(rows.T[::-1])
    sorted_rows = rows[order]
    before, after = sorted_rows[:-1], sorted_rows[1:]
    same = before == after
    if rows.dtype.kind in "fc":
        same |= np.isnan(before) & np.isnan(after)
    classes = np.empty(len(rows), dtype=np.intp)
    classes[order] = np.concatenate([[0], np.cumsum(~same.all(axis=1))])
    return classes


def _agreeing(due: Array, given: Array, rtol: float, atol: float) -> list[Indices] | None:
    """For each row of `due` the rows of `given` that agree with it; None if that takes more than `MAX_CELLS`."""
    classes = equal_rows(due) if due.shape[1] <= _COLUMNS_SORTED else np.arange(len(due))
    firsts = np.unique(classes, return_index=True)[1]
    distinct = due[firsts]
    by_value, low, high = _windows(distinct, given, rtol, atol)
    counts = high - low
    if int(counts.sum()) * due.shape[1] > MAX_CELLS:
        return None
    rows = np.repeat(np.arange(len(distinct)), counts)
    ends = np.cumsum(counts)
    candidates = by_value[np.arange(len(rows)) - np.repeat(ends - counts - low, counts)]
    step = max(1, _CHUNK // due.shape[1])
    kept = np.zeros(len(rows), dtype=np.bool_)
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        kept[part] = close(distinct[rows[part]], given[candidates[part]], rtol, atol).all(axis=1)
    cuts = np.cumsum(np.bincount(rows[kept], minlength=len(distinct)))[:-1]
    options = np.split(candidates[kept], cuts)
    return [options[kind] for kind in classes.tolist()]


def _windows(due: Array, given: Array, rtol: float, atol: float) -> tuple[Indices, Indices, Indices]:
    """The column that tells rows apart best: its order in `given`, and where in it each row's candidates lie."""
    columns = np.unique(np.linspace(0, due.shape[1] - 1, _COLUMNS_TRIED).astype(np.intp))
    found = [_window(_real(due[:, column]), _real(given[:, column]), rtol, atol) for column in columns]
    return min(found, key=lambda window: int((window[2] - window[1]).sum()))


def _window(due: NDArray[Any], given: NDArray[Any], rtol: float, atol: float) -> tuple[Indices, Indices, Indices]:
    order = np.argsort(given, kind="stable")
    values = given[order]
    with np.errstate(all="ignore"):
        room = atol + rtol * np.abs(due) + 1e-12 * np.abs(due)  # a little more: rounding must lose no candidate
        low = np.where(np.isfinite(due), due - room, due)
        high = np.where(np.isfinite(due), due + room, due)
    return order, np.searchsorted(values, low, "left"), np.searchsorted(values, high, "right")


def _real(column: Array) -> NDArray[Any]:
    return np.real(column).astype(np.float64, copy=False)


def _first_apart(due: Array, given: Array, rtol: float, atol: float) -> Alone:
    """The first rows that differ once both are sorted."""
    due_order, given_order = _order(due), _order(given)
    both = min(len(due), len(given))
    apart = ~close(due[due_order[:both]], given[given_order[:both]], rtol, atol).all(axis=1)
    at = int(apart.argmax()) if apart.any() else both
    return Alone(due_order[at : at + 1].tolist(), given_order[at : at + 1].tolist())


def pair(options: Sequence[Indices], count: int) -> Alone:
    """Pair entries due with `count` returned ones; `options[i]` are the returned ones that agree with entry i."""
    pairing = _Pairing(options, count)
    missing = [row for row in pairing.first_fit() if not pairing.place(row)]
    return Alone(sorted(missing), np.flatnonzero(pairing.owner < 0).tolist())


class _Pairing:
    """Who has whom so far: `owner` of each returned entry, and the one `held` by each entry due; -1 for nobody."""

    def __init__(self, options: Sequence[Indices], count: int) -> None:
        self._options = options
        self.owner = np.full(count, -1, dtype=np.intp)
        self._held = [-1] * len(options)
        self._steps = MAX_STEPS

    def first_fit(self) -> list[int]:
        """Pair what pairs at once, those with the fewest options first. Returns who stays alone."""
        alone = []
        for row in sorted(range(len(self._options)), key=lambda row: len(self._options[row])):
            free = self._options[row][self.owner[self._options[row]] < 0]
            if free.size:
                self._hand(int(free[0]), row)
            else:
                alone.append(row)
        return alone

    def place(self, row: int) -> bool:
        """Give `row` a free returned entry, moving earlier ones along a shortest path."""
        reached_from: dict[int, int] = {}
        frontier = [row]
        while frontier and self._steps > 0:
            following = []
            for current in frontier:
                self._steps -= len(self._options[current])
                for option in self._options[current].tolist():
                    if option in reached_from:
                        continue
                    reached_from[option] = current
                    if self.owner[option] < 0:
                        self._shift(option, row, reached_from)
                        return True
                    following.append(int(self.owner[option]))
            frontier = following
        return False

    def _shift(self, free: int, start: int, reached_from: dict[int, int]) -> None:
        """Walk the path back from the `free` returned entry to `start`, handing each one on."""
        option, row = free, reached_from[free]
        while row != start:
            before = self._held[row]
            self._hand(option, row)
            option, row = before, reached_from[before]
        self._hand(option, row)

    def _hand(self, option: int, row: int) -> None:
        self.owner[option], self._held[row] = row, option
