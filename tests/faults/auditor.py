"""Compares what people were told with what the database holds: nothing acknowledged is lost, nothing is doubled."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from small_bank import RIGHT
from sqlalchemy import text
from townspeople import Edit, Person

from app.db import Database
from app.scheduling.store import cards, reviews


class Auditor:
    """Reads the database beside the servers."""

    def __init__(self, url: str) -> None:
        self.db = Database(url)
        self.given_up = 0  # submissions whose graders were killed again and again, which their report says

    def close(self) -> None:
        self.db.close()

    def rows(self, query: str, **values: object) -> list[dict[str, Any]]:
        with self.db.read() as connection:
            return [{**row} for row in connection.execute(text(query), values).mappings()]

    def count(self, query: str) -> int:
        return len(self.rows(f"SELECT 1 FROM {query}"))  # noqa: S608 (of our own words)

    def is_drained(self) -> bool:
        """Nothing waits for a grader any more."""
        if self.count("submission WHERE status NOT IN ('done', 'cancelled')"):
            return False
        return not self.db.is_postgresql or not (self.count("grading_job") + self.count("procrastinate_jobs"))

    def waiting(self) -> object:
        """What keeps it from being drained."""
        return (
            self.rows("SELECT id, status, question_id FROM submission WHERE status NOT IN ('done', 'cancelled')"),
            self.rows("SELECT * FROM grading_job") if self.db.is_postgresql else None,
            self.rows("SELECT id, status, worker_id, attempts FROM procrastinate_jobs") if self.db.is_postgresql else 0,
        )

    def graded(self) -> dict[str, tuple[Any, ...]]:
        """Every submission that has its end: what must never change any more."""
        query = "SELECT id, status, verdict, finished_at, seed FROM submission WHERE status IN ('done', 'cancelled')"
        return {row["id"]: tuple(row.values()) for row in self.rows(query)}

    def audit(self, people: Sequence[Person]) -> list[str]:
        """Every fault, in words; none if all is as it was acknowledged."""
        found = [fault for person in people for fault in person.ledger.faults]
        for person in people:
            found += [f"{person.name}: {fault}" for fault in self._reviews(person)]
            found += [f"{person.name}: {fault}" for fault in self._submissions(person)]
            found += [f"{person.name}: {fault}" for fault in self._papers(person)]
        return found + self._edits(people)

    def _reviews(self, person: Person) -> list[str]:
        """Each card was rated as often and as was said, and each memory was made from the one before."""
        found = []
        with self.db.read() as connection:
            mine = reviews.select().where(reviews.c.account_id == person.account_id).order_by(reviews.c.id)
            kept = connection.execute(mine).mappings().all()
            now = {
                row["id"]: row
                for row in connection.execute(cards.select().where(cards.c.account_id == person.account_id)).mappings()
            }
        by_card: dict[int, list[Any]] = defaultdict(list)
        for row in kept:
            by_card[row["card_id"]].append(row)
        for card_id in by_card.keys() | person.ledger.ratings.keys():
            ratings = [row["rating"] for row in by_card[card_id]]
            told = person.ledger.ratings.get(card_id, [])
            if ratings != told:
                found.append(f"card {card_id} was rated {told} and has {ratings}")
            before = None
            for row in by_card[card_id]:
                if row["memory_before"] != before:
                    found.append(f"review {row['id']} does not follow the one before")
                before = row["memory_after"]
            if before is not None and now[card_id]["reps"] != before["reps"]:
                found.append(f"card {card_id} does not remember its last review")
        twice = [item for item, times in Counter(row["item_id"] for row in kept).items() if times > 1]
        return found + [f"item {item} was rated twice" for item in twice]

    def _submissions(self, person: Person) -> list[str]:
        found = []
        mine = self.rows("SELECT * FROM submission WHERE account_id = :id", id=person.account_id)
        by_id = {row["id"]: row for row in mine}
        last = {sent.question: sent for sent in person.ledger.sent}
        for sent in person.ledger.sent:
            row = by_id.get(sent.id)
            if row is None or not row["code"].endswith(sent.mark):
                found.append(f"submission {sent.id} ({sent.mark}) is {'lost' if row is None else 'another'}")
                continue
            copies = [it for it in mine if it["code"].endswith(sent.mark)]
            ends = {it["verdict"] for it in copies if it["status"] == "done"}
            self.given_up += "internal_error" in ends
            if not ends <= {sent.verdict, "internal_error"}:
                found.append(f"submission {sent.mark} should be {sent.verdict} and is {ends}")
            if not ends and last[sent.question] is sent:
                found.append(f"the last submission of {sent.question} ({sent.mark}) was never graded")
        return found

    def _papers(self, person: Person) -> list[str]:
        found = []
        for paper, told in person.ledger.papers.items():
            query = (
                "SELECT slot.answer, slot.id, interview.ended_at FROM interview_slot AS slot "
                "JOIN interview ON interview.id = interview_id WHERE interview_id = :id"
            )
            (slot,) = self.rows(query, id=paper)
            written = str(slot["answer"])
            kept = int(written.split("# ")[-1].split("\\n")[0].split("\n")[0]) if told.kept else 0
            if kept < told.kept:
                found.append(f"interview {paper}: answer {told.kept} was acknowledged, {kept} is there")
            if told.handed_in and slot["ended_at"] is None:
                found.append(f"interview {paper} was handed in and is not over")
            graded = self.rows("SELECT status, verdict FROM submission WHERE interview_slot_id = :id", id=slot["id"])
            ends = [row for row in graded if row["verdict"] not in (None, "internal_error")]
            if told.handed_in and told.kept and (len(ends) != 1 or told.mark != "right"):
                found.append(f"interview {paper} should be graded once, and right: {graded}, {told}")
        return found

    def _edits(self, people: Sequence[Person]) -> list[str]:
        """Each text was saved once and published once; who edits alone finds their texts in order, the newest last."""
        found = []
        kept = self.rows("SELECT question_id, number, status, yaml FROM revision ORDER BY question_id, number")
        heads = {row["question_id"]: row for row in self.rows("SELECT * FROM bank_question")}
        for person in people:
            for edit in person.ledger.edits:
                for status, wanted in (("ready", {1}), ("published", {1} if edit.published else {0, 1})):
                    times = sum(row["status"] == status and _has(row, edit) for row in kept)
                    if times not in wanted:
                        found.append(f"{edit} is there {times} times as {status}")
            for question in person.owned:
                mine = [edit for edit in person.ledger.edits if edit.question == question]
                numbers = [
                    row["number"] for edit in mine for row in kept if row["status"] == "ready" and _has(row, edit)
                ]
                if numbers != sorted(numbers):
                    found.append(f"the texts of {question} are out of order: {numbers}")
                head = heads[question]
                numbered = {row["number"]: row for row in kept if row["question_id"] == question}
                if mine and not _has(numbered.get(head["head_number"]), mine[-1]):
                    found.append(f"the newest text of {question} is not {mine[-1]}")
                public = [edit for edit in mine if edit.published]
                if public and not _has(numbered.get(head["published_number"]), public[-1]):
                    found.append(f"learners do not see {public[-1]} of {question}")
        return found


def _has(row: dict[str, Any] | None, edit: Edit) -> bool:
    return row is not None and row["question_id"] == edit.question and f"<{edit.mark}>" in row["yaml"]


assert "# " not in RIGHT  # by which the number of an answer is found
