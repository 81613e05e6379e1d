"""Questions that folder and database have both changed: both texts, and the decision between them.

A decision makes the folder's text the one that was agreed on last, so that the database's, being newer, is written
there next. Should the folder have changed once more meanwhile, that is a conflict again, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from app.accounts import audit
from app.accounts.service import Learner
from app.authoring.folder import Folder
from app.authoring.live import entries_of
from app.authoring.publishing import publish
from app.authoring.revisions import Fresh, Version, agree, head, heads, know, placed_hash, save
from app.authoring.single import read_single, tidy, with_status
from app.authoring.sync import Standing, Step, ours_as_text, versions
from app.bank.catalog import Bank, Entry
from app.bank.findings import Finding
from app.bank.schema import Status
from app.errors import N_, Conflict, Invalid, NotFound
from app.practice.frozen import freeze

CONFLICTS = (Step.conflict, Step.elsewhere)


@dataclass(frozen=True)
class Clash:
    """Both sides of a question. `folder_yaml` is "" where the folder removed it; `base_yaml` what both said before."""

    question_id: str
    folder_topic_id: str
    folder_yaml: str
    folder_hash: str | None
    ours: Version
    base_yaml: str
    head_number: int

    @property
    def ours_yaml(self) -> str:
        return ours_as_text(self.ours)


class UnsoundText(Invalid):
    """The text chosen has faults; `findings` are placed in it."""

    title = N_("This text has faults")

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(N_("The text can't be taken as it stands."))
        self.findings = tuple(findings)


def clash(connection: Connection, folder: Folder, standings: Iterable[Standing], question_id: str) -> Clash:
    """The conflict as it stands. Raises NotFound where there is none, or no more."""
    known = head(connection, question_id)
    it = next((it for it in standings if it.question_id == question_id and it.step in CONFLICTS), None)
    ours = it.ours if it else None
    if known is None or it is None or ours is None:
        raise NotFound(N_("Folder and database agree about this question."), N_("There is nothing left to do."))
    if it.step is Step.elsewhere:  # that folder is another machine's: its text is what was taken down of it
        topic_id, yaml = ours.topic_id, it.conflict_yaml or ""
        digest = placed_hash(topic_id, yaml) if yaml else None
    else:
        topic_id, digest = (it.folder.topic_id if it.folder else ours.topic_id), it.folder_hash
        yaml = folder.yaml_of([it.folder]).get(question_id, "") if it.folder else ""
    base = versions(connection, [(question_id, known.folder_number)]) if known.folder_number else {}
    return Clash(
        question_id=question_id,
        folder_topic_id=topic_id,
        folder_yaml=yaml,
        folder_hash=digest,
        ours=ours,
        base_yaml=base[question_id].yaml if question_id in base else "",
        head_number=known.head_number,
    )


def take_ours(connection: Connection, it: Clash, by: Learner | None, now: datetime) -> None:
    """The database's text stands, and is to be written to the folder."""
    _end(connection, it)
    audit.record(connection, by, now, "bank.resolve", it.question_id, taken="database")


def take_theirs(connection: Connection, bank: Bank, it: Clash, by: Learner | None, now: datetime) -> None:
    """The folder's text stands; where the folder removed the question, it is retired."""
    if it.folder_hash is not None:
        _take(connection, bank, it, it.folder_yaml, it.folder_topic_id, by, now)
    else:
        yaml = with_status(it.ours.yaml, Status.retired)
        fresh = Fresh(it.question_id, it.ours.topic_id, Status.retired.value, yaml, None)
        freeze(connection, [entry for entry in entries_of([it.ours], bank).values() if entry.is_published])
        made = save(connection, fresh, by, now, base_number=it.head_number, publish=True)
        agree(connection, it.question_id, None, made.number)
    audit.record(connection, by, now, "bank.resolve", it.question_id, taken="folder")


def take_merged(connection: Connection, bank: Bank, it: Clash, yaml: str, by: Learner | None, now: datetime) -> None:
    """A third text stands, made of both. Raises UnsoundText."""
    text = tidy(yaml)
    if _sound(bank, it.question_id, text, it.ours.topic_id).question.status not in (Status.published, Status.retired):
        raise Invalid(N_("Decide on a text that is published or retired: a draft is not written to the folder."))
    _take(connection, bank, it, text, it.ours.topic_id, by, now)
    audit.record(connection, by, now, "bank.resolve", it.question_id, taken="merged")


def _take(
    connection: Connection, bank: Bank, it: Clash, yaml: str, topic_id: str, by: Learner | None, now: datetime
) -> None:
    entry = _sound(bank, it.question_id, yaml, topic_id)
    fresh = Fresh(it.question_id, topic_id, entry.question.status.value, yaml, entry.hash)
    if entry.is_published:
        made = publish(connection, bank, entry, fresh, by, now, base_number=it.head_number, memories=None).version
    else:
        freeze(connection, [seen for seen in entries_of([it.ours], bank).values() if seen.is_published])
        made = save(connection, fresh, by, now, base_number=it.head_number, publish=True)
    if placed_hash(topic_id, yaml) == it.folder_hash:
        agree(connection, it.question_id, it.folder_hash, made.number)
    else:
        _end(connection, it)


def _sound(bank: Bank, question_id: str, yaml: str, topic_id: str) -> Entry:
    topic = bank.topics.get(topic_id)
    if topic is None:
        raise Conflict(N_("There is no topic with this name any more."))
    single = read_single(yaml, topic, bank)
    if single.findings or single.entry is None:
        raise UnsoundText(single.findings)
    if single.entry.question.id != question_id:
        raise Invalid(N_("A question keeps its id."))
    return single.entry


def _end(connection: Connection, it: Clash) -> None:
    ended = update(heads).where(heads.c.question_id == it.question_id)
    connection.execute(ended.values(folder_hash=it.folder_hash, conflict_yaml=None))
    know(connection, it.question_id, it.folder_hash)
