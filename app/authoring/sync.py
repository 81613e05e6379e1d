"""Two-way sync between the bank's folder and the database, question by question: what differs, and whose turn it is.

Compared are three hashes of a question: what the folder says, what the database shows learners, and what both agreed on
last. Who changed alone is followed; where both changed, nothing is overwritten until somebody decides. Carrying it out
is `sync_steps`'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, func, select

from app.authoring.folder import FolderText, Look
from app.authoring.revisions import Version, heads, placed_hash, revisions
from app.authoring.single import with_status
from app.bank.schema import Status

_AT_ONCE = 400  # questions a transaction, so that others get their turn; and SQLite takes some thousand parameters
Item = TypeVar("Item")


class Step(StrEnum):
    """What is due for one question. `agree`: both say the same, which only has to be taken down.

    `unsound`: the folder's text is due but has faults; `unsure`: it is not to be found, but its file has faults.
    Where there are several folders (`copies`), `behind`: what this one says was dealt with long ago; `elsewhere`: the
    conflict is another folder's.
    """

    in_sync = "in_sync"
    agree = "agree"
    pull = "pull"
    push = "push"
    conflict = "conflict"
    unsound = "unsound"
    unsure = "unsure"
    behind = "behind"
    elsewhere = "elsewhere"


def decide(folder: str | None, agreed: str | None, database: str | None) -> Step:
    """By the hashes of what each side says; None where the question is not there."""
    if folder == database:
        return Step.in_sync if folder == agreed else Step.agree
    if folder == agreed:
        return Step.push
    return Step.pull if database == agreed else Step.conflict


@dataclass(frozen=True)
class Standing:
    """A question on which the sides differ.

    `head_number` is None while the database does not know it. `ours` is what the database has to say: the revision that
    learners see or that took the question from them; None where there was never one.
    """

    question_id: str
    step: Step
    folder: FolderText | None
    head_number: int | None
    published_number: int | None
    status: str | None
    ours: Version | None
    agreed: str | None
    conflict_yaml: str | None

    @property
    def folder_hash(self) -> str | None:
        return self.folder.hash if self.folder else None


def ours_as_text(version: Version) -> str:
    """The revision as it belongs into the folder: its text with its status."""
    return with_status(version.yaml, Status(version.status))


def ours_hash(version: Version) -> str:
    return placed_hash(version.topic_id, ours_as_text(version))


_COLUMNS = ("question_id", "topic_id", "status", "head_number", "published_number", "folder_number", "folder_hash")
_HEADS = select(*(heads.c[name] for name in (*_COLUMNS, "conflict_yaml")))  # every start reads all of them


def standings(connection: Connection, look: Look) -> list[Standing]:
    """Every question on which the sides differ. One query where nothing does."""
    rows = {row.question_id: row for row in connection.execute(_HEADS)}
    taken = _retired_before(connection, rows.values())
    differing: list[tuple[Row[Any], int | None]] = []
    for row in rows.values():
        number = row.published_number or taken.get(row.question_id)
        has_news = number is not None and number > (row.folder_number or 0)
        text = look.texts.get(row.question_id)
        if has_news or row.conflict_yaml is not None or (text.hash if text else None) != row.folder_hash:
            differing.append((row, number or row.folder_number))
    ours = versions(connection, [(row.question_id, number) for row, number in differing if number])
    found = [_standing(row, ours.get(row.question_id), look) for row, _ in differing]
    found += [
        Standing(name, Step.pull if text.sound else Step.unsound, text, None, None, None, None, None, None)
        for name, text in look.texts.items()
        if name not in rows
    ]
    return [it for it in found if it.step is not Step.in_sync or it.conflict_yaml is not None]


def versions(connection: Connection, wanted: Iterable[tuple[str, int]]) -> dict[str, Version]:
    """One revision of each question, by its id."""
    numbers = dict(wanted)
    found: dict[str, Version] = {}
    columns = [revisions.c[name] for name in Version.__dataclass_fields__]
    for names in in_turns(list(numbers)):
        for row in connection.execute(select(*columns).where(revisions.c.question_id.in_(names))):
            if numbers[row.question_id] == row.number:
                found[row.question_id] = Version(**row._mapping)
    return found


def in_turns(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """A few hundred at once."""
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


def _retired_before(connection: Connection, rows: Iterable[Row[Any]]) -> Mapping[str, int]:
    """The revision that took each question from learners, of those that they do not see."""
    unseen = {row.question_id: row for row in rows if row.published_number is None}
    found = {name: row.head_number for name, row in unseen.items() if row.status == Status.retired}
    if len(found) < len(unseen):  # a draft on top of it
        query = select(revisions.c.question_id, func.max(revisions.c.number)).group_by(revisions.c.question_id)
        for name, number in connection.execute(query.where(revisions.c.status == Status.retired.value)):
            if name in unseen:
                found.setdefault(name, number)
    return found


def _text(row: Row[Any], ours: Version | None, look: Look) -> FolderText | None:
    """Where the folder has the question.

    Moving it to another topic writes two files. Where that was broken off in between, the folder has both the text that
    was agreed on and the one that the database says: then the former counts, so that the move is gone through with.
    """
    text = look.texts.get(row.question_id)
    if text is None or ours is None or text.hash == row.folder_hash or text.hash != ours_hash(ours):
        return text
    return next((it for it in look.doubles.get(row.question_id, ()) if it.hash == row.folder_hash), text)


def _standing(row: Row[Any], ours: Version | None, look: Look) -> Standing:
    text = _text(row, ours, look)
    if ours is None:
        database = None
    elif ours.number <= (row.folder_number or 0):
        database = row.folder_hash
    else:
        database = ours_hash(ours)
    step = decide(text.hash if text else None, row.folder_hash, database)
    if text is None and step in (Step.pull, Step.conflict) and look.unsure(row.question_id, row.topic_id):
        step = Step.unsure
    elif text is not None and step is Step.pull and not text.sound:
        step = Step.unsound
    return Standing(
        question_id=row.question_id,
        step=step,
        folder=text,
        head_number=row.head_number,
        published_number=row.published_number,
        status=row.status,
        ours=ours,
        agreed=row.folder_hash,
        conflict_yaml=row.conflict_yaml,
    )
