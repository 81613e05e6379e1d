"""The queue begins submissions in turn, tells where each one is, and keeps one report of each, whatever breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_questions import code_question

from app.grading import queue as grading_queue
from app.grading.code import Cancelled, grade_code
from app.grading.queue import Graded, GradingQueue, Progress, Queued, Running, Submission
from app.grading.verdict import Report, Verdict
from app.sandbox import Sandbox

RIGHT = "def double(x):\n    return x + x\n"
PATIENCE_S = 20


class Graders:
    """Stands in for grading: what is begun waits until the gate is open or its own name is let through."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.opened = threading.Event()
        self.let: set[str] = set()
        self.broken: set[str] = set()
        self._changed = threading.Condition()

    def __call__(
        self, submission: Submission, on_progress: Callable[[int, int], None], cancelled: Callable[[], bool]
    ) -> Report:
        with self._changed:
            self.begun.append(submission.id)
            self._changed.notify_all()
        on_progress(1, 3)
        while not (self.opened.is_set() or submission.id in self.let):
            if cancelled():
                raise Cancelled
            self.opened.wait(0.005)
        if submission.id in self.broken:
            raise ZeroDivisionError("a fault in grading")
        return Report(question="q", verdict=Verdict.accepted, score=1, wall_ms=1, cases=(), seed=submission.seed)

    def wait_until_begun(self, name: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: name in self.begun, PATIENCE_S)


class Store:
    """Stands in for the database; `full` makes it refuse."""

    def __init__(self) -> None:
        self.reports: dict[str, list[Report]] = {}
        self.full = False
        self.refused = 0
        self._changed = threading.Condition()

    def __call__(self, name: str, report: Report) -> None:
        with self._changed:
            self._changed.notify_all()
            if self.full:
                self.refused += 1
                raise OSError(28, "No space left on device")
            self.reports.setdefault(name, []).append(report)

    def wait_for(self, *names: str) -> list[Verdict]:
        """The verdicts of `names`, each of which was kept once."""
        with self._changed:
            assert self._changed.wait_for(lambda: set(names) <= set(self.reports), PATIENCE_S), self.reports
            return [report.verdict for name in names for report in self.reports[name]]

    def wait_until_refused(self, times: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.refused >= times, PATIENCE_S)


class Stage:
    """A queue with its grader, its store, and what was heard."""

    def __init__(self, workers: int = 1) -> None:
        self.graders = Graders()
        self.store = Store()
        self.news: list[tuple[str, Progress | None]] = []
        self.queue = GradingQueue(self.graders, self.store, self.hear, workers)

    def hear(self, name: str) -> None:
        self.news.append((name, self.queue.progress(name)))

    def submit(self, *names: str, owner: str = "ada") -> None:
        for name in names:
            self.queue.submit(Submission(name, owner, "q", RIGHT, "submit", 5))

    def begin(self, name: str, owner: str = "ada") -> None:
        """Submit one and see it begun, where it stays."""
        self.submit(name, owner=owner)
        self.graders.wait_until_begun(name)

    def wait_until_idle(self) -> None:
        """Closing waits for what is under way, and then for the threads."""
        self.graders.opened.set()
        self.queue.close(PATIENCE_S)

    def ahead(self, name: str) -> int:
        progress = self.queue.progress(name)
        assert isinstance(progress, Queued)
        return progress.ahead


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.store.full = False
    made.wait_until_idle()


