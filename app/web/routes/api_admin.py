"""The JSON API of the bank's keepers: a question's text, saving, publishing, retiring, bringing back."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Response
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import Connection

from app.accounts import audit
from app.accounts.models import Role
from app.authoring import changes, desk, gate_runs, revisions
from app.authoring.desk import MAX_NOTE, Unsound, Writing, topic_of
from app.authoring.gate import Asked
from app.authoring.gate_record import GateFinding, GateRecord, GateRefused, Reason, Waiver, gate_record
from app.authoring.interviews import require_drawable, taken_away
from app.authoring.publishing import Memories, foreseen, publish, restore, retire
from app.authoring.revisions import Fresh, Head, StaleBase, Version
from app.authoring.single import MAX_TEXT_BYTES, read_single, with_status
from app.bank.catalog import Entry
from app.bank.schema import Status
from app.bank.schema.blueprint import Blueprint
from app.errors import N_, Conflict, Invalid, NotFound, Unavailable
from app.errors import Problem as Failure
from app.web import failures, newsroom
from app.web.routes.api import MAX_ID, Problem, QuestionId, api_router
from app.web.routes.api import Body as Strict
from app.web.services import Here, Visit


def keepers_only(visit: Here) -> None:
    """Before the body is read: who may not be here learns nothing of what was wrong with it."""
    visit.require(Role.editor)


router = api_router("/api/admin/questions", dependencies=[Depends(keepers_only)])
LOOK_S = 0.1
LONGEST_CHECK_S = 300.0  # then the asker is told to ask again; the check goes on
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Note = Annotated[str, StringConstraints(max_length=MAX_NOTE, pattern=r"^[^\x00]*$")]  # PostgreSQL keeps no NUL


class RevisionLine(BaseModel):
    number: int
    status: str
    author: str
    origin: str
    note: str
    created_at: datetime
    hash: str


class QuestionText(BaseModel):
    """A question's newest text. `hash` names it: it is what a change of it is based on.

    `published` is the number of the revision that learners see, `conflict` the folder's text while folder and database
    have both changed ("" where the folder removed it).
    """

    id: str
    topic: str
    yaml: str
    hash: str
    status: str
    published: int | None
    conflict: str | None
    revisions: list[RevisionLine]


class Saved(Strict):
    """`base_hash` is that of the text you started from, null for a new question, which needs its `topic`. A sound text
    is kept as ready; with `draft` any text is kept. Learners see nothing of it until it is published."""

    yaml: str = Field(max_length=MAX_TEXT_BYTES)
    base_hash: Hash | None
    note: Note = ""
    topic: str | None = Field(default=None, max_length=80)
    draft: bool = False


class WaiverGiven(Strict):
    """`finding` is the key of what was found."""

    finding: str = Field(max_length=64)
    reason: Reason


class Publish(Strict):
    """`hash` is that of the text to publish, which must be the newest. `memories` of learners are `keep` or `reset`; as
    proposed if you don't say. `regrade` false leaves the answers given so far as they were marked."""

    hash: Hash
    memories: Literal["keep", "reset"] | None = None
    note: Note | None = None
    waivers: list[WaiverGiven] = Field(default=[], max_length=100)
    regrade: bool = True


class PublishedQuestion(BaseModel):
    """Learners' memories that were kept or made new, answers that got another mark, those that can't be marked by
    the new text, and solutions in code that are sent to be graded again."""

    id: str
    number: int
    hash: str
    kept: int
    reset: int
    regraded: int
    unmarked: int
    sent: int


class Retire(Strict):
    """With `hash`, only if that is still the newest text."""

    hash: Hash | None = None
    note: Note = ""


class Restore(Strict):
    """`number` of the revision whose text becomes the newest draft."""

    number: int = Field(ge=1, le=MAX_ID)
    hash: Hash | None = None
    note: Note = ""


class ChangedField(BaseModel):
    field: str
    before: Any
    after: Any
    is_meaning: bool


class Changes(BaseModel):
    """What publishing the newest text would do; `proposal` for learners' memories is `keep` or `reset`.

    `interviews` could no longer be drawn; while there is one, publishing is refused.
    """

    fields: list[ChangedField]
    proposal: str
    learners: int
    regraded: int
    unmarked: int
    sent: int
    interviews: list[str]


class StaleProblem(Problem):
    """`yaml` and `hash` are of the newest text, where there is a newer one than yours."""

    yaml: str | None = None
    hash: str | None = None


class SaidFinding(BaseModel):
    """One fault, in the reader's language. `key` names it whatever the language."""

    key: str
    line: int
    column: int
    where: str
    message: str
    mend: str


