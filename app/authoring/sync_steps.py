"""Carries out what `sync` finds due: takes over what the folder says, writes what the database says, keeps conflicts.

Each batch of questions, and each file written, is a transaction of its own: a crash leaves both sides as they were or
as they are to be, and the next round goes on from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from app.accounts import audit
from app.accounts.service import Learner
from app.authoring.folder import Folder, Look
from app.authoring.folder_writes import Edit, FolderError, UnwritableError, topic_path, write
from app.authoring.live import entries_of
from app.authoring.models import Origin
from app.authoring.publishing import publish
from app.authoring.revisions import Fresh, Version, agree, heads, known_texts, placed_hash, revisions, save
from app.authoring.single import with_status
from app.authoring.sync import Standing, Step, in_turns, ours_as_text
from app.bank.catalog import Bank, Entry
from app.bank.schema import Status
from app.db import Database
from app.practice.frozen import freeze

_NAMED = 50  # questions that an audit line names
_DUE = (Step.agree, Step.pull, Step.conflict)
_LEFT = (Step.unsure, Step.elsewhere)


@dataclass(frozen=True)
class Pulled:
    """Ids: taken over from the folder, retired because the folder has them no more, and newly in conflict."""

    taken: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.taken or self.retired)


@dataclass(frozen=True)
class Pushed:
    """Ids written to the folder, and why others could not be."""

    written: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


def pull(
    db: Database, folder: Folder, look: Look, found: Sequence[Standing], now: datetime, by: Learner | None = None
) -> Pulled:
    """Of what was `found`, take over what only the folder has changed, and keep what both have changed as conflicts."""
    due = [it for it in found if _needs_pull(it)]
    taken: list[str] = []
    retired: list[str] = []
    conflicts: list[str] = []
    for turn in in_turns(due):
        yaml_of = folder.yaml_of([it.folder for it in turn if it.folder is not None])
        with db.write() as connection:
            still = _untouched(connection, turn)
            new = [it for it in still if it.head_number is None and it.question_id in yaml_of]
            _insert(connection, new, yaml_of, look.bank, now)
            changed = [it for it in still if it.head_number is not None and it.step is Step.pull]
            seen = entries_of([it.ours for it in changed if it.folder is None and it.ours is not None], look.bank)
            freeze(connection, [entry for entry in seen.values() if entry.is_published])
            followed = [it.question_id for it in changed if _follow(connection, it, yaml_of, seen, look.bank, by, now)]
            gone = {it.question_id for it in changed if it.folder is None}
            taken += [it.question_id for it in new] + [name for name in followed if name not in gone]
            retired += [name for name in followed if name in gone]
            conflicts += [it.question_id for it in still if _note(connection, it, yaml_of)]
            _record_pull(connection, by, now, [it.question_id for it in new] + followed)
    return Pulled(tuple(taken), tuple(retired), tuple(conflicts))


def push(
    db: Database, folder: Folder, look: Look, found: Sequence[Standing], now: datetime, by: Learner | None = None
) -> Pushed:
    """Of what was `found`, write to the folder what only the database has changed, or the folder has not heard of."""
    due = [it for it in found if it.step in (Step.push, Step.behind)]
    written: list[str] = []
    refused: list[tuple[str, str]] = []
    for it in due:
        try:
            push_one(db, folder, look, it, now, by)
            written.append(it.question_id)
        except FolderError as error:
            refused.append((it.question_id, str(error)))
    return Pushed(tuple(written), tuple(refused))


def push_one(db: Database, folder: Folder, look: Look, it: Standing, now: datetime, by: Learner | None) -> None:
    """Write one question. Raises FolderError where that can't be; then the database keeps it as not written yet.

    In another topic's file it is written first and then taken out of its old one, so that a crash never loses it; the
    next round finds it in both and goes on (`sync`).
    """
    topic = look.bank.topics.get(it.ours.topic_id) if it.ours else None
    if it.ours is None or topic is None:
        raise UnwritableError(f"there is no topic '{it.ours.topic_id if it.ours else ''}'")
    yaml = ours_as_text(it.ours)
    at_home = it.folder is not None and it.folder.path == topic_path(folder.root, topic)
    write(folder.root, topic, Edit(it.question_id, yaml, it.folder_hash if at_home else None))
    if it.folder is not None and not at_home and it.folder.topic_id in look.bank.topics:
        write(folder.root, look.bank.topics[it.folder.topic_id], Edit(it.question_id, None, it.folder_hash))
    with db.write() as connection:
        agree(connection, it.question_id, placed_hash(topic.id, yaml), it.ours.number)
        audit.record(connection, by, now, "bank.push", it.question_id, revision=it.ours.number)


def _needs_pull(it: Standing) -> bool:
    return it.step in _DUE or (it.conflict_yaml is not None and it.step not in _LEFT)


def _untouched(connection: Connection, turn: Sequence[Standing]) -> list[Standing]:
    """Those that nobody has saved since they were looked at."""
    query = select(heads.c.question_id, heads.c.head_number)
    names = [it.question_id for it in turn]
    now_at = {
        row.question_id: row.head_number for row in connection.execute(query.where(heads.c.question_id.in_(names)))
    }
    return [it for it in turn if now_at.get(it.question_id) == it.head_number]


def _insert(
    connection: Connection, new: Sequence[Standing], yaml_of: dict[str, str], bank: Bank, now: datetime
) -> None:
    """Revision 1 of questions that the database does not know: all of them on the first start."""
    if not new:
        return
    rows, standing = [], []
    for it in new:
        entry = bank.questions[it.question_id]
        status = entry.question.status.value
        rows.append(
            {
                "question_id": it.question_id, "number": 1, "topic_id": entry.topic.id, "status": status,
                "yaml": yaml_of[it.question_id], "hash": entry.hash, "author": Origin.folder.value,
                "origin": Origin.folder.value, "note": "", "created_at": now,
            }
        )  # fmt: skip
        standing.append(
            {
                "question_id": it.question_id, "topic_id": entry.topic.id, "status": status, "head_number": 1,
                "published_number": 1 if entry.is_published else None, "folder_hash": it.folder_hash,
                "folder_number": 1, "updated_at": now,
            }
        )  # fmt: skip
    connection.execute(insert(revisions), rows)
    connection.execute(insert(heads), standing)
    connection.execute(insert(known_texts), [{"question_id": it.question_id, "hash": it.folder_hash} for it in new])


def _follow(
    connection: Connection,
    it: Standing,
    yaml_of: dict[str, str],
    seen: Mapping[str, Entry],
    bank: Bank,
    by: Learner | None,
    now: datetime,
) -> bool:
    """A revision more that says what the folder says. False where the file has changed again: next time."""
    if it.folder is None and it.ours is not None:
        fresh = _without(it.ours, seen.get(it.question_id))
    elif it.folder is not None and it.question_id in yaml_of:
        entry = bank.questions[it.question_id]
        yaml = yaml_of[it.question_id]
        fresh = Fresh(it.question_id, entry.topic.id, entry.question.status.value, yaml, entry.hash, Origin.folder)
    else:
        return False
    if fresh.status == Status.published:
        made = publish(
            connection, bank, entry, fresh, by, now, base_number=it.head_number, memories=None
        ).version  # with what that does to memories and answers
    else:
        made = save(connection, fresh, by, now, base_number=it.head_number, publish=True)
    agree(connection, it.question_id, it.folder_hash, made.number)
    return True


def _without(ours: Version, seen: Entry | None) -> Fresh:
    """What becomes of a question that the folder has no more: retired, its text kept."""
    yaml = with_status(ours.yaml, Status.retired)
    digest = None
    if seen is not None:
        digest = replace(seen, question=seen.question.model_copy(update={"status": Status.retired})).hash
    return Fresh(ours.question_id, ours.topic_id, Status.retired.value, yaml, digest, Origin.folder)


def _note(connection: Connection, it: Standing, yaml_of: dict[str, str]) -> bool:
    """Take down an agreement, a conflict, or the end of one. True for a conflict that was not known."""
    if it.step is Step.agree and it.ours is not None:
        agree(connection, it.question_id, it.folder_hash, it.ours.number)
        return False
    theirs = yaml_of.get(it.question_id, "") if it.step is Step.conflict else None
    if it.step is Step.pull or theirs == it.conflict_yaml:
        return False
    connection.execute(update(heads).where(heads.c.question_id == it.question_id).values(conflict_yaml=theirs))
    return theirs is not None and it.conflict_yaml is None


def _record_pull(connection: Connection, by: Learner | None, now: datetime, names: Sequence[str]) -> None:
    if names:
        audit.record(connection, by, now, "bank.pull", "", count=len(names), questions=list(names[:_NAMED]))
