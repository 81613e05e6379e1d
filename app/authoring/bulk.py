"""One change of many questions: what it would do to each, and doing it, all or nothing.

Owns which change is allowed where. Only what no answer depends on may change a published question at once: tags,
difficulty, topic. Its memories stay, and learners see it from then on; everything else is a revision like any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal, assert_never, get_args

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from app.accounts import audit
from app.accounts.service import Learner
from app.authoring import revisions
from app.authoring.listing import Row
from app.authoring.revisions import Fresh, Version
from app.authoring.single import with_status
from app.authoring.yaml_edit import rewritten
from app.authoring.yaml_wanted import CannotEdit
from app.bank.catalog import Bank, Entry
from app.bank.schema import Question, Status, Topic
from app.bank.yaml_source import read
from app.errors import N_, Conflict, Invalid, Problem
from app.practice import frozen

Action = Literal["add-tag", "remove-tag", "difficulty", "topic", "status"]
ACTIONS: tuple[Action, ...] = get_args(Action)
MOST = 500  # questions at once
_TAG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_question: TypeAdapter[Question] = TypeAdapter(Question)


class Moved(Conflict):
    """Some question has a newer revision than the one whose change was looked at."""

    title = N_("Somebody else changed one of these questions")
    advice = N_("Nothing was changed. Look at the list again and confirm it.")

    def __init__(self) -> None:
        super().__init__(N_("While you were looking, a question on this list was changed by somebody else."))


@dataclass(frozen=True)
class Order:
    """What is to be done: `value` is the tag, the difficulty, the topic or the status."""

    action: Action
    value: str


@dataclass(frozen=True)
class Step:
    """What becomes of one question: `before` -> `after`, or why it stays as it is (`refused`).

    `fresh` is the revision to save, `entry` what learners see from then on (None: they see no change or none at all),
    `publish` as for `revisions.save`.
    """

    row: Row
    before: str
    after: str
    refused: Problem | None = None
    fresh: Fresh | None = None
    entry: Entry | None = None
    publish: bool = False


@dataclass(frozen=True)
class Done:
    """`changes` are for the live bank."""

    question_ids: tuple[str, ...]
    changes: Mapping[str, Entry | None]


def order(action: str, value: str, bank: Bank) -> Order:
    """Raises Invalid for one that means nothing."""
    known: Action | None = next((it for it in ACTIONS if it == action), None)
    match known:
        case "add-tag" | "remove-tag":
            sound = len(value) <= 80 and bool(_TAG.fullmatch(value))
            fault = N_("A tag has small letters, digits and hyphens, such as “batch-norm”.")
        case "difficulty":
            sound, fault = value in ("1", "2", "3", "4", "5"), N_("A difficulty is a number from 1 to 5.")
        case "topic":
            sound, fault = value in bank.topics, N_("Choose the topic to move to.")
        case "status":
            sound, fault = value in ("draft", "ready", "retired"), N_("Choose what is to become of the questions.")
        case None:
            sound, fault = False, N_("Choose what is to become of the questions.")
        case _:
            assert_never(known)
    if not sound or known is None:
        raise Invalid(fault)
    return Order(known, value)


def plan(connection: Connection, bank: Bank, rows: Sequence[Row], what: Order) -> list[Step]:
    """What `what` would do to each; nothing is changed. Invalid for none or too many."""
    if not rows:
        raise Invalid(N_("Choose at least one question."))
    if len(rows) > MOST:
        raise Invalid(N_("At most %(most)s questions are changed at once: narrow the search."), most=MOST)
    texts = revisions.versions(connection, {row.question_id: row.number for row in rows if row.number})
    return [_step(bank, row, texts.get(row.question_id), what) for row in rows]


def changes_of(steps: Iterable[Step]) -> dict[str, Entry | None]:
    """What the steps would change in the live bank."""
    return {step.row.question_id: step.entry for step in steps if step.publish}


def carry_out(
    connection: Connection, bank: Bank, steps: Sequence[Step], what: Order, by: Learner, now: datetime
) -> Done:
    """Save every step that is not refused. Moved if one of them no longer stands on the newest revision."""
    saved = []
    for step in steps:
        if step.fresh is None:
            continue
        known = bank.questions.get(step.row.question_id)
        try:
            revisions.save(connection, step.fresh, by, now, base_number=step.row.number, publish=step.publish)
        except revisions.StaleBase as stale:
            raise Moved from stale
        if step.publish:
            frozen.freeze(connection, [it for it in (known, step.entry) if it])  # for sessions and interviews under way
        saved.append(step.row.question_id)
    if saved:
        audit.record(connection, by, now, "question.bulk", change=what.action, value=what.value, ids=saved)
    return Done(tuple(saved), changes_of(steps))


def _step(bank: Bank, row: Row, version: Version | None, what: Order) -> Step:
    before, after = _told(row, what)
    try:
        if version is None:
            raise Invalid(N_("It is not in the database yet: take the folder over first (whetstone bank pull)."))
        if row.is_conflict:
            raise Invalid(N_("It is in conflict with the folder: settle that first."))
        if row.is_newer:
            raise Invalid(N_("A newer text of it waits to be published: change it there."))
        if before == after:
            raise Invalid(N_("Nothing to change."))
        return _changed(bank, row, version, what, before, after)
    except Problem as problem:
        return Step(row, before, after, refused=problem)


def _told(row: Row, what: Order) -> tuple[str, str]:
    """The field as it is and as it is to be."""
    match what.action:
        case "add-tag":
            return ", ".join(row.tags), ", ".join(_with_tag(row, what.value))
        case "remove-tag":
            return ", ".join(row.tags), ", ".join(tag for tag in row.tags if tag != what.value)
        case "difficulty":
            return str(row.difficulty or ""), what.value
        case "topic":
            return row.topic_id, what.value
        case "status":
            return row.status, what.value
    assert_never(what.action)


def _changed(bank: Bank, row: Row, version: Version, what: Order, before: str, after: str) -> Step:
    if what.action == "status":
        return _with_status(bank, row, version, what, before, after)
    topic = bank.topics.get(what.value if what.action == "topic" else row.topic_id)
    if topic is None:
        raise Invalid(N_("Its topic is not in the topic map any more: move it first."))
    yaml = _edited(row, version, what)
    entry = _read(bank, yaml, topic, row.entry)
    if row.is_published:
        known = row.entry
        if entry is None or known is None or entry.meaning_hash != known.meaning_hash:
            raise Invalid(N_("Its text can't be read: mend it in the editor first."))
    fresh = _fresh(version, yaml, what, entry, topic_id=topic.id, status=row.status)
    return Step(row, before, after, fresh=fresh, entry=entry if row.is_published else None, publish=row.is_published)


def _with_status(bank: Bank, row: Row, version: Version, what: Order, before: str, after: str) -> Step:
    if row.is_published and what.value != "retired":
        raise Invalid(N_("Learners see it: retire it, or write a newer draft in the editor."))
    topic = bank.topics.get(row.topic_id)
    yaml = with_status(version.yaml, Status(what.value))
    entry = _read(bank, yaml, topic, row.entry) if topic else None
    if what.value == "ready" and entry is None:
        raise Invalid(N_("Its text can't be read: mend it in the editor first."))
    fresh = _fresh(version, yaml, what, entry, topic_id=row.topic_id, status=what.value)
    retires = what.value == "retired"
    return Step(row, before, after, fresh=fresh, entry=entry if retires else None, publish=retires)


def _edited(row: Row, version: Version, what: Order) -> str:
    match what.action:
        case "add-tag":
            return _with_field(version.yaml, "tags", _with_tag(row, what.value))
        case "remove-tag":
            return _with_field(version.yaml, "tags", [tag for tag in row.tags if tag != what.value])
        case "difficulty":
            return _with_field(version.yaml, "difficulty", int(what.value))
        case "topic":
            return _with_covers(version, what.value)
        case "status":
            raise ValueError("a status is not only a field")
    assert_never(what.action)


def _with_covers(version: Version, topic_id: str) -> str:
    """The facts that a question covers are named as its topic's own: in another topic, with that topic's name."""
    data = read(version.yaml.encode()).data
    covers = data.get("covers") if isinstance(data, dict) else None
    if not isinstance(covers, list) or not covers:
        return version.yaml
    whole = [str(fact) if "/" in str(fact) else f"{version.topic_id}/{fact}" for fact in covers]
    moved = [fact.removeprefix(f"{topic_id}/") for fact in whole]
    return _with_field(version.yaml, "covers", moved)


def _with_field(yaml: str, name: str, value: int | list[str]) -> str:
    """The text with that field set and everything else in it as it is; Invalid where that can't be."""
    source = read(yaml.encode())
    if source.faults or not isinstance(source.data, dict):
        raise Invalid(N_("Its text can't be read: mend it in the editor first."))
    try:
        return rewritten(yaml, source.data | {name: value})
    except CannotEdit:
        raise Invalid(N_("Its text is laid out so that this can't be done here: change it in the editor.")) from None


def _with_tag(row: Row, tag: str) -> list[str]:
    return [*row.tags, *([tag] if tag not in row.tags else [])]


def _read(bank: Bank, yaml: str, topic: Topic, known: Entry | None) -> Entry | None:
    """What the text says, in that topic; None where it can't be read."""
    source = read(yaml.encode())
    if source.faults:
        return None
    try:
        question = _question.validate_json(json.dumps(source.data, ensure_ascii=False))
    except ValidationError:
        return None
    area = bank.area(topic.area)
    if known is None:
        return Entry(question, topic, area, Path(), 0)
    return replace(known, question=question, topic=topic, area=area)


def _fresh(version: Version, yaml: str, what: Order, entry: Entry | None, *, topic_id: str, status: str) -> Fresh:
    note = f"bulk: {what.action} {what.value}"
    return Fresh(version.question_id, topic_id, status, yaml, entry.hash if entry else None, note=note)
