"""Several folders beside one database: what of a folder is an edit, and what only an older or newer copy of the bank.

A machine's folder may come with its image, and images of two releases serve side by side during an upgrade. `sync`
compares each folder with what was agreed on last, in whichever folder, and would take what an older copy says for the
newest edit. So here a difference counts as an edit only where this folder changed under its process, or says what no
folder has said before; and what the browser wrote is never replaced by a copy that may not know of it: that is for
people to decide, as a conflict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from app.authoring.folder import Look
from app.authoring.models import Origin
from app.authoring.revisions import known_texts, placed_hash
from app.authoring.sync import Standing, Step, in_turns, standings

_CLAIMS = (Step.pull, Step.conflict, Step.unsound)


class Sight:
    """What this process knows of its own folder: what each question said when folder and database last agreed on it."""

    def __init__(self) -> None:
        self._settled: dict[str, str | None] = {}
        self._conflicts: frozenset[str] = frozenset()

    def settle(self, look: Look, found: Iterable[Standing]) -> None:
        """After a round of sync: `found` are the questions that still differ."""
        open_ = {it.question_id: it.step for it in found}
        for name in (self._settled.keys() | look.texts.keys()) - open_.keys():
            self._settled[name] = look.texts[name].hash if name in look.texts else None
        self._conflicts = frozenset(name for name, step in open_.items() if step is Step.conflict)

    def is_edited(self, it: Standing) -> bool:
        """Whether the question has changed in this folder since."""
        return it.question_id in self._settled and self._settled[it.question_id] != it.folder_hash

    def has_conflict(self, it: Standing) -> bool:
        """Whether what was taken down as a conflict is this folder's."""
        if it.question_id in self._conflicts:
            return True
        return it.folder is not None and placed_hash(it.folder.topic_id, it.conflict_yaml or "") == it.folder.hash


def standings_of_copy(connection: Connection, look: Look, sight: Sight) -> list[Standing]:
    """As `sync.standings`, for a folder that is one of several."""
    found = standings(connection, look)
    known = _known(connection, [it.question_id for it in found if it.step in _CLAIMS])
    return [replace(it, step=_step(it, sight, known.get(it.question_id, ()))) for it in found]


def _step(it: Standing, sight: Sight, known: Collection[str]) -> Step:
    if it.head_number is None:
        return it.step
    if it.conflict_yaml is not None and not sight.has_conflict(it):
        return Step.elsewhere
    if it.step not in _CLAIMS or sight.is_edited(it):
        return it.step
    if it.folder is None or it.folder.hash in known:
        return Step.behind
    if it.step is Step.pull and it.ours is not None and it.ours.origin != Origin.folder:
        return Step.conflict
    return it.step


def _known(connection: Connection, names: Sequence[str]) -> Mapping[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for turn in in_turns(names):
        for row in connection.execute(select(known_texts).where(known_texts.c.question_id.in_(turn))):
            found[row.question_id].add(row.hash)
    return found
