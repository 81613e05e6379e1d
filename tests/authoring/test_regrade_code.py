"""A mended key of a coding question: solutions that it marked are graded again, behind everything else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from published_stage import NOW, Stage, mended
from sqlalchemy import Connection, delete, insert, select, update

from app.accounts.notices import notices
from app.accounts.service import Learner
from app.authoring import graded
from app.authoring.publishing import Published
from app.authoring.regrade import would_regrade
from app.bank.shelf import Shelf
from app.grading.code import internal_error
from app.grading.models import Submission
from app.grading.verdict import Report
from app.interview.marking import MAX_ATTEMPTS
from app.interview.models import Interview, InterviewSlot
from app.interview.store import interviews, slots
from app.practice import coding
from app.practice.coding import REGRADE, submissions
from app.web import sweeper
from app.web.grading_desk import GradingDesk
from app.web.sweeper import Sweeper

WITHIN_S = 20.0
LATER = NOW + timedelta(hours=1)
SUM = "def area(w, h):\n    return w + h\n"
PRODUCT = "def area(w, h):\n    return w * h\n"
WRONG_KEY = """\
id: box-area
kind: code
difficulty: 1
minutes: 5
prompt: {en: "The area of a box.", zh: "框的面积。"}
sources: ["Everingham et al., 2010"]
function: area
signature: "area(w: int, h: int) -> int"
contract: {dtype: int}
starter: |
  def area(w, h):
      ...
reference: |
  def area(w, h):
      return w + h
cases: |
  def cases(rng):
      yield {"name": "small", "args": [2, 2], "hidden": False}
      yield {"name": "large", "args": [3, 5]}
case_titles:
  small: {en: "Two by two", zh: "二乘二"}
  large: {en: "Three by five", zh: "三乘五"}
explanation: {en: "Width times height.", zh: "宽乘高。"}
wrong:
- name: minus
  verdict: wrong_answer
  note: {en: "That subtracts.", zh: "这是相减。"}
  code: |
    def area(w, h):
        return w - h
