"""What a question's YAML shall say: plain data, and where items were moved or added, which of the old ones each was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from app.authoring.yaml_words import plain as said


@dataclass(frozen=True)
class Row:
    """One item of a list or field of a mapping: what it shall say, and which of the old ones it was."""

    origin: int | None
    value: object
    key: str = ""


@dataclass(frozen=True)
class Rows:
    """A list, or a mapping whose keys are `named` by the author, whose items were moved, added or taken out."""

    rows: tuple[Row, ...]
    named: bool = False


class CannotEdit(Exception):  # noqa: N818  (told to the person as `errors.Invalid` by `fields`)
    """The text is laid out in a way that this change can't be made in."""


def plain(wanted: object) -> object:
    """The data that is wanted, without where it came from."""
    if isinstance(wanted, Rows):
        if wanted.named:
            return {row.key: plain(row.value) for row in wanted.rows}
        return [plain(row.value) for row in wanted.rows]
    if isinstance(wanted, dict):
        return {key: plain(value) for key, value in wanted.items()}
    if isinstance(wanted, list):
        return [plain(value) for value in wanted]
    return said(wanted)


def same(one: object, other: object) -> bool:
    """Equal in values, types and the order of keys."""
    return json.dumps(one) == json.dumps(other)


def rows_of(data: object, wanted: object) -> tuple[Row, ...] | None:
    """Which old item each wanted one is; None where the two are not of one shape."""
    if isinstance(wanted, Rows):
        fits = isinstance(data, dict if wanted.named else list)
        return wanted.rows if fits and data else None
    if isinstance(data, dict) and isinstance(wanted, dict) and data:
        names = list(data)
        return tuple(Row(names.index(key) if key in data else None, value, key) for key, value in wanted.items())
    if isinstance(data, list) and isinstance(wanted, list) and data:
        return _matched(data, wanted)
    return None


def _matched(data: Sequence[object], wanted: Sequence[object]) -> tuple[Row, ...]:
    """Items of a plain list by what they say; among as many as before, a changed one is the one in its place."""
    free = dict(enumerate(data))
    origins: list[int | None] = []
    for value in wanted:
        origin = next((at for at, old in free.items() if same(old, plain(value))), None)
        free.pop(origin, None) if origin is not None else None
        origins.append(origin)
    if len(data) == len(wanted):
        for at, origin in enumerate(origins):
            if origin is None and at in free:
                origins[at] = at
                del free[at]
    return tuple(Row(origin, value) for origin, value in zip(origins, wanted, strict=True))


def written(wanted: object) -> object:
    """A wanted value as `yaml_words` takes it."""
    if isinstance(wanted, Rows):
        if wanted.named:
            return {row.key: written(row.value) for row in wanted.rows}
        return [written(row.value) for row in wanted.rows]
    if isinstance(wanted, dict):
        return {key: written(value) for key, value in wanted.items()}
    if isinstance(wanted, list):
        return [written(value) for value in wanted]
    return wanted
