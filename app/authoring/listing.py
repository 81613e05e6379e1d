"""Every question that the keepers have, in one list: the bank's, and those that only the database holds as drafts.

What is said of a question is what its newest revision says. The list is kept in memory and made anew when the bank or
the database has moved on; texts of drafts are read once each.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from app.authoring.revisions import heads, revisions, versions
from app.bank.catalog import Bank, Entry, folded
from app.bank.present import as_title, title
from app.bank.schema import KINDS, Lang, Topic
from app.bank.yaml_source import read

STATUSES = ("draft", "ready", "published", "retired")
SORTS = ("id", "topic", "kind", "difficulty", "status", "changed")
_BATCH = 400  # heads read with one query
_NEVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the text of a revision says as far as it can be read; a draft need not be sound."""

    kind: str
    difficulty: int
    tags: tuple[str, ...]
    prompt: tuple[str, str]  # en, zh
    searchable: tuple[str, str]  # as `catalog.Entry.searchable`


@dataclass(frozen=True, slots=True)
class Row:
    """One question. `entry` is the bank's, if it is there; `draft` the newest text, where that is another one.

    `number` is the newest revision's, None for a question that was never taken into the database. `status` is the
    newest revision's, too; `is_published` tells whether learners see the question, `is_newer` that they see another
    revision than the newest. `is_conflict`: folder and database have both changed it.
    """

    question_id: str
    topic_id: str
    topic: Topic | None
    area_id: str
    kind: str
    difficulty: int
    tags: tuple[str, ...]
    status: str
    number: int | None
    is_published: bool
    is_newer: bool
    is_conflict: bool
    changed_at: datetime | None
    entry: Entry | None
    draft: Draft | None
    text: str  # all of `searchable`: most rows are passed over by one look into it

    @property
    def searchable(self) -> tuple[str, str]:
        return _searchable(self.draft or self.entry)

    def title(self, lang: Lang) -> str:
        if self.draft is not None:
            return as_title(self.draft.prompt[lang == "zh"] or self.draft.prompt[lang != "zh"]) or self.question_id
        return title(self.entry, lang) if self.entry else self.question_id


@dataclass(frozen=True)
class Wanted:
    """What is looked for; "" is anything. `status` may be `newer` or `conflict`, too; `sort` a name of SORTS,
    with a minus before it for the other way round, or "" for the order of the topic map, or of the search."""

    words: str = ""
    area: str = ""
    topic: str = ""
    kind: str = ""
    difficulty: str = ""
    status: str = ""
    tag: str = ""
    sort: str = ""