class FindingsProblem(Problem):
    """What is wrong with the text, each with its place in it; none where the request itself could not be read."""

    findings: list[SaidFinding] = Field(default=[])


_JSON: dict[str, Any] = {"application/problem+json": {}}
REFUSALS: dict[int | str, dict[str, Any]] = {
    409: {"model": StaleProblem, "content": _JSON},
    422: {"model": FindingsProblem, "content": _JSON},
}


@router.get("/{question_id}")
def text(visit: Here, question_id: QuestionId) -> QuestionText:
    """The newest text of a question, with its history. For editors, as everything here."""
    visit.require(Role.editor)
    with visit.read() as connection:
        return _text(connection, question_id)


@router.get("/{question_id}/changes")
def would_change(visit: Here, question_id: QuestionId) -> Changes:
    """What publishing the newest text would change for learners. 422 where it can't be read."""
    visit.require(Role.editor)
    with visit.read() as connection:
        head, newest = _newest(connection, question_id)
        entry = _entry(visit, question_id, head.topic_id, with_status(newest.yaml, Status.published))
        told = changes.impact(connection, visit.services.bank, entry)
    fields = [
        ChangedField(field=it.name, before=it.before, after=it.after, is_meaning=it.is_meaning) for it in told.fields
    ]
    counts = {name: getattr(told, name) for name in ("learners", "regraded", "unmarked", "sent")}
    interviews = [it.id for it in taken_away(_blueprints(visit), visit.services.bank, {question_id: entry})]
    return Changes(fields=fields, proposal=told.proposal.value, interviews=interviews, **counts)


@router.put("/{question_id}", responses=REFUSALS, response_model=QuestionText)
def save(visit: Here, question_id: QuestionId, body: Saved) -> QuestionText | Response:
    """Save a text on top of the one it is based on; 409 with the newest if that is another by now."""
    me = visit.require(Role.editor)
    bank = visit.services.bank
    try:
        with visit.write() as connection:
            known = revisions.head(connection, question_id)
            base_number = _based(connection, known, body.base_hash) if known or body.base_hash else None
            topic_id = body.topic or (known.topic_id if known else "")
            writing = Writing(question_id, topic_id, base_number, body.yaml)
            kept: desk.Kept = "draft" if body.draft else "ready"
            saved, _ = desk.revise(connection, writing, kept, body.note, bank, me, visit.now)
            audit.record(connection, me, visit.now, f"question.{kept}", question_id, revision=saved.number)
            return _text(connection, question_id)
    except StaleBase as stale:
        return _stale(visit, stale)
    except Unsound as unsound:
        return _refusal(visit, unsound, gate_record(unsound.single.findings))


@router.post("/{question_id}/publish", responses=REFUSALS, response_model=PublishedQuestion)
def make_public(visit: Here, question_id: QuestionId, body: Publish) -> PublishedQuestion | Response:
    """Publish the newest text once it has passed the gate, which may take a minute; 422 with what the gate found."""
    me = visit.require(Role.editor)
    bank = visit.services.bank
    waivers = [Waiver(finding=it.finding, reason=it.reason) for it in body.waivers]
    try:
        with visit.read() as connection:
            head, newest = _newest(connection, question_id)
            _based(connection, head, body.hash)
        if head.published_number == head.head_number:
            raise Conflict(N_("This text is published already."))
        yaml = with_status(newest.yaml, Status.published)
        record = _checked(visit, Asked(question_id, topic_of(bank, head.topic_id), yaml), waivers)
        if not record.lets_through:
            raise GateRefused(record)
        entry = _entry(visit, question_id, head.topic_id, yaml)
        require_drawable(_blueprints(visit), bank, {question_id: entry})
        note = newest.note if body.note is None else body.note
        fresh = Fresh(
            question_id, head.topic_id, Status.published, yaml, entry.hash, note=note, gate=record.model_dump()
        )
        with visit.read() as connection:
            marks = foreseen(connection, bank, entry) if body.regrade else None
        with visit.write() as connection:
            done = publish(
                connection,
                bank,
                entry,
                fresh,
                me,
                visit.now,
                base_number=newest.number,
                memories=Memories(body.memories) if body.memories else None,
                regrades=body.regrade,
                foreseen=marks,
            )
    except StaleBase as stale:
        return _stale(visit, stale)
    except GateRefused as refused:
        return _refusal(visit, refused, refused.record)
    newsroom.announce(visit.services, {question_id: done.entry})
    counts = {name: getattr(done, name) for name in ("kept", "reset", "regraded", "unmarked", "sent")}
    return PublishedQuestion(id=question_id, number=done.version.number, hash=done.version.text_hash, **counts)


