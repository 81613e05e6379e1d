"""What a new version changes: which fields, whether they bear on what is remembered, how many learners it touches.

Tells; what is done about it is the editor's choice and `publishing`'s work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection

from app.authoring.publishing import Memories, last_published, proposal
from app.authoring.regrade import Regraded, would_regrade
from app.bank.catalog import COSMETIC, COSMETIC_WITHIN, Bank, Entry
from app.scheduling import store

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Changed:
    """One field with both values, as the text has them; None on the side that does not have it."""

    path: Path
    before: Any
    after: Any
    is_meaning: bool

    @property
    def name(self) -> str:
        """`options.2.text.en`, counted from 1 as people count."""
        return ".".join(str(part + 1) if isinstance(part, int) else part for part in self.path)


@dataclass(frozen=True)
class Impact:
    """What publishing would do. `learners` have a memory of the question; `regraded` answers would get another mark,
    `sent` solutions in code would be graded again."""

    fields: tuple[Changed, ...]
    proposal: Memories
    learners: int
    regraded: int
    unmarked: int
    sent: int

    @property
    def meaning(self) -> tuple[Changed, ...]:
        return tuple(it for it in self.fields if it.is_meaning)

    @property
    def cosmetic(self) -> tuple[Changed, ...]:
        return tuple(it for it in self.fields if not it.is_meaning)


def changed_fields(before: Entry, after: Entry) -> tuple[Changed, ...]:
    """Every field that differs. Some are of meaning exactly where the two entries' `meaning_hash` differ."""
    old, new = _said(before), _said(after)
    found = list(_differences((), old, new))
    if before.topic.id != after.topic.id:
        found.append(Changed(("topic",), before.topic.id, after.topic.id, is_meaning=False))
    return tuple(found)


def impact(connection: Connection, bank: Bank, after: Entry) -> Impact:
    """What publishing `after` would do; a question that learners never saw changes nothing for them."""
    before = last_published(connection, bank, after.question.id)
    marks = would_regrade(connection, before, after) if before else Regraded()
    return Impact(
        fields=changed_fields(before, after) if before else (),
        proposal=proposal(before, after),
        learners=store.remembered(connection, after.question.id),
        regraded=marks.changed,
        unmarked=marks.unmarked,
        sent=marks.sent,
    )


def _said(entry: Entry) -> dict[str, Any]:
    return entry.question.model_dump(mode="json", exclude_defaults=True)


def _differences(path: Path, old: Any, new: Any) -> Iterator[Changed]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for name in [*old, *(it for it in new if it not in old)]:
            yield from _differences((*path, name), old.get(name), new.get(name))
    elif isinstance(old, list) and isinstance(new, list):
        for index, (one, other) in enumerate(zip_longest(old, new)):
            yield from _differences((*path, index), one, other)
    else:
        yield Changed(path, old, new, _is_meaning(path, old, new))


def _is_meaning(path: Path, old: Any, new: Any) -> bool:
    if path[0] in COSMETIC or any(part in COSMETIC_WITHIN for part in path[1:]):
        return False
    return not (isinstance(old, str) and isinstance(new, str) and old.split() == new.split())
