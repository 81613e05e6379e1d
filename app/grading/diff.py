"""A value that is due and the one returned as a diff: `- ` what is due, `+ ` what came back, `  ` where they agree.

Lines of arrays are rows with their index, so that a diff reads the same in every language. Lines that agree within
the contract's tolerance are equal whatever they print as. Bounded in lines and characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from app.grading.arrays import Array
from app.grading.differences import name_of, short
from app.grading.pairs import Index, Pair, Rule, array_of, entries, pair_of
from app.grading.preview import plain, preview
from app.sandbox import Tensor

LONGEST = 6_000
MOST_CHANGED = 80  # lines that differ
MOST_WHOLE = 16  # rows of an array that is shown by itself
COLUMNS = 10  # entries shown of a long row
CHUNK = 8  # entries a line of an array with one axis
CUT = "  ⋮"

_Row = tuple[str, str, list[str]]  # mark, index, numbers


def diff(due: object, given: object, rule: Rule) -> str:
    """The diff. Empty if the values agree."""
    if rule.agree(due, given):
        return ""
    told: list[str] = []
    room, changed = LONGEST, 0
    for line in _collapsed(_lines(due, given, rule, "")):
        changed += not line.startswith("  ")
        room -= len(line) + 1
        if changed > MOST_CHANGED or room < 0:
            told.append(CUT)
            break
        told.append(line)
    return "\n".join(told)


def _collapsed(lines: Iterator[str]) -> Iterator[str]:
    """Of lines that agree only the one before and the one after a change."""
    waiting, skipped, follows = None, False, False
    for line in lines:
        if not line.startswith("  "):
            if skipped:
                yield CUT
            if waiting is not None:
                yield waiting
            yield line
            waiting, skipped, follows = None, False, True
        elif follows:
            yield line
            follows = False
        else:
            skipped = skipped or waiting is not None
            waiting = line
    if waiting is not None:
        yield CUT


def _lines(due: object, given: object, rule: Rule, path: str) -> Iterator[str]:
    parts = list(entries(due, given, rule))
    for step, one, other in parts:
        if rule.agree(one, other):
            yield f"  {path}{step} {short(one)}"
        else:
            yield from _lines(one, other, rule, path + step)
    if parts:
        return
    pair = pair_of(due, given, rule)
    if pair is not None and pair.wrong is not None and pair.due.ndim and pair.wrong.any():
        yield from _rows(pair, path)
        return
    for mark, value in (("-", due), ("+", given)):
        yield from (f"{mark} {line}".rstrip() for line in _whole(value, path))


def _whole(value: object, path: str) -> Iterator[str]:
    """A value by itself: an array with what it is and its rows, anything else as its preview."""
    head = f"{path} " if path else ""
    array = array_of(value, of_arrays=True) if isinstance(value, np.ndarray | Tensor | list | tuple) else None
    if array is None or not array.ndim:
        yield from (head + preview(value)).splitlines()
        return
    yield f"{head}{name_of(value)}, shape {array.shape}, {array.dtype}"
    count = len(_by_row(array))
    rows: list[_Row | None] = [("  ", *_row(array, row, path, 0)) for row in range(min(count, MOST_WHOLE))]
    yield from (line[2:] for line in _aligned(rows if count <= MOST_WHOLE else [*rows, None]))


def _rows(pair: Pair, path: str) -> Iterator[str]:
    """The rows that differ, each twice, and those next to them."""
    wrong = _by_row(np.asarray(pair.wrong))
    different = np.asarray(wrong.any(axis=1))
    shown = np.flatnonzero(different)[:MOST_CHANGED].tolist()
    first = {row: int(wrong[row].argmax()) for row in shown}
    columns = {near: column for row, column in first.items() for near in (row - 1, row + 1) if 0 <= near < len(wrong)}
    rows: list[_Row | None] = []
    last = -1
    for row, column in sorted((columns | first).items()):
        rows += [None] if row > last + 1 else []
        if different[row]:
            rows += [("- ", *_row(pair.due, row, path, column)), ("+ ", *_row(pair.given, row, path, column))]
        else:
            rows.append(("  ", *_row(pair.due, row, path, column)))
        last = row
    yield from _aligned(rows if last == len(wrong) - 1 else [*rows, None])


def _by_row(array: Array) -> Array:
    """An array as rows of its last axis; of one axis alone, in pieces of `CHUNK`, the last filled up with zeros."""
    if array.ndim > 1:
        return array.reshape(-1, array.shape[-1]) if array.size else np.zeros((0, 1))
    filled = np.zeros(-(-array.size // CHUNK) * CHUNK, dtype=array.dtype)
    filled[: array.size] = array
    return filled.reshape(-1, CHUNK)


def _row(array: Array, row: int, path: str, focus: int) -> tuple[str, list[str]]:
    """A row's index and its numbers; of a long one those round `focus`."""
    if array.ndim == 1:
        values = array[row * CHUNK : (row + 1) * CHUNK]
        place = f"{row * CHUNK}:{row * CHUNK + len(values)}"
    else:
        index: Index = tuple(int(axis) for axis in np.unravel_index(row, array.shape[:-1]))
        values, place = array[index], ", ".join(map(str, index))
        if values.size > COLUMNS:
            left = min(max(focus - COLUMNS // 2, 0), values.size - COLUMNS)
            values, place = values[left : left + COLUMNS], f"{place}, {left}:{left + COLUMNS}"
    return f"{path}[{place}]", [_number(value) for value in values.tolist()]


def _aligned(rows: Sequence[_Row | None]) -> Iterator[str]:
    """Rows with their indices and numbers in columns; None is a gap."""
    seen = [row for row in rows if row is not None]
    wide = max((len(label) for _, label, _ in seen), default=0)
    width = max((len(text) for _, _, texts in seen for text in texts), default=0)
    for row in rows:
        yield (
            CUT
            if row is None
            else plain(f"{row[0]}{row[1]:<{wide}} {''.join(f'  {text:>{width}}' for text in row[2])}")
        )


def _number(value: float | bool) -> str:
    return str(value) if isinstance(value, bool | int) else f"{value:.6g}"
