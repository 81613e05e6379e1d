"""Numbers and arrays held against those due: kind, shape, values, rows in any order, indices with ties.

`compare` has the rules; here is what a number or an array is found to differ by, put into words only when asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from app.grading import differences as say
from app.grading import rows, ties
from app.grading.arrays import WHOLE, Array, Numbers, close, is_number, kind_of_number, numbers, numbers_close
from app.grading.verdict import NOTHING
from app.languages import Message

MismatchKind = Literal["type", "dtype", "shape", "value", "length", "keys"]
_PAIRED_DESPITE_COUNT = 2_000  # rows; of more, a wrong number of them is all that is told


@dataclass(frozen=True)
class Terms:
    """A contract as it applies at one place. `classes` are those of the entries that indices point at."""

    dtype: str
    rtol: float
    atol: float
    any_order: bool
    classes: ties.Classes | None
    argument: int

    def tolerance(self, *kinds: str) -> tuple[float, float] | None:
        """(rtol, atol) between numbers of these kinds; None where they must be equal."""
        return None if set(kinds) <= set(WHOLE) else (self.rtol, self.atol)


@dataclass(frozen=True, eq=False)
class Difference:
    """A mismatch before it is put into words: of thousands only the first is. `count`: how many values differ."""

    kind: MismatchKind
    path: str
    got: object
    due: object
    say: Callable[[], Message]
    count: float = math.inf


def compare_number(due: Any, given: Any, terms: Terms, path: str) -> Difference | None:
    """One number due (0-d arrays are made numbers before), anything given."""
    if not is_number(given):
        found = numbers(given, of_arrays=True)
        if found is None:
            return Difference("type", path, given, due, lambda: say.not_numbers(path, given, say.name_of(due)))
        shape = found.shape
        return wrong_kind(kind_of_number(due), found, terms, path) or Difference(
            "shape", path, shape, (), lambda: say.wrong_shape(path, shape, ())
        )
    if not _kind_fits(kind_of_number(due), kind_of_number(given), terms):
        return _kind_difference(kind_of_number(due), say.name_of(given), terms, path)
    if terms.classes is not None and kind_of_number(due) in "iu":
        return _compare_indices(np.asarray(due), np.asarray(given), terms.classes, terms, path)
    if numbers_close(due, given, terms.rtol, terms.atol):
        return None
    tolerance = terms.tolerance(kind_of_number(due), kind_of_number(given))
    return Difference("value", path, given, due, lambda: say.differs(path, given, due, tolerance), 1)


def compare_arrays(due: Numbers, given: Any, expected: object, terms: Terms, path: str) -> Difference | None:
    """An array due, as `numbers` reads `expected`; anything given."""
    found = numbers(given, of_arrays=True)
    if found is None:
        return Difference("type", path, given, expected, lambda: say.not_numbers(path, given, say.name_of(expected)))
    if isinstance(given, list | tuple) and not given and due.shape[0] == 0:
        return None  # [] can't spell a shape such as (0, 4), nor a dtype
    if wrong := wrong_kind(due.kind, found, terms, path):
        return wrong
    if due.shape != found.shape:
        return _wrong_shape(due, found, terms, path)
    if terms.classes is not None and due.kind in "iu":
        return _compare_indices(due.array, found.array, terms.classes, terms, path)
    if terms.any_order:
        return _compare_rows(due.array, found.array, terms, path)
    return _compare_values(due.array, found.array, terms, path)


def wrong_kind(due: str, given: Numbers, terms: Terms, path: str) -> Difference | None:
    """That `given` is not of the kind that is due (a kind letter), if it is not."""
    return None if _kind_fits(due, given.kind, terms) else _kind_difference(due, given.dtype_name, terms, path)


def _kind_difference(due: str, given: str, terms: Terms, path: str) -> Difference:
    wanted = "bool" if due == "b" else "int" if terms.dtype == "any" else terms.dtype
    return Difference("dtype", path, given, wanted, lambda: say.wrong_kind(path, given, wanted))


def _kind_fits(due: str, given: str, terms: Terms) -> bool:
    if terms.dtype == "any":
        return terms.classes is None or due not in "iu" or given in "iu"
    if due == "b" or terms.dtype == "bool":
        return given == "b"
    if terms.dtype == "int":
        return given in "iu"
    return given in ("iufc" if due == "c" else "iuf")


def _wrong_shape(due: Numbers, given: Numbers, terms: Terms, path: str) -> Difference:
    got, wanted = given.shape, due.shape

    def told() -> Message:
        said = say.wrong_shape(path, got, wanted)
        unordered = terms.any_order and terms.classes is None
        if unordered and got and got[1:] == wanted[1:] and max(got[0], wanted[0]) <= _PAIRED_DESPITE_COUNT:
            alone = _compare_rows(due.array, given.array, terms, "")
            return said + (alone.say() if alone else NOTHING)
        return said

    return Difference("shape", path, got, wanted, told)


def _compare_values(due: Array, given: Array, terms: Terms, path: str) -> Difference | None:
    different = ~close(due, given, terms.rtol, terms.atol)
    count = int(np.count_nonzero(different))
    if not count:
        return None
    first = int(different.argmax())
    place, got, wanted = place_in(path, first, due), given.flat[first], due.flat[first]

    def told() -> Message:
        said = say.differs(place, got, wanted, terms.tolerance(due.dtype.kind, given.dtype.kind))
        pattern = say.pattern(due, given, lambda a, b: bool(close(a, b, terms.rtol, terms.atol).all()))
        return said + say.how_many(count, due) + pattern

    return Difference("value", place, got, wanted, told, count)


def _compare_rows(due: Array, given: Array, terms: Terms, path: str) -> Difference | None:
    return without_partner(rows.pair_rows(due, given, terms.rtol, terms.atol), due, given, path)


def without_partner(
    alone: rows.Alone, due: Sequence[Any] | Array, given: Sequence[Any] | Array, path: str, *, placed: bool = True
) -> Difference | None:
    """The entries of an unordered value that found no partner. `placed`: the returned ones have places."""
    if not alone:
        return None
    missing = [due[place] for place in alone.missing]
    extra = [(f"{path}[{place}]" if placed else "", given[place]) for place in alone.extra]
    place, got = extra[0] if extra else (path, None)
    return Difference(
        "value",
        place or path,
        got,
        missing[0] if missing else None,
        lambda: say.alone(path, missing, extra, len(due)),
        max(len(missing), len(extra)),
    )


def _compare_indices(due: Array, given: Array, classes: ties.Classes, terms: Terms, path: str) -> Difference | None:
    """Indices of one shape, where two are as good as each other if they point at entries of one class."""
    for indices in (due, given):
        if wrong := _index_outside(due, indices, terms, len(classes), path):
            return wrong
    due_classes, given_classes = classes[due.astype(np.intp)], classes[given.astype(np.intp)]
    if terms.any_order and due.ndim:
        alone = rows.pair_rows(due_classes, given_classes, rtol=0, atol=0)
        found = without_partner(alone, due, given, path)
    else:
        found = _other_entries(due_classes, given_classes, due, given, path)
    if found is not None:
        told = found.say
        return replace(found, say=lambda: told() + say.equal_entries_may_swap(terms.argument))
    if (place := ties.first_repeated(due, given, in_order=not terms.any_order)) is None:
        return None
    index, again = given.flat[place], place_in(path, place, given)
    return Difference("value", again, index, due.flat[place], lambda: say.index_repeated(again, index), 1)


def _index_outside(due: Array, indices: Array, terms: Terms, count: int, path: str) -> Difference | None:
    """Asked of the indices due as well: on arguments of the learner's own, nobody has checked the reference."""
    if (place := ties.first_outside(indices, count)) is None:
        return None
    index, outside = indices.flat[place], place_in(path, place, indices)
    return Difference(
        "value", outside, index, due.flat[place], lambda: say.index_outside(outside, index, count, terms.argument)
    )


def _other_entries(due_classes: Array, given_classes: Array, due: Array, given: Array, path: str) -> Difference | None:
    different = np.asarray(due_classes != given_classes)
    count = int(np.count_nonzero(different))
    if not count:
        return None
    first = int(different.argmax())
    place, index, wanted = place_in(path, first, given), given.flat[first], due.flat[first]

    def told() -> Message:
        return say.differs(place, index, wanted, None) + (say.how_many(count, due) if due.ndim else NOTHING)

    return Difference("value", place, index, wanted, told, count)


def place_in(path: str, flat: int, array: Array) -> str:
    """The path of the element at a place of the flattened array."""
    axes = ", ".join(str(int(axis)) for axis in np.unravel_index(flat, array.shape))
    return f"{path}[{axes}]" if array.ndim else path