class Listing:
    """The list, kept, and after a change made anew where something moved. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bank: Bank | None = None
        self._stamp = _Stamp(0, frozenset())
        self._heads: dict[str, _Head] = {}
        self._drafts: dict[str, tuple[int, Draft]] = {}  # with the number of the revision that says so
        self._row_of: dict[str, Row] = {}
        self._rows: tuple[Row, ...] = ()
        self._tags: list[str] = []

    def tags(self) -> list[str]:
        """Every tag of the list as it was asked for last."""
        return self._tags

    def rows(self, connection: Connection, bank: Bank) -> tuple[Row, ...]:
        """Every question, in the order of the topic map."""
        with self._lock:
            stamp = _stamp(connection)
            if bank is not self._bank or stamp != self._stamp:
                self._follow(connection, bank, stamp)
            return self._rows

    def _follow(self, connection: Connection, bank: Bank, stamp: _Stamp) -> None:
        """Make the rows anew that are made of something else now, and put all in order."""
        before, self._bank = self._bank, None  # should this fail half-way, the next one begins with nothing
        if before is None or stamp.newest < self._stamp.newest:  # the latter in a transaction begun before the last
            before, self._heads, self._drafts, self._row_of = None, _heads(connection), {}, {}
            moved = set(self._heads)
        else:
            moved = _moved(connection, self._stamp, stamp)
            self._heads |= _heads(connection, moved)
        if before is not None and before.topics is bank.topics:
            changed = moved | _changed(before, bank)
        else:
            changed = {*self._row_of, *self._heads, *bank.questions}
        self._read_drafts(connection, bank, changed)
        for name in changed:
            entry, head = bank.questions.get(name), self._heads.get(name)
            if entry is None and head is None:
                self._row_of.pop(name, None)
            else:
                _, draft = self._drafts.get(name, (0, None))
                self._row_of[name] = _row(bank, entry, head, draft)
        self._rows = tuple(self._in_order(bank))
        self._tags = tags_of(self._rows)
        self._bank, self._stamp = bank, stamp

    def _in_order(self, bank: Bank) -> list[Row]:
        place = {topic_id: place for place, topic_id in enumerate(bank.topics)}
        names = [*bank.questions, *sorted(self._heads.keys() - bank.questions.keys())]
        return sorted((self._row_of[name] for name in names), key=lambda row: place.get(row.topic_id, len(place)))

    def _read_drafts(self, connection: Connection, bank: Bank, changed: Iterable[str]) -> None:
        """Read the texts of those that the bank does not have; forget those that are no longer the newest."""
        missing: dict[str, int] = {}
        for name in changed:
            head = self._heads.get(name)
            if head is None or (head.is_live and name in bank.questions):
                self._drafts.pop(name, None)
            elif name not in self._drafts or self._drafts[name][0] != head.number:
                missing[name] = head.number
        for name, version in versions(connection, missing).items():
            topic = bank.topics.get(version.topic_id)
            self._drafts[name] = version.number, read_draft(name, version.yaml, topic, bank)


def found(rows: Sequence[Row], wanted: Wanted) -> list[Row]:
    """The rows that fit, in the order that is wanted."""
    filters = replace(wanted, words="", sort="")
    fitting = [row for row in rows if _fits(row, wanted)] if filters != Wanted() else list(rows)
    if wanted.words.strip():
        fitting = _searched(fitting, wanted.words)
    name = wanted.sort.removeprefix("-")
    if name in _KEYS:
        fitting.sort(key=_KEYS[name], reverse=wanted.sort.startswith("-"))
    return fitting


def tags_of(rows: Iterable[Row]) -> list[str]:
    """Every tag that some question has."""
    return sorted({tag for row in rows for tag in row.tags})


def read_draft(question_id: str, yaml: str, topic: Topic | None, bank: Bank) -> Draft:
    """What a text says as far as it can be read."""
    data = read(yaml.encode()).data
    said = data if isinstance(data, dict) else {}
    kind, difficulty, tags, prompt = (said.get(name) for name in ("kind", "difficulty", "tags", "prompt"))
    texts = tuple(_text(prompt.get(lang)) if isinstance(prompt, dict) else "" for lang in ("en", "zh"))
    words = tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()
    names = [question_id, question_id.replace("-", " ")]
    names += [topic.id, topic.title.en, topic.title.zh] if topic else []
    area = bank.area(topic.area).title if topic else None
    body = [*texts, *((area.en, area.zh) if area else ()), *words]
    return Draft(
        kind=kind if isinstance(kind, str) and kind in KINDS else "",
        difficulty=difficulty if isinstance(difficulty, int) and 1 <= difficulty <= 5 else 0,
        tags=words,
        prompt=(texts[0], texts[1]),
        searchable=(folded("\n".join(names)), folded("\n".join(body))),
    )


class _Head(NamedTuple):
    question_id: str
    topic_id: str
    status: str
    number: int
    published_number: int | None
    is_conflict: bool
    changed_at: datetime

    @property
    def is_live(self) -> bool:
        """Whether the newest revision is the one that learners see."""
        return self.number == self.published_number


class _Stamp(NamedTuple):
    """Another one whenever something was saved: revisions are only added, and no head moves without one.

    A conflict comes and goes without a revision, so those are told by name.
    """

    newest: int
    in_conflict: frozenset[str]


def _stamp(connection: Connection) -> _Stamp:
    newest = connection.execute(select(func.max(revisions.c.id))).scalar()
    conflicts = connection.execute(select(heads.c.question_id).where(heads.c.conflict_yaml.is_not(None)))
    return _Stamp(newest or 0, frozenset(conflicts.scalars()))


def _moved(connection: Connection, before: _Stamp, now: _Stamp) -> set[str]:
    """The questions whose heads have moved."""
    saved = connection.execute(select(revisions.c.question_id).where(revisions.c.id > before.newest))
    return {*saved.scalars(), *(before.in_conflict ^ now.in_conflict)}


def _changed(before: Bank, bank: Bank) -> set[str]:
    """The questions whose entry is another one."""
    old, new = before.questions, bank.questions
    return {name for name in old.keys() | new.keys() if old.get(name) is not new.get(name)} if old is not new else set()


def _heads(connection: Connection, names: Iterable[str] | None = None) -> dict[str, _Head]:
    """Of these questions, or of all."""
    columns = (
        heads.c.question_id,
        heads.c.topic_id,
        heads.c.status,
        heads.c.head_number,
        heads.c.published_number,
        heads.c.conflict_yaml.is_not(None),
        heads.c.updated_at,
    )
    query = select(*columns)
    if names is None:
        return {row[0]: _Head(*row) for row in connection.execute(query)}
    wanted, found_ = list(names), dict[str, _Head]()
    for start in range(0, len(wanted), _BATCH):
        some = query.where(heads.c.question_id.in_(wanted[start : start + _BATCH]))
        found_ |= {row[0]: _Head(*row) for row in connection.execute(some)}
    return found_


def _row(bank: Bank, entry: Entry | None, head: _Head | None, draft: Draft | None) -> Row:
    if head is None:
        if entry is None:
            raise ValueError("a row is of a question of the bank or of the database")
        topic_id, status, is_published = entry.topic.id, entry.question.status.value, entry.is_published
    else:
        topic_id, status, is_published = head.topic_id, head.status, head.published_number is not None
    topic = bank.topics.get(topic_id)
    said = draft or (entry.question if entry else None)
    return Row(
        question_id=entry.question.id if entry else head.question_id if head else "",
        topic_id=topic_id,
        topic=topic,
        area_id=topic.area if topic else "",
        kind=said.kind if said else "",
        difficulty=said.difficulty if said else 0,
        tags=said.tags if said else (),
        status=status,
        number=head.number if head else None,
        is_published=is_published,
        is_newer=is_published and head is not None and not head.is_live,
        is_conflict=head is not None and head.is_conflict,
        changed_at=head.changed_at if head else None,
        entry=entry,
        draft=draft,
        text="\n".join(_searchable(draft or entry)),
    )


def _searchable(said: Draft | Entry | None) -> tuple[str, str]:
    return said.searchable if said else ("", "")


def _fits(row: Row, wanted: Wanted) -> bool:
    return (
        (not wanted.area or row.area_id == wanted.area)
        and (not wanted.topic or row.topic_id == wanted.topic)
        and (not wanted.kind or row.kind == wanted.kind)
        and (not wanted.difficulty or str(row.difficulty) == wanted.difficulty)
        and (not wanted.tag or wanted.tag in row.tags)
        and (not wanted.status or _has_status(row, wanted.status))
    )


def _has_status(row: Row, status: str) -> bool:
    match status:
        case "published":
            return row.is_published
        case "newer":
            return row.is_newer
        case "conflict":
            return row.is_conflict
        case _:
            return row.status == status


def _searched(rows: Iterable[Row], text: str) -> list[Row]:
    """Those that hold every word, as `Bank.search` finds them: by id first, then by title, then by prompt."""
    words = folded(text).split()
    for word in sorted(words, key=len, reverse=True):  # the longest first: it leaves the fewest
        rows = [row for row in rows if word in row.text]
    ranks: tuple[list[Row], ...] = ([], [], [])
    for row in rows:
        if all(map(row.question_id.__contains__, words)):
            ranks[0].append(row)
        elif all(map(row.searchable[0].__contains__, words)):
            ranks[1].append(row)
        else:
            ranks[2].append(row)
    return [row for rank in ranks for row in rank]


_KEYS: dict[str, Callable[[Row], tuple[object, ...]]] = {
    "id": lambda row: (row.question_id,),
    "topic": lambda row: (row.topic_id, row.question_id),
    "kind": lambda row: (row.kind, row.question_id),
    "difficulty": lambda row: (row.difficulty, row.question_id),
    "status": lambda row: (row.status, row.question_id),
    "changed": lambda row: (row.changed_at or _NEVER, row.question_id),
}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