def test_a_submission_is_queued_run_case_by_case_and_kept(sandbox: Sandbox) -> None:
    question = code_question()
    store, news = Store(), []

    def grade(submission: Submission, on_progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> Report:
        return grade_code(
            question, submission.code, sandbox=sandbox, mode=submission.mode, seed=submission.seed,
            on_progress=on_progress, cancelled=cancelled,
        )  # fmt: skip

    queue = GradingQueue(grade, store, lambda name: news.append(queue.progress(name)), workers=1)
    queue.submit(Submission("one", "ada", question.id, RIGHT, "submit", 5))
    assert store.wait_for("one") == [Verdict.accepted]
    queue.close()
    heard = [it for it in news if not isinstance(it, Queued)]
    assert heard == [Running(0, 0), *(Running(done, 6) for done in range(7)), None]


def test_owners_take_turns(stage: Stage) -> None:
    stage.begin("a1")
    stage.submit("a2", "a3")
    stage.submit("b1", "b2", owner="bo")
    stage.submit("c1", owner="cy")
    stage.graders.opened.set()
    stage.store.wait_for("a1", "a2", "a3", "b1", "b2", "c1")
    assert stage.graders.begun == ["a1", "a2", "b1", "c1", "a3", "b2"]


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_a_hundred_submissions_of_one_person_do_not_hold_up_another(workers: int) -> None:
    stage = Stage(workers)
    names = [f"a{n}" for n in range(100)]
    stage.submit(*names)
    for name in names[:workers]:
        stage.graders.wait_until_begun(name)
    stage.submit("b", owner="bo")
    assert stage.ahead("b") == 1
    stage.graders.opened.set()
    stage.store.wait_for("b", *names)
    assert stage.graders.begun.index("b") - workers <= workers
    stage.wait_until_idle()


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=15))
def test_what_is_said_to_be_ahead_is_what_is_begun_before(owners: str) -> None:
    stage = Stage()
    stage.begin("first", owner="a")
    names = [f"{owner}{n}" for n, owner in enumerate(owners)]
    for name in names:
        stage.submit(name, owner=name[0])
    said = {name: stage.ahead(name) for name in names}
    stage.graders.opened.set()
    stage.store.wait_for(*names)
    begun = stage.graders.begun[1:]
    stage.wait_until_idle()
    assert said == {name: begun.index(name) for name in names}


def test_who_waits_hears_when_the_line_moves(stage: Stage) -> None:
    stage.begin("a1")
    stage.submit("a2", "a3")
    stage.news.clear()
    stage.graders.let.add("a1")
    stage.graders.wait_until_begun("a2")
    stage.graders.let.add("a2")
    stage.graders.wait_until_begun("a3")
    assert [progress.ahead for name, progress in stage.news if name == "a3" and isinstance(progress, Queued)] == [0]