@router.post("/{question_id}/retire", responses=REFUSALS, response_model=QuestionText)
def take_away(visit: Here, question_id: QuestionId, body: Retire) -> QuestionText | Response:
    """Take a question from learners; what they remember of it is kept. 409 where an interview could not do without."""
    me = visit.require(Role.editor)
    require_drawable(_blueprints(visit), visit.services.bank, {question_id: None})
    try:
        with visit.write() as connection:
            head, newest = _newest(connection, question_id)
            base_number = _based(connection, head, body.hash or newest.text_hash)
            gone = retire(
                connection, visit.services.bank, question_id, me, visit.now, base_number=base_number, note=body.note
            )
            said = _text(connection, question_id)
    except StaleBase as stale:
        return _stale(visit, stale)
    newsroom.announce(visit.services, {question_id: gone.entry})
    return said


@router.post("/{question_id}/restore", responses=REFUSALS, response_model=QuestionText)
def bring_back(visit: Here, question_id: QuestionId, body: Restore) -> QuestionText | Response:
    """Make the text of an old revision the newest draft."""
    me = visit.require(Role.editor)
    bank = visit.services.bank
    try:
        with visit.write() as connection:
            head, newest = _newest(connection, question_id)
            base_number = _based(connection, head, body.hash or newest.text_hash)
            restore(connection, bank, question_id, body.number, me, visit.now, base_number=base_number, note=body.note)
            return _text(connection, question_id)
    except StaleBase as stale:
        return _stale(visit, stale)


def _blueprints(visit: Visit) -> Iterable[Blueprint]:
    return visit.services.blueprints.values()


def _newest(connection: Connection, question_id: str) -> tuple[Head, Version]:
    head = revisions.head(connection, question_id)
    if head is None:
        raise NotFound(N_("There is no question with this name."))
    return head, revisions.version(connection, question_id, head.head_number)


def _based(connection: Connection, head: Head | None, base_hash: str | None) -> int:
    """The number of the newest revision, if that is the text of this hash; else StaleBase."""
    if head is None:
        raise NotFound(N_("There is no question with this name."))
    newest = revisions.version(connection, head.question_id, head.head_number)
    if newest.text_hash != base_hash:
        raise StaleBase(newest)
    return newest.number


def _text(connection: Connection, question_id: str) -> QuestionText:
    head, newest = _newest(connection, question_id)
    lines = [
        RevisionLine(
            hash=it.text_hash,
            **{name: getattr(it, name) for name in ("number", "status", "author", "origin", "note", "created_at")},
        )
        for it in revisions.history(connection, question_id)
    ]
    return QuestionText(
        id=question_id,
        topic=head.topic_id,
        yaml=newest.yaml,
        hash=newest.text_hash,
        status=head.status,
        published=head.published_number,
        conflict=head.conflict_yaml,
        revisions=lines,
    )


def _entry(visit: Visit, question_id: str, topic_id: str, yaml: str) -> Entry:
    bank = visit.services.bank
    single = read_single(yaml, topic_of(bank, topic_id), bank)
    if single.entry is None:
        raise Invalid(N_("The text of %(name)s can't be read."), name=question_id)
    return single.entry


def _checked(visit: Visit, asked: Asked, waivers: list[Waiver]) -> GateRecord:
    """What the gate says of the text: what it said before, or now, which this thread waits for."""
    with visit.write() as connection:
        run = gate_runs.finished(connection, asked) or gate_runs.ask(connection, asked, visit.me, visit.now)
    if not run.is_over:
        visit.services.gate.expect(run.id)
    deadline = time.monotonic() + LONGEST_CHECK_S
    while not run.is_over:
        if time.monotonic() > deadline:
            raise Unavailable(
                N_("The checks of this question take long."), N_("Nothing was published. Ask again in a few minutes.")
            )
        time.sleep(LOOK_S)
        run = visit.services.gate.state(run.id)
    return gate_runs.record_of(run, waivers)


def _stale(visit: Visit, stale: StaleBase) -> Response:
    return _problem(visit, stale, yaml=stale.head.yaml, hash=stale.head.text_hash)


def _refusal(visit: Visit, refused: Failure, record: GateRecord) -> Response:
    return _problem(visit, refused, findings=[_said(visit, it).model_dump() for it in record.standing])


def _said(visit: Visit, it: GateFinding) -> SaidFinding:
    where, message, mend = map(visit.words.say, (it.where, it.message, it.mend))
    return SaidFinding(key=it.key, line=it.line, column=it.column, where=where, message=message, mend=mend)


def _problem(visit: Visit, failure: Failure, **more: object) -> Response:
    words = visit.words
    detail = words.gettext(failure.message, **failure.params)
    return failures.answer(
        visit, failure.status, words.gettext(failure.title), detail, words.gettext(failure.advice), **more
    )
