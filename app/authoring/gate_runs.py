"""Runs of the gate as they are kept: asked for, under way, done. What they find is `gate`'s, when they run the desk's.

A run is stored before it is begun and its end once, so one whose process stops in between is begun again: by the next
start of the server, or by another process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, Table, insert, select, update

from app.accounts.service import Learner
from app.authoring.gate import PROOFS, Asked, Progress, Told
from app.authoring.gate_record import GateRecord, Waiver, finding_key, gate_record
from app.authoring.models import GateRun
from app.authoring.passed import judge
from app.authoring.single import text_hash, tidy
from app.bank.findings import Finding
from app.errors import N_, NotFound

runs: Table = GateRun.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it
UNFINISHED = ("queued", "running")
_told = TypeAdapter(tuple[Told, ...])


@dataclass(frozen=True)
class Run:
    """One run; see `models.GateRun`. `told` is empty until it is done."""

    id: int
    account_id: int | None
    question_id: str
    topic_id: str
    yaml: str
    yaml_hash: str
    checker: str
    state: str
    step: str
    done: int
    total: int
    told: tuple[Told, ...]
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        return self.state not in UNFINISHED

    @property
    def passed(self) -> bool:
        """Whether it is done and nothing keeps the text from being published."""
        return self.state == "done" and all(it.kind == "note" for it in self.told)


def ask(connection: Connection, asked: Asked, by: Learner, now: datetime) -> Run:
    """Put a text in the queue, in place of what the same person asked before of the question.

    The very same text under way already is that run.
    """
    yaml = tidy(asked.yaml)
    digest = text_hash(yaml)
    mine = (runs.c.question_id == asked.question_id, runs.c.account_id == by.id, runs.c.state.in_(UNFINISHED))
    for row in connection.execute(select(runs).where(*mine)).mappings():
        if row["yaml_hash"] == digest and row["topic_id"] == asked.topic.id:
            return _run(row)
        connection.execute(update(runs).where(runs.c.id == row["id"]).values(state="cancelled", finished_at=now))
    values = {
        "account_id": by.id,
        "question_id": asked.question_id,
        "topic_id": asked.topic.id,
        "yaml": yaml,
        "yaml_hash": digest,
        "checker": judge(),
        "state": "queued",
        "step": "",
        "done": 0,
        "total": 0,
        "created_at": now,
    }
    made = connection.execute(insert(runs).values(values)).inserted_primary_key
    assert made is not None  # noqa: S101  (an insert of one row has its key)
    return load(connection, made[0])


def load(connection: Connection, run_id: int) -> Run:
    """Raises NotFound."""
    row = connection.execute(select(runs).where(runs.c.id == run_id)).mappings().first()
    if row is None:
        raise NotFound(N_("There is no such check."))
    return _run(row)


def finished(connection: Connection, asked: Asked) -> Run | None:
    """The last run over the very same text in the same topic that is done, by the same judge."""
    query = select(runs).where(
        runs.c.question_id == asked.question_id,
        runs.c.yaml_hash == text_hash(tidy(asked.yaml)),
        runs.c.topic_id == asked.topic.id,
        runs.c.checker == judge(),
        runs.c.state == "done",
    )
    row = connection.execute(query.order_by(runs.c.id.desc()).limit(1)).mappings().first()
    return _run(row) if row else None


def unfinished(connection: Connection) -> list[int]:
    """What waits, and what is under way or was left behind by a process that died, oldest first."""
    query = select(runs.c.id).where(runs.c.state.in_(UNFINISHED)).order_by(runs.c.id)
    return [row[0] for row in connection.execute(query)]


def begin(connection: Connection, run_id: int) -> Run | None:
    """Take a run up; None if it is over meanwhile. Whoever calls makes sure that nobody else is at it."""
    mine = update(runs).where(runs.c.id == run_id, runs.c.state.in_(UNFINISHED))
    taken = connection.execute(mine.values(state="running", step="", done=0, total=0)).rowcount == 1
    return load(connection, run_id) if taken else None


def note_progress(connection: Connection, run_id: int, progress: Progress) -> bool:
    """Keep how far a run is, for other processes to show; False if it was cancelled meanwhile."""
    mine = update(runs).where(runs.c.id == run_id, runs.c.state == "running")
    values = {"step": progress.step, "done": progress.done, "total": progress.total}
    return connection.execute(mine.values(**values)).rowcount == 1


def finish(connection: Connection, run_id: int, state: str, told: Sequence[Told] | None, now: datetime) -> None:
    """Keep how a run ended; nothing if it was cancelled meanwhile."""
    mine = update(runs).where(runs.c.id == run_id, runs.c.state == "running")
    findings = None if told is None else _told.dump_python(tuple(told), mode="json")
    connection.execute(mine.values(state=state, findings=findings, finished_at=now))


def proven(connection: Connection, run: Run) -> tuple[Told, ...] | None:
    """What the proofs said of the same text before, by the same judge; None if they were not gone through."""
    query = select(runs).where(
        runs.c.question_id == run.question_id,
        runs.c.yaml_hash == run.yaml_hash,
        runs.c.checker == run.checker,
        runs.c.state == "done",
    )
    row = connection.execute(query.order_by(runs.c.id.desc()).limit(1)).mappings().first()
    told = _run(row).told if row else ()
    if row is None or any(it.step in ("schema", "texts") or it.kind == "not_checked" for it in told):
        return None
    return tuple(it for it in told if it.step in PROOFS)


def record_of(run: Run, waivers: Sequence[Waiver]) -> GateRecord:
    """What is kept with a revision of a run's text. What can't be waived is left standing, whatever `waivers` say.

    A run that is not done proves nothing: it has not passed, and there is nothing to waive.
    """
    if run.state != "done":
        return GateRecord(passed=False)
    standing = [it for it in run.told if it.kind != "note"]
    keys = {finding_key(it.where, it.message) for it in standing if it.can_be_waived}
    found = [Finding(Path(), it.line, it.column, it.where, it.message, it.mend) for it in standing]
    return gate_record(found, [waiver for waiver in waivers if waiver.finding in keys])


def _run(row: RowMapping | Mapping[str, Any]) -> Run:
    kept = {name: row[name] for name in Run.__dataclass_fields__ if name != "told"}
    return Run(told=_told.validate_python(row["findings"] or []), **kept)
