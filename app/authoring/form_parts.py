"""The parts of a question's form: inputs, pairs of languages, groups, rows. Plain values; `fields` makes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.authoring.form_shapes import Both, Group, Leaf, Widget
from app.bank.yaml_source import PathKey

PREFIX = "f"  # of every posted name: `f.options.2.why.en`
DO = "do"  # the pressed button: `options.add`, `options.remove.2`, `options.move.2.up`


@dataclass(frozen=True)
class Input:
    """One input. `value` is what it shows, of a flag "true" or "false"; `lang` its half of a pair."""

    path: PathKey
    name: str
    widget: Widget
    value: str
    choices: tuple[str, ...] = ()
    default: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Pair:
    """The same in both languages."""

    path: PathKey
    name: str
    en: Input
    zh: Input
    optional: bool = False


@dataclass(frozen=True)
class Parts:
    """Fields of one mapping, by key."""

    path: PathKey
    name: str
    parts: dict[str, Part]
    optional: bool = False


@dataclass(frozen=True)
class RowPart:
    """One of a list's rows. `key`: the input of its name, where the author names the rows."""

    path: PathKey
    name: str
    key: Input | None
    part: Part


@dataclass(frozen=True)
class RowList:
    """Rows that can be added, moved and taken out."""

    path: PathKey
    name: str
    rows: tuple[RowPart, ...]
    item: Group | Both | Leaf
    named: bool = False
    optional: bool = False


Part = Input | Pair | Parts | RowList


@dataclass(frozen=True)
class Form:
    """The form of one question."""

    kind: str
    parts: dict[str, Part] = field(default_factory=dict)

    def all_parts(self) -> Iterator[Part]:
        """Every part, those inside others after them."""
        for part in self.parts.values():
            yield from _inside(part)


def _inside(part: Part) -> Iterator[Part]:
    yield part
    match part:
        case Pair():
            yield from (part.en, part.zh)
        case Parts():
            for child in part.parts.values():
                yield from _inside(child)
        case RowList():
            for row in part.rows:
                yield from [row.key] if row.key else []
                yield from _inside(row.part)
        case Input():
            return


class Absent:
    """Where no value is."""


ABSENT = Absent()
