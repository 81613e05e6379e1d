"""Whether a returned value is the one due under a question's contract, and if not, where and how it first differs.

When two numbers agree is `arrays`' to say, how unordered entries are paired `rows`' and `bags`', which indices may
stand for others `ties`'. What goes with what:

- A 0-d array and a NumPy scalar count as a number, a rectangular nest of numbers as the array it spells, an array of
  text as a list. A tuple, a list and an array of the same entries are equal; so are numbers of one kind and any width.
- The kind of numbers must be the contract's: `float` takes integers too, `int` and `bool` are exact; where the
  reference gives a boolean a boolean is due, and a complex number only where the reference gives one. `any` takes all.
- Shapes must be equal, but that `[]` counts as any array without entries along its first axis.
- Text, bytes, booleans and None must be equal. Where a torch tensor is due, a tensor must be returned.
- Dicts must have the same keys. Sets have no order.
- `order: any` frees the order of an array's rows and a list's entries: of the result, and of each entry of a tuple or
  value of a dict that it is made of (a tuple's own places keep their meaning). Within a row or an entry, order counts.
- `ties`: every array of integers, and every single one, is made of indices; they are compared as `ties` says, with
  `order: any` as a bag of indices.
- `answers: any_of`: the reference gives the list of acceptable answers; one of them must be met under all other rules.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.bank.schema import Contract
from app.grading import arrays, bags, rows, ties
from app.grading import differences as say
from app.grading.array_compare import (
    Difference,
    MismatchKind,
    Terms,
    compare_arrays,
    compare_number,
    place_in,
    without_partner,
    wrong_kind,
)
from app.grading.arrays import Array, Bools, as_array, is_number, numbers
from app.languages import Message, Phrase, phrase
from app.sandbox import Opaque, Tensor

__all__ = ["MAX_ANSWERS", "Mismatch", "as_array", "close", "compare", "reference_fault", "same_bits"]

MAX_ANSWERS = 100


@dataclass(frozen=True, eq=False)
class Mismatch:
    """Where and how a value differs from the one due. `index` is the first such place (`[0, 3]`, `['a'][2]`).

    `answer` is the whole value that was due: of several acceptable ones the nearest.
    """

    kind: MismatchKind
    index: str
    got: str
    expected: str
    message: Message
    answer: object


def compare(expected: object, got: object, contract: Contract, args: Sequence[object] = ()) -> Mismatch | None:
    """None if `got` is what is due under `contract`, else where and how it first differs.

    `args` are the call's positional arguments as they were before it.
    """
    terms = _terms(contract, args)
    answers = expected if contract.answers == "any_of" and isinstance(expected, list) and expected else [expected]
    nearest, answer = None, expected
    for one in answers:
        found = _compare(one, got, terms, "")
        if found is None:
            return None
        if nearest is None or found.count < nearest.count:
            nearest, answer = found, one
    if nearest is None:
        return None
    message = say.nearest_of(len(answers)) + nearest.say()
    return Mismatch(
        nearest.kind, say.clip_path(nearest.path), say.short(nearest.got), say.short(nearest.due), message, answer
    )


def close(expected: Array, got: Array, contract: Contract) -> Bools:
    """Elementwise agreement under `contract` of two arrays of numbers, of equal (or broadcastable) shape."""
    return arrays.close(expected, got, contract.rtol, contract.atol)


def reference_fault(value: object, contract: Contract, args: Sequence[object] = ()) -> Phrase | None:
    """How the reference's own value breaks the contract it sets, if it does; for the question's author."""
    answers: Sequence[object] = [value]
    if contract.answers == "any_of":
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= MAX_ANSWERS:
            most = MAX_ANSWERS
            return phrase("with 'answers: any_of' it must return a list of 1 to %(most)s acceptable answers", most=most)
        answers = value
    terms = _terms(contract, args)
    if contract.ties is not None and terms.classes is None:
        number = contract.ties.argument
        return phrase("'ties': argument %(number)s has no entries that an index could point at", number=number)
    for answer in answers:
        if found := _compare(answer, answer, replace(terms, any_order=False), ""):
            return phrase("%(told)s", told=found.say())
        if terms.any_order and _is_crowded(answer, terms):
            return phrase("with 'order: any' it returns too many entries that only a comparison can tell apart")
    return None


def _terms(contract: Contract, args: Sequence[object]) -> Terms:
    place = contract.ties.argument if contract.ties else 0
    classes = ties.classes_of(args[place]) if contract.ties and place < len(args) else None
    return Terms(contract.dtype, contract.rtol, contract.atol, contract.order == "any", classes, place)


def _is_crowded(value: object, terms: Terms) -> bool:
    value = _plain(value)
    if not isinstance(value, tuple) and (found := numbers(value)) is not None:
        return bool(found.shape) and rows.is_crowded(found.array, terms.rtol, terms.atol)
    if isinstance(value, list | set):
        return bags.is_crowded(list(value))
    inner = value if isinstance(value, tuple) else value.values() if isinstance(value, dict) else ()
    return any(_is_crowded(entry, terms) for entry in inner)


def _compare(due: object, given: object, terms: Terms, path: str) -> Difference | None:
    if isinstance(given, Opaque):
        name = given.type_name
        return Difference("type", path, given, due, lambda: say.opaque(path, name))
    if given is None and due is not None and not path:
        return Difference("type", path, given, due, say.returned_none)
    if isinstance(due, Tensor) != isinstance(given, Tensor):
        return _other_type(due, given, path)
    due, given = _plain(due), _plain(given)
    if is_number(due):
        return compare_number(due, given, terms, path)
    in_places = isinstance(due, tuple) and terms.any_order
    if not in_places and (found := numbers(due)) is not None:
        return compare_arrays(found, given, due, terms, path)
    match due:
        case dict():
            return _compare_dicts(due, given, terms, path)
        case set():
            return _compare_sets(due, given, terms, path)
        case list() | tuple():
            return _compare_sequences(due, given, terms, path)
        case np.ndarray():
            return _compare_texts(due, given, terms, path)
    return _compare_atoms(due, given, path)


def _plain(value: object) -> object:
    """A tensor's array, a 0-d array's number, text as Python has it."""
    if isinstance(value, Tensor):
        value = np.asarray(value.array)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    return value.item() if isinstance(value, np.str_ | np.bytes_) else value


def _compare_atoms(due: object, given: object, path: str) -> Difference | None:
    """Text, bytes and None."""
    if type(due) is not type(given):
        return _other_type(due, given, path)
    if isinstance(due, str | bytes) and isinstance(given, str | bytes) and due != given:
        text, other = due, given
        return Difference("value", path, given, due, lambda: say.text_differs(path, other, text), 1)
    return None


def _other_type(due: object, given: object, path: str) -> Difference:
    return Difference("type", path, given, due, lambda: say.wrong_type(path, say.name_of(given), say.name_of(due)))


def _compare_texts(due: Array, given: object, terms: Terms, path: str) -> Difference | None:
    """An array of text."""
    if isinstance(given, np.ndarray) and (given.dtype.kind, given.shape) == (due.dtype.kind, due.shape):
        different = np.asarray(due != given)
        if not different.any():
            return None
        if not terms.any_order:
            count, first = int(np.count_nonzero(different)), int(different.argmax())
            place, got, wanted = place_in(path, first, due), given.flat[first].item(), due.flat[first].item()
            return Difference("value", place, got, wanted, lambda: say.text_differs(place, got, wanted), count)
    return _compare_sequences(list(due), given, terms, path)


def _compare_dicts(due: dict[object, object], given: object, terms: Terms, path: str) -> Difference | None:
    if not isinstance(given, dict):
        return _other_type(due, given, path)
    if any(key != key for key in due):  # a NaN is a key like another, though each is unequal to itself
        due, given = _with_one_nan(due), _with_one_nan(given)
    extra = [key for key in given if key not in due]  # looked up in `due`: the keys given may be made to collide
    if extra or len(given) != len(due):
        common = {key for key in given if key in due}
        missing = [key for key in due if key not in common]
        return Difference("keys", path, list(given), list(due), lambda: say.wrong_keys(path, missing, extra))
    pairs = ((key, entry, given[key]) for key, entry in due.items())
    return _first(_compare(entry, other, terms, f"{path}[{say.short(key)}]") for key, entry, other in pairs)


def _with_one_nan(entries: dict[object, object]) -> dict[object, object]:
    return {math.nan if key != key else key: entry for key, entry in entries.items()}


def _compare_sets(due: set[object], given: object, terms: Terms, path: str) -> Difference | None:
    if not isinstance(given, set):
        return _other_type(due, given, path)
    wanted, entries = list(due), list(given)
    found = numbers(wanted), numbers(entries)
    if found[0] is not None and found[1] is not None and found[0].shape[1:] == found[1].shape[1:]:
        if wrong := wrong_kind(found[0].kind, found[1], terms, path) if given else None:
            return wrong
        alone = rows.pair_rows(found[0].array, found[1].array, terms.rtol, terms.atol)
    else:
        alone = bags.pair_entries(wanted, entries, _agreement(terms, path))
    return without_partner(alone, wanted, entries, path, placed=False)


def _compare_sequences(due: Sequence[object], given: object, terms: Terms, path: str) -> Difference | None:
    if isinstance(given, np.ndarray) and given.ndim and len(given) == len(due):
        given = list(given)
    if not isinstance(given, list | tuple):
        return _other_type(due, given, path)
    if len(given) != len(due):
        got, wanted = len(given), len(due)
        return Difference("length", path, got, wanted, lambda: say.wrong_length(path, got, wanted))
    if terms.any_order and isinstance(due, list):
        return without_partner(bags.pair_entries(due, given, _agreement(terms, path)), due, given, path)
    pairs = enumerate(zip(due, given, strict=True))
    return _first(_compare(entry, other, terms, f"{path}[{place}]") for place, (entry, other) in pairs)


def _agreement(terms: Terms, path: str) -> bags.Agree:
    """Whether two entries of an unordered value agree; within them order counts."""
    inside = replace(terms, any_order=False)
    return lambda due, given: _compare(due, given, inside, path) is None


def _first(found: Iterator[Difference | None]) -> Difference | None:
    """The first difference, with the count of all."""
    first = None
    count = 0.0
    for difference in found:
        if difference is not None:
            first = first or difference
            count += difference.count
    return replace(first, count=count) if first else None


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
