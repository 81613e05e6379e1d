"""The audit after a shift finds what was lost, doubled or changed; else it would say nothing of killed servers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copyfile

from auditor import Auditor
from cluster import cluster, eventually
from shift import at_work, settle_and_audit
from townspeople import Ledger, Person

DAMAGES = {
    "a lost review": ("DELETE FROM review WHERE id = (SELECT max(id) FROM review)", "was rated"),
    "a doubled review": ("review WHERE id = (SELECT max(id) FROM review)", "was rated twice"),
    "a review with another rating": ("UPDATE review SET rating = 5 - rating", "was rated"),
    "a memory that forgot": ("UPDATE card SET reps = reps + 1 WHERE reps > 0", "does not remember"),
    "lost code": ("DELETE FROM submission WHERE interview_slot_id IS NULL", "is lost"),
    "another verdict": ("UPDATE submission SET verdict = 'time_limit' WHERE status = 'done'", "should be"),
    "an older answer": ("""UPDATE interview_slot SET answer = '{"code": "# 0\\n"}'""", "was acknowledged, 0 is there"),
    "a paper taken back": ("UPDATE interview SET ended_at = NULL", "is not over"),
    "an interview graded twice": ("submission WHERE interview_slot_id IS NOT NULL", "should be graded once"),
    "a lost edit": ("DELETE FROM revision WHERE status = 'ready'", "0 times as ready"),
    "a doubled edit": ("revision WHERE status = 'ready'", "2 times as ready"),
    "an edit taken back": ("UPDATE bank_question SET published_number = 1", "learners do not see"),
}


def has_done_all(ledgers: list[Ledger]) -> bool:
    """Whether there is one of each to be lost."""
    papers = [paper for it in ledgers for paper in it.papers.values()]
    edits = [edit for it in ledgers for edit in it.edits]
    return (
        all(it.reviews and it.sent for it in ledgers)
        and any(paper.handed_in and paper.kept for paper in papers)
        and any(edit.published for edit in edits)
    )


def damage(file: Path, order: str) -> None:
    """Do it; what is no statement names rows to be there twice."""
    with closing(sqlite3.connect(file)) as connection:
        if not order.startswith(("DELETE", "UPDATE")):
            table = order.split()[0]
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            fresh = {"id": "'x' || id" if table == "submission" else "id + 100000", "number": "number + 100000"}
            values = ", ".join(fresh.get(name, name) for name in columns)
            order = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {order}"  # noqa: S608
        assert connection.execute(order).rowcount > 0
        connection.commit()


def findings(file: Path, people: list[Person]) -> list[str]:
    with closing(Auditor(f"sqlite:///{file}")) as auditor:
        return auditor.audit(people)


def test_audit_finds_every_damage(tmp_path: Path) -> None:
    with cluster(tmp_path) as town, closing(Auditor(town.url)) as auditor:
        with at_work(town, auditor) as people:
            eventually(lambda: has_done_all([person.ledger for person in people]), town.said)
        settle_and_audit(town, auditor, people)
    for name, (order, word) in DAMAGES.items():
        file = tmp_path / "damaged.sqlite3"
        copyfile(tmp_path / "town.sqlite3", file)
        assert findings(file, people) == []
        damage(file, order)
        assert any(word in fault for fault in findings(file, people)), (name, findings(file, people))
        for left in tmp_path.glob("damaged.*"):
            left.unlink()