"""
RIGHT_KEY = mended(WRONG_KEY, ("return w + h", "return w * h"))
REWORDED = mended(WRONG_KEY, ("The area of a box.", "How large is a box?"))


class Hall:
    """A stage with graders. What they grade is held while `open` is not set."""

    def __init__(self, folder: Path) -> None:
        self.stage = Stage(folder)
        self.db = self.stage.db
        self.shelf = Shelf(self.stage.bank)
        self.now = NOW
        self.open = threading.Event()
        self.open.set()
        self.graded: list[str] = []
        self.desk = GradingDesk(self.db, self.shelf, lambda: self.now)
        self.sweeper = Sweeper(self.db, self.shelf, self.desk, lambda: self.now)

    def publish(self, yaml: str, now: datetime = NOW, **more: Any) -> Published:
        self.now = now
        with self.db.write() as connection:
            done = self.stage.publish(connection, yaml, now=now, **more)
        self.shelf.bank = self.stage.bank
        return done

    def learner(self, name: str = "lena") -> Learner:
        with self.db.write() as connection:
            return self.stage.person(connection, name)

    def hand_in(self, someone: Learner, code: str, *, ended: bool = True) -> int:
        """An interview of this one question, its code sent to the graders; its slot."""
        entry = self.stage.bank.questions["box-area"]
        with self.db.write() as connection:
            interview_id = _interview(connection, someone, ended=ended)
            sent = Submission(
                id=f"first-{interview_id}", account_id=someone.id, question_id="box-area", question_hash=entry.hash,
                code=code, mode="submit", seed=7, created_at=NOW,
            )  # fmt: skip
            slot = InterviewSlot(
                interview_id=interview_id, number=1, section=0, question_id="box-area", question_hash=entry.hash,
                topic_id="iou", seed=7, answer={"code": code}, saved_at=NOW, submission_id=sent.id, attempts=1,
            )  # fmt: skip
            made = insert(slots).values(slot.model_dump(exclude={"id"})).returning(slots.c.id)
            slot_id: int = connection.execute(made).scalar_one()
            row = sent.model_dump() | {"interview_slot_id": slot_id}
            connection.execute(insert(submissions).values(row))
            self.desk.enqueue(connection, row)
        self.settle()
        return slot_id

    def practise(self, someone: Learner, code: str, number: int = 1) -> None:
        """Code sent to the graders from the practice page; `number` tells several apart, in order."""
        sent = Submission(
            id=f"practice-{someone.id}-{number}", account_id=someone.id, question_id="box-area", code=code,
            question_hash=self.stage.bank.questions["box-area"].hash, mode="submit", seed=7,
            created_at=NOW + timedelta(seconds=number),
        ).model_dump()  # fmt: skip
        with self.db.write() as connection:
            connection.execute(insert(submissions).values(sent))
            self.desk.enqueue(connection, sent)
        self.settle()

    def latest(self, someone: Learner) -> Any:
        """What the code page shows."""
        with self.db.read() as connection:
            return coding.latest(connection, someone.id, "box-area")

    def settle(self) -> None:
        """Wait until nothing is being graded."""
        eventually(lambda: not self.desk.is_busy)

    def sweep(self) -> None:
        self.sweeper.sweep()
        self.settle()

    def slot(self, slot_id: int) -> Any:
        """The slot, with what it is marked by."""
        with self.db.read() as connection:
            query = select(
                slots.c.regraded_at, submissions.c.verdict, submissions.c.seed, submissions.c.code,
                submissions.c.question_hash,
            ).join(submissions, submissions.c.id == slots.c.submission_id)  # fmt: skip
            return connection.execute(query.where(slots.c.id == slot_id)).one()

    def waiting(self) -> list[str]:
        with self.db.read() as connection:
            query = select(submissions.c.question_hash).where(submissions.c.status == REGRADE)
            return list(connection.execute(query).scalars())

    def told(self, someone: Learner) -> list[Any]:
        with self.db.read() as connection:
            return list(connection.execute(select(notices).where(notices.c.account_id == someone.id)).all())


def _interview(connection: Connection, someone: Learner, *, ended: bool) -> int:
    interview = Interview(
        account_id=someone.id, plan={}, seed=1, started_at=NOW, section=0, section_began_at=NOW, work_began_at=NOW,
        ended_at=NOW if ended else None, latest_end_at=NOW + timedelta(days=9), known_at=NOW,
    )  # fmt: skip
    made = insert(interviews).values(interview.model_dump(exclude={"id"})).returning(interviews.c.id)
    interview_id: int = connection.execute(made).scalar_one()
    return interview_id


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hall]:
    made = Hall(tmp_path)
    really = graded.grade_code

    def held(question: Any, code: str, **more: Any) -> Report:
        made.open.wait(WITHIN_S)
        made.graded.append(code)
        return really(question, code, **more)

    monkeypatch.setattr(graded, "grade_code", held)
    yield made
    made.open.set()
    made.desk.close()


def breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graded, "grade_code", lambda question, _, **more: internal_error(question.id, 7))


def test_solution_that_was_right_all_along_is_graded_right_and_its_learner_told(hall: Hall) -> None:
    first = hall.publish(WRONG_KEY).entry
    lena = hall.learner()
    slot_id = hall.hand_in(lena, PRODUCT)
    assert hall.slot(slot_id).verdict == "wrong_answer"
    done = hall.publish(RIGHT_KEY, LATER)
    assert (done.sent, done.regraded, done.unmarked) == (1, 0, 0)
    before = hall.slot(slot_id)
    assert (before.verdict, before.question_hash, before.regraded_at) == ("wrong_answer", first.hash, None), "meanwhile"
    hall.sweep()
    after = hall.slot(slot_id)
    assert (after.verdict, after.question_hash, after.regraded_at) == ("accepted", done.entry.hash, LATER)
    assert (after.code, after.seed) == (PRODUCT, 7)
    (notice,) = hall.told(lena)
    assert (notice.kind, notice.question_id, notice.created_at) == ("regraded", "box-area", LATER)
    assert notice.params == {
        "was_correct": False, "is_correct": True, "answered_at": NOW.isoformat(), "interview_id": 1,
    }  # fmt: skip


def test_solution_that_followed_the_wrong_key_is_graded_wrong(hall: Hall) -> None:
    hall.publish(WRONG_KEY)
    lena = hall.learner()
    slot_id = hall.hand_in(lena, SUM)
    hall.publish(RIGHT_KEY, LATER)
    hall.sweep()
    assert hall.slot(slot_id).verdict == "wrong_answer"
    assert hall.told(lena)[0].params["is_correct"] is False


def test_nobody_is_told_of_a_mark_that_stays(hall: Hall) -> None:
    hall.publish(WRONG_KEY)
    lena = hall.learner()
    slot_id = hall.hand_in(lena, "def area(w, h):\n    return -1\n")
    done = hall.publish(RIGHT_KEY, LATER)
    hall.sweep()
    assert hall.slot(slot_id).question_hash == done.entry.hash
    assert hall.told(lena) == []


def test_learner_with_two_interviews_is_told_once(hall: Hall) -> None:
    hall.publish(WRONG_KEY)
    lena, omar = hall.learner("lena"), hall.learner("omar")
    handed_in = [hall.hand_in(someone, PRODUCT) for someone in (lena, lena, omar)]
    assert hall.publish(RIGHT_KEY, LATER).sent == 3
    hall.sweep()
    assert {hall.slot(slot_id).verdict for slot_id in handed_in} == {"accepted"}
    assert [len(hall.told(someone)) for someone in (lena, omar)] == [1, 1]


def test_other_wording_grades_nothing_again(hall: Hall) -> None:
    hall.publish(WRONG_KEY)
    hall.hand_in(hall.learner(), PRODUCT)
    assert hall.publish(REWORDED, LATER).sent == 0
    assert hall.waiting() == []


def test_solution_of_a_version_with_the_same_key_is_graded_again_too(hall: Hall) -> None:
    hall.publish(WRONG_KEY)
    slot_id = hall.hand_in(hall.learner(), PRODUCT)
    hall.publish(REWORDED)
    hall.publish(mended(REWORDED, ("return w + h", "return w * h")), LATER)
    hall.sweep()
    assert hall.slot(slot_id).verdict == "accepted"


def test_interview_under_way_is_left_alone(hall: Hall) -> None:
    hall.publish(WRONG_KEY)
    hall.hand_in(hall.learner(), PRODUCT, ended=False)
    assert hall.publish(RIGHT_KEY, LATER).sent == 0
    assert hall.waiting() == []


def test_last_solution_in_practice_is_graded_again_and_its_learner_told(hall: Hall) -> None:
    hall.publish(WRONG_KEY)
    lena, omar = hall.learner("lena"), hall.learner("omar")
    hall.practise(lena, "def area(w, h):\n    return -1\n")
    hall.practise(lena, PRODUCT, number=2)
    hall.practise(omar, "def area(w, h):\n    return -1\n")
    assert hall.publish(RIGHT_KEY, LATER).sent == 2
    assert hall.latest(lena)["verdict"] == "wrong_answer", "meanwhile"
    hall.sweep()
    assert [hall.latest(someone)["verdict"] for someone in (lena, omar)] == ["accepted", "wrong_answer"]
    (notice,) = hall.told(lena)
    answered_at = (NOW + timedelta(seconds=2)).isoformat()
    assert notice.params == {"was_correct": False, "is_correct": True, "answered_at": answered_at}
    assert hall.told(omar) == []


def test_solution_in_practice_is_graded_again_for_each_mend(hall: Hall) -> None:
    hall.publish(WRONG_KEY)
    lena = hall.learner()
    hall.practise(lena, SUM)
    hall.publish(RIGHT_KEY, LATER)
    hall.sweep()
    hall.publish(WRONG_KEY, LATER + timedelta(hours=1))
    hall.sweep()
    assert hall.latest(lena)["verdict"] == "accepted"
    assert [it.params["is_correct"] for it in hall.told(lena)] == [False, True]


def test_grading_of_practice_that_breaks_leaves_what_there_was(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.publish(WRONG_KEY)
    lena = hall.learner()
    hall.practise(lena, PRODUCT)
    hall.publish(RIGHT_KEY, LATER)
    breaks(monkeypatch)
    for _ in range(MAX_ATTEMPTS):
        hall.sweep()
    assert (hall.waiting(), hall.told(lena)) == ([], [])
    assert hall.latest(lena)["verdict"] == "wrong_answer"


def test_editor_may_leave_solutions_as_they_are_and_a_later_mend_does_too(hall: Hall) -> None:
    hall.publish(WRONG_KEY)
    slot_id = hall.hand_in(hall.learner(), PRODUCT)
    assert hall.publish(RIGHT_KEY, regrades=False).sent == 0
    assert hall.publish(mended(RIGHT_KEY, ("[3, 5]", "[4, 5]")), LATER).sent == 0, "it was asked something else"
    hall.sweep()
    assert hall.slot(slot_id).verdict == "wrong_answer"


def test_solution_for_a_function_of_another_name_is_counted_but_not_graded(hall: Hall) -> None:
    hall.publish(WRONG_KEY)
    hall.hand_in(hall.learner(), PRODUCT)
    renamed = mended(RIGHT_KEY, ("function: area", "function: size")).replace("def area", "def size")
    done = hall.publish(renamed, LATER)
    assert (done.sent, done.unmarked) == (0, 1)
    assert hall.waiting() == []


def test_key_mended_and_put_back_gives_the_first_mark_again(hall: Hall) -> None:
    hall.publish(WRONG_KEY)
    lena = hall.learner()
    slot_id = hall.hand_in(lena, PRODUCT)
    hall.publish(RIGHT_KEY, LATER)
    hall.sweep()
    hall.publish(WRONG_KEY, LATER + timedelta(hours=1))
    hall.sweep()
    assert hall.slot(slot_id).verdict == "wrong_answer"
    assert [it.params["is_correct"] for it in hall.told(lena)] == [True, False]


def test_second_mend_takes_the_place_of_one_that_still_waits(hall: Hall) -> None:
    hall.publish(WRONG_KEY)
    slot_id = hall.hand_in(hall.learner(), PRODUCT)
    hall.publish(mended(WRONG_KEY, ("return w + h", "return w - h")), LATER)
    newest = hall.publish(RIGHT_KEY, LATER + timedelta(minutes=1)).entry
    assert hall.waiting() == [newest.hash]
    hall.sweep()
    assert (hall.slot(slot_id).verdict, hall.slot(slot_id).question_hash) == ("accepted", newest.hash)


def test_report_by_a_key_that_was_mended_again_meanwhile_changes_nothing(hall: Hall) -> None:
    hall.publish(WRONG_KEY)
    lena = hall.learner()
    slot_id = hall.hand_in(lena, PRODUCT)
    hall.publish(RIGHT_KEY, LATER)
    hall.open.clear()
    hall.sweeper.sweep()
    hall.publish(mended(WRONG_KEY, ("[3, 5]", "[4, 5]")), LATER + timedelta(minutes=1))
    hall.open.set()
    hall.settle()
    assert (hall.slot(slot_id).regraded_at, hall.told(lena)) == (None, [])
    hall.sweep()
    assert (hall.slot(slot_id).verdict, hall.told(lena)) == ("wrong_answer", [])


def test_grading_that_breaks_is_tried_again_and_at_last_the_old_mark_stays(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.publish(WRONG_KEY)
    lena = hall.learner()
    slot_id = hall.hand_in(lena, PRODUCT)
    hall.publish(RIGHT_KEY, LATER)
    breaks(monkeypatch)
    for left in range(MAX_ATTEMPTS, 0, -1):
        assert len(hall.waiting()) == 1, left
        hall.sweep()
    assert hall.waiting() == []
    slot = hall.slot(slot_id)
    assert (slot.verdict, slot.regraded_at, hall.told(lena)) == ("wrong_answer", None, [])


def test_mend_after_one_whose_grading_broke_is_graded_by(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.publish(WRONG_KEY)
    slot_id = hall.hand_in(hall.learner(), PRODUCT)
    hall.publish(mended(WRONG_KEY, ("return w + h", "return w - h")), LATER)
    with monkeypatch.context() as broken:
        breaks(broken)
        for _ in range(MAX_ATTEMPTS):
            hall.sweep()
    hall.publish(RIGHT_KEY, LATER + timedelta(minutes=1))
    hall.sweep()
    assert hall.slot(slot_id).verdict == "accepted"


def test_code_whose_first_grading_broke_gets_its_first_mark_without_a_notice(hall: Hall) -> None:
    hall.publish(WRONG_KEY)
    lena = hall.learner()
    slot_id = hall.hand_in(lena, PRODUCT)
    with hall.db.write() as connection:
        connection.execute(update(submissions).values(verdict="internal_error"))
        connection.execute(update(slots).values(attempts=MAX_ATTEMPTS))
    hall.publish(RIGHT_KEY, LATER)
    hall.sweep()
    assert (hall.slot(slot_id).verdict, hall.told(lena)) == ("accepted", [])


def test_server_that_starts_again_grades_what_waits(hall: Hall) -> None:
    hall.publish(WRONG_KEY)
    slot_id = hall.hand_in(hall.learner(), PRODUCT)
    hall.publish(RIGHT_KEY, LATER)
    hall.desk.close()
    hall.desk = GradingDesk(hall.db, hall.shelf, lambda: LATER)
    hall.sweeper = Sweeper(hall.db, hall.shelf, hall.desk, lambda: LATER)
    hall.sweep()
    assert hall.slot(slot_id).verdict == "accepted"


def test_first_gradings_go_before_those_again(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper, "AT_ONCE", 2)
    hall.publish(WRONG_KEY)
    for number in range(5):
        hall.hand_in(hall.learner(f"learner-{number}"), PRODUCT)
    assert hall.publish(RIGHT_KEY, LATER).sent == 5
    hall.open.clear()
    with hall.db.write() as connection:
        row = Submission(
            id="fresh", account_id=hall.stage.editor.id, question_id="box-area", code=SUM, mode="submit", seed=1,
            question_hash=hall.stage.bank.questions["box-area"].hash, created_at=LATER,
        ).model_dump()  # fmt: skip
        connection.execute(insert(submissions).values(row))
        hall.desk.enqueue(connection, row)
    hall.graded.clear()
    hall.sweeper.sweep()
    hall.open.set()
    hall.settle()
    assert hall.graded == [SUM], "nothing else while a learner waits"
    hall.sweep()
    assert (len(hall.graded), len(hall.waiting())) == (3, 3), "a few at a time"


def test_slot_that_is_gone_stops_nothing(hall: Hall) -> None:
    hall.publish(WRONG_KEY)
    hall.hand_in(hall.learner(), PRODUCT)
    hall.publish(RIGHT_KEY, LATER)
    with hall.db.write() as connection:
        connection.execute(delete(slots))
    hall.sweep()
    assert hall.waiting() == []


def test_what_would_be_graded_again_is_told_beforehand(hall: Hall) -> None:
    before = hall.publish(WRONG_KEY).entry
    hall.hand_in(hall.learner(), PRODUCT)
    with hall.db.read() as connection:
        assert would_regrade(connection, before, hall.stage.read(RIGHT_KEY)).sent == 1
    assert hall.waiting() == []
