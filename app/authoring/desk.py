"""What one person is writing on one question: begun on a revision, kept as they type, saved on top of the newest.

Keeps drafts of one's own (`EditDraft`) and turns them into revisions. What learners see is `publishing`'s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, Table, delete, insert, select

from app.accounts.service import Learner
from app.authoring import revisions
from app.authoring.models import EditDraft
from app.authoring.revisions import Fresh, Version
from app.authoring.single import MAX_TEXT_BYTES, Single, read_single, tidy, with_status
from app.bank.catalog import Bank
from app.bank.schema import Status, Topic
from app.errors import N_, Conflict, Invalid, NotFound, TooLarge

drafts: Table = EditDraft.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it


MAX_NOTE = 500
Kept = Literal["draft", "ready"]


@dataclass(frozen=True)
class Desk:
    """A question as one person finds it: their own unsaved draft where they have one, else its newest revision.

    `base_number` is the revision the text began with (None for a new question), `head` the newest one. `saved_at` is
    None where nothing is unsaved.
    """

    question_id: str
    topic_id: str
    yaml: str
    base_number: int | None
    head: Version | None
    published_number: int | None
    saved_at: datetime | None

    @property
    def is_stale(self) -> bool:
        """Whether somebody saved since this text was begun."""
        return self.base_number != (self.head.number if self.head else None)


@dataclass(frozen=True)
class Writing:
    """A text that somebody wants to keep."""

    question_id: str
    topic_id: str
    base_number: int | None
    yaml: str


def opened(connection: Connection, account_id: int, question_id: str) -> Desk:
    """Raises NotFound where there is neither a revision nor a draft of one's own."""
    known = revisions.head(connection, question_id)
    mine = draft(connection, account_id, question_id)
    newest = revisions.version(connection, question_id, known.head_number) if known else None
    if mine is None and newest is None:
        raise NotFound(N_("There is no question with this name."))
    yaml = mine.yaml if mine else newest.yaml if newest else ""
    return Desk(
        question_id=question_id,
        topic_id=newest.topic_id if newest else mine.topic_id if mine else "",
        yaml=yaml,
        base_number=mine.base_number if mine else newest.number if newest else None,
        head=newest,
        published_number=known.published_number if known else None,
        saved_at=mine.saved_at if mine else None,
    )


def draft(connection: Connection, account_id: int, question_id: str) -> EditDraft | None:
    """What this person has written and not saved."""
    query = select(drafts).where(drafts.c.account_id == account_id, drafts.c.question_id == question_id)
    row = connection.execute(query).mappings().first()
    return EditDraft(**row) if row else None


def keep(connection: Connection, account_id: int, writing: Writing, now: datetime) -> None:
    """Keep what somebody is writing, in place of what they wrote before. What the newest revision says is no draft.

    So what a page sends as it goes away can't come after its own save and pass for a change.
    """
    yaml = within_limits(writing.yaml)
    discard(connection, account_id, writing.question_id)
    known = revisions.head(connection, writing.question_id)
    if known:
        newest = revisions.version(connection, writing.question_id, known.head_number)
        if as_saved(yaml) == newest.yaml:
            return
    values = {
        "question_id": writing.question_id,
        "topic_id": writing.topic_id,
        "base_number": writing.base_number,
        "yaml": yaml,
    }
    connection.execute(insert(drafts).values(account_id=account_id, saved_at=now, **values))


def discard(connection: Connection, account_id: int, question_id: str) -> None:
    connection.execute(delete(drafts).where(drafts.c.account_id == account_id, drafts.c.question_id == question_id))


def begin(connection: Connection, account_id: int, writing: Writing, bank: Bank, now: datetime) -> None:
    """Begin a new question as a draft of one's own. Conflict where the name is taken."""
    question_id = writing.question_id
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", question_id) or len(question_id) > 80:
        raise Invalid(N_("A name has small letters, digits and single hyphens, at most 80."))
    taken = question_id in bank.questions or revisions.head(connection, question_id)
    if taken or draft(connection, account_id, question_id):
        raise Conflict(N_("There is a question named %(name)s already."), N_("Choose another name."), name=question_id)
    keep(connection, account_id, writing, now)


def save(
    connection: Connection, writing: Writing, status: Kept, note: str, bank: Bank, by: Learner, now: datetime
) -> tuple[Version, Single]:
    """Make a revision of the text and forget the draft; see `revise`."""
    saved, single = revise(connection, writing, status, note, bank, by, now)
    discard(connection, by.id, writing.question_id)
    return saved, single


def revise(
    connection: Connection, writing: Writing, status: Kept, note: str, bank: Bank, by: Learner, now: datetime
) -> tuple[Version, Single]:
    """Make a revision of the text. One that says what the newest revision says adds none.

    A draft need not be readable. Raises Unsound where a text that is to be ready has faults, StaleBase.
    """
    yaml = as_saved(within_limits(writing.yaml))
    single = read_single(yaml, topic_of(bank, writing.topic_id), bank)
    if single.entry and single.entry.question.id != writing.question_id:
        raise Invalid(N_("A question keeps its name: 'id' must stay %(name)s."), name=writing.question_id)
    if status == "ready" and (single.entry is None or single.findings):
        raise Unsound(single)
    hash_ = single.entry.hash if single.entry else None
    fresh = Fresh(writing.question_id, writing.topic_id, status, yaml, hash_, note=note.strip()[:MAX_NOTE])
    known = revisions.head(connection, writing.question_id)
    newest = revisions.version(connection, writing.question_id, known.head_number) if known else None
    says_nothing_new = newest and newest.yaml == yaml and newest.status in (status, "published")
    if newest and newest.number == writing.base_number and says_nothing_new:
        saved = newest
    else:
        saved = revisions.save(connection, fresh, by, now, base_number=writing.base_number, publish=False)
    return saved, single


class Unsound(Invalid):
    """A text with faults was to be ready. `single` has them."""

    title = N_("This text has faults")
    advice = N_("Nothing was lost. Mend what is marked, or save it as a draft.")

    def __init__(self, single: Single) -> None:
        super().__init__(N_("What is ready must be free of the faults below."))
        self.single = single


def within_limits(yaml: str) -> str:
    """The text, if it can be kept; TooLarge, or Invalid where it holds what no text holds."""
    try:
        size = len(yaml.encode())
    except UnicodeEncodeError:
        size = -1
    if size < 0 or "\0" in yaml:
        raise Invalid(N_("The text has characters that can't be kept."))
    if size > MAX_TEXT_BYTES:
        raise TooLarge(N_("A question has at most %(limit)d KiB."), limit=MAX_TEXT_BYTES // 1024)
    return yaml


def as_saved(yaml: str) -> str:
    """The text as a revision has it. What it says of its status is what it will say once it is published."""
    return with_status(tidy(yaml), Status.published)


def topic_of(bank: Bank, topic_id: str) -> Topic:
    try:
        return bank.topics[topic_id]
    except KeyError:
        raise NotFound(N_("There is no topic %(topic)s in the topic map."), topic=topic_id) from None
