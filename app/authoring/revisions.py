"""The bank's history: every question as it was saved, numbered from 1, and where each question stands now.

A revision is only ever added. What learners see, and what a publish must do to their memories, is `publishing`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, and_, bindparam, insert, select, update

from app.accounts.service import Learner
from app.authoring.models import BankQuestion, KnownText, Origin, Revision
from app.authoring.single import text_hash
from app.errors import N_, Conflict, NotFound
from app.languages import phrase

revisions: Table = Revision.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it
heads: Table = BankQuestion.__table__  # type: ignore[attr-defined]  # as above

known_texts: Table = KnownText.__table__  # type: ignore[attr-defined]  # as above

_BATCH = 400  # revisions asked for with one query
_HEAD = select(heads).where(heads.c.question_id == bindparam("question_id"))


class StaleBase(Conflict):
    """Somebody else saved the question meanwhile; `head` is what they saved."""

    title = N_("Somebody else changed this question")
    advice = N_("Nothing was lost: compare both texts and save the one you want.")

    def __init__(self, head: Version) -> None:
        super().__init__(N_("This question has a newer revision than the one you started from."))
        self.head = head


@dataclass(frozen=True)
class Head:
    """Where a question stands; see `models.BankQuestion`."""

    question_id: str
    topic_id: str
    status: str
    head_number: int
    published_number: int | None
    folder_hash: str | None
    folder_number: int | None
    conflict_yaml: str | None
    updated_at: datetime


@dataclass(frozen=True)
class Version:
    """One revision; see `models.Revision`."""

    question_id: str
    number: int
    topic_id: str
    status: str
    yaml: str
    hash: str | None
    author_id: int | None
    author: str
    origin: str
    note: str
    created_at: datetime
    gate: dict[str, Any] | None

    @property
    def text_hash(self) -> str:
        return text_hash(self.yaml)


@dataclass(frozen=True)
class Fresh:
    """What is to become a revision. `hash` is the entry's, None for a draft that can't be read yet."""

    question_id: str
    topic_id: str
    status: str
    yaml: str
    hash: str | None
    origin: Origin = Origin.browser
    note: str = ""
    gate: dict[str, Any] | None = None


def head(connection: Connection, question_id: str) -> Head | None:
    row = connection.execute(_HEAD, {"question_id": question_id}).mappings().first()
    return Head(**row) if row else None


def version(connection: Connection, question_id: str, number: int) -> Version:
    """Raises NotFound for a revision that is not there."""
    query = select(revisions).where(revisions.c.question_id == question_id, revisions.c.number == number)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound(N_("There is no such revision of this question."))
    return _version(row)


def history(connection: Connection, question_id: str) -> list[Version]:
    """Every revision, newest first."""
    query = select(revisions).where(revisions.c.question_id == question_id).order_by(revisions.c.number.desc())
    return [_version(row) for row in connection.execute(query).mappings()]


def versions(connection: Connection, numbers: Mapping[str, int]) -> dict[str, Version]:
    """These revisions, by question; `numbers` gives one of each."""
    wanted = list(numbers.items())
    made: dict[str, Version] = {}
    for start in range(0, len(wanted), _BATCH):
        query = select(revisions).where(_among(dict(wanted[start : start + _BATCH])))
        rows = connection.execute(query).mappings()
        made |= {row["question_id"]: _version(row) for row in rows if row["number"] == numbers[row["question_id"]]}
    return made


def authors_of(connection: Connection, numbers: Mapping[str, int]) -> dict[str, str]:
    """Who saved these revisions, by question; `numbers` gives one of each."""
    columns = revisions.c
    query = select(columns.question_id, columns.number, columns.author, columns.author_id).where(_among(numbers))
    rows = connection.execute(query).mappings()
    return {row["question_id"]: _author(row) for row in rows if row["number"] == numbers[row["question_id"]]}


def newest_published(connection: Connection, question_id: str) -> Version | None:
    """What learners see, or saw last before it was retired; None if they never saw it."""
    query = select(revisions).where(revisions.c.question_id == question_id, revisions.c.status == "published")
    row = connection.execute(query.order_by(revisions.c.number.desc()).limit(1)).mappings().first()
    return _version(row) if row else None


def save(
    connection: Connection, fresh: Fresh, by: Learner | None, now: datetime, *, base_number: int | None, publish: bool
) -> Version:
    """Add a revision on top of `base_number` (None for a new question). StaleBase if that is no longer the newest.

    `publish` makes it the one that learners see, or, with another status than published, takes the question from them.
    """
    known = head(connection, fresh.question_id)
    if (known.head_number if known else None) != base_number:
        if known is None:
            raise NotFound(N_("There is no such revision of this question."))
        raise StaleBase(version(connection, fresh.question_id, known.head_number))
    number = (base_number or 0) + 1
    author = {"author_id": by.id, "author": by.name} if by else {"author_id": None, "author": fresh.origin.value}
    values = {name: getattr(fresh, name) for name in Fresh.__dataclass_fields__}
    connection.execute(insert(revisions).values(number=number, created_at=now, **author, **values))
    _move_head(connection, fresh, number, now, known=known is not None, publish=publish)
    return version(connection, fresh.question_id, number)


def placed_hash(topic_id: str, yaml: str) -> str:
    """By which folder and database tell whether a question is the same on both sides: its text and its topic."""
    return text_hash(f"topic: {topic_id}\n{yaml}")


def agree(connection: Connection, question_id: str, folder_hash: str | None, number: int) -> None:
    """Take down that the folder says the same as revision `number`; a conflict is over."""
    changed = update(heads).where(heads.c.question_id == question_id)
    connection.execute(changed.values(folder_hash=folder_hash, folder_number=number, conflict_yaml=None))
    know(connection, question_id, folder_hash)


def know(connection: Connection, question_id: str, folder_hash: str | None) -> None:
    """Take down that this text of a folder was dealt with: it is no edit when it turns up again."""
    if folder_hash is None:
        return
    is_it = (known_texts.c.question_id == question_id, known_texts.c.hash == folder_hash)
    if connection.execute(select(known_texts.c.hash).where(*is_it)).first() is None:
        connection.execute(insert(known_texts).values(question_id=question_id, hash=folder_hash))


def _move_head(connection: Connection, fresh: Fresh, number: int, now: datetime, *, known: bool, publish: bool) -> None:
    values: dict[str, Any] = {
        "topic_id": fresh.topic_id,
        "status": fresh.status,
        "head_number": number,
        "updated_at": now,
    }
    if publish:
        values["published_number"] = number if fresh.status == "published" else None
    if known:
        connection.execute(update(heads).where(heads.c.question_id == fresh.question_id).values(values))
    else:
        connection.execute(insert(heads).values(question_id=fresh.question_id, **values))


def _among(numbers: Mapping[str, int]) -> ColumnElement[bool]:
    """These revisions, and a few more of the same questions: SQLite has no index for a list of pairs."""
    return and_(revisions.c.question_id.in_(list(numbers)), revisions.c.number.in_(set(numbers.values())))


def _version(row: RowMapping) -> Version:
    kept = {name: row[name] for name in Version.__dataclass_fields__}
    return Version(**kept | {"author": _author(row)})


def _author(row: RowMapping) -> str:
    """Whoever saved it; the name of a person, or a phrase for what no person saved."""
    by_nobody = row["author_id"] is None and row["author"] == Origin.folder
    return phrase("the question folder") if by_nobody else str(row["author"])