def test_the_wait_is_foretold_from_the_latest_gradings(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(grading_queue, "time", clock)
    stage = Stage(workers=2)
    stage.begin("a1")
    stage.begin("a2")
    stage.submit("a3", "a4")
    assert stage.queue.progress("a4") == Queued(ahead=1, wait_s=None)
    clock.now = 3.0
    stage.graders.let.add("a1")
    stage.graders.wait_until_begun("a3")
    assert stage.queue.progress("a4") == Queued(ahead=0, wait_s=1.5)
    stage.submit("b1", "b2", owner="bo")
    assert stage.queue.progress("b2") == Queued(ahead=2, wait_s=4.5)
    stage.wait_until_idle()


def test_what_is_under_way_is_not_taken_twice(stage: Stage) -> None:
    stage.begin("one")
    stage.submit("two")
    stage.submit("one", "two")
    stage.graders.opened.set()
    stage.submit("three")
    assert len(stage.store.wait_for("one", "two", "three")) == 3
    assert stage.graders.begun == ["one", "two", "three"]


def test_what_is_dropped_while_it_waits_is_never_begun(stage: Stage) -> None:
    stage.begin("running")
    stage.submit("dropped", "kept")
    stage.queue.drop("dropped")
    assert stage.queue.progress("dropped") is None
    assert stage.ahead("kept") == 0
    assert stage.news[-1][0] == "kept"
    stage.graders.opened.set()
    stage.store.wait_for("running", "kept")
    assert stage.graders.begun == ["running", "kept"]


def test_what_is_dropped_while_it_runs_stops_and_keeps_no_report(stage: Stage) -> None:
    stage.begin("dropped")
    stage.queue.drop("dropped")
    stage.begin("next")
    assert stage.queue.progress("dropped") is None
    stage.graders.opened.set()
    stage.store.wait_for("next")
    assert set(stage.store.reports) == {"next"}


def test_dropping_what_is_over_or_unknown_changes_nothing(stage: Stage) -> None:
    stage.graders.opened.set()
    stage.submit("over")
    stage.store.wait_for("over")
    stage.queue.drop("over")
    stage.queue.drop("unknown")
    stage.submit("next")
    assert stage.store.wait_for("over", "next") == [Verdict.accepted, Verdict.accepted]


def test_a_crash_in_grading_ends_as_our_fault_and_the_next_is_graded(stage: Stage) -> None:
    stage.graders.broken.add("one")
    stage.graders.opened.set()
    stage.submit("one", "two")
    assert stage.store.wait_for("one", "two") == [Verdict.internal_error, Verdict.accepted]


def test_a_listener_that_raises_stops_nothing() -> None:
    store, graders = Store(), Graders()
    graders.opened.set()
    queue = GradingQueue(graders, store, news=lambda name: {}[name], workers=1)
    for name in ("one", "two"):
        queue.submit(Submission(name, "ada", "q", RIGHT, "submit", 5))
    assert store.wait_for("one", "two") == [Verdict.accepted, Verdict.accepted]
    queue.close()


def test_a_report_that_cannot_be_kept_is_kept_once_there_is_room(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grading_queue, "FIRST_PAUSE_S", 0.001)
    stage.store.full = True
    stage.graders.opened.set()
    stage.submit("one", "two")
    stage.store.wait_until_refused(4)
    assert stage.queue.progress("one") == Graded()
    assert stage.ahead("two") == 0
    stage.store.full = False
    assert stage.store.wait_for("one", "two") == [Verdict.accepted, Verdict.accepted]
    assert stage.graders.begun == ["one", "two"]


def test_pauses_between_tries_grow_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    class Closed(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            pauses.append(timeout or 0)
            stage.store.full = len(pauses) < 10
            return self.is_set()

    monkeypatch.setattr(grading_queue, "Event", Closed)
    stage = Stage()
    stage.graders.let.add("one")
    stage.store.full = True
    stage.submit("one")
    stage.store.wait_for("one")
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 10]
    stage.wait_until_idle()


def test_closing_lets_what_runs_finish_and_begins_nothing_more() -> None:
    stage = Stage()
    stage.begin("running")
    stage.submit("waiting")
    closing = threading.Thread(target=stage.queue.close)
    closing.start()
    deadline = time.monotonic() + PATIENCE_S
    while stage.queue.progress("waiting") is not None:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    stage.submit("late")
    stage.graders.opened.set()
    closing.join(PATIENCE_S)
    assert set(stage.store.reports) == {"running"}
    assert stage.graders.begun == ["running"]


def test_closing_stops_what_does_not_finish_in_time() -> None:
    stage = Stage()
    stage.begin("stuck")
    stage.queue.close(drain_s=0.05)
    assert stage.store.reports == {}
    assert stage.queue.progress("stuck") is None


def test_closing_does_not_wait_for_room() -> None:
    stage = Stage()
    stage.store.full = True
    stage.graders.opened.set()
    stage.submit("one")
    stage.store.wait_until_refused(1)
    stage.queue.close(PATIENCE_S)
    assert stage.store.reports == {}


@pytest.mark.parametrize("seed", range(5))
def test_under_stress_everything_is_kept_once_or_was_dropped(seed: int) -> None:
    """Eight people submit and drop at the same time on three graders, some of which break."""
    stage = Stage(workers=3)
    stage.graders.opened.set()
    submitted: dict[str, bool] = {}  # whether it was dropped

    def person(owner: str) -> None:
        rng = Random(f"{seed} {owner}")
        mine: list[str] = []
        for n in range(60):
            name = f"{owner}{n}"
            if rng.random() < 0.1:
                stage.graders.broken.add(name)
            mine.append(name)
            submitted[name] = False
            stage.submit(name, owner=owner)
            if rng.random() < 0.3:
                dropped = rng.choice(mine)
                submitted[dropped] = True
                stage.queue.drop(dropped)

    people = [threading.Thread(target=person, args=(owner,)) for owner in "abcdefgh"]
    for thread in people:
        thread.start()
    for thread in people:
        thread.join(PATIENCE_S)
    stage.store.wait_for(*(name for name, dropped in submitted.items() if not dropped))
    stage.wait_until_idle()
    assert set(stage.store.reports) <= set(submitted)
    assert all(len(kept) == 1 for kept in stage.store.reports.values())
    assert len(set(stage.graders.begun)) == len(stage.graders.begun)
    assert all(stage.queue.progress(name) is None for name in submitted)


def test_brief_wait_ends_when_the_report_is_kept(stage: Stage) -> None:
    stage.begin("mine")
    waiting = threading.Thread(target=stage.queue.wait_briefly, args=("mine", PATIENCE_S))
    waiting.start()
    stage.graders.opened.set()
    waiting.join(PATIENCE_S)
    assert not waiting.is_alive()
    assert stage.store.wait_for("mine") == [Verdict.accepted]


def test_brief_wait_is_only_for_one_whose_turn_it_is(stage: Stage) -> None:
    stage.begin("running")
    stage.submit("next", "later")
    stage.queue.wait_briefly("later", 1e9)  # nobody can wait that long: it returns at once
    stage.queue.wait_briefly("unknown", 1e9)
