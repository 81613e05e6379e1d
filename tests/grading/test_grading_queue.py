"""The queue grades in turn, tells of progress in order, and ends every submission exactly once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from made_questions import code_question

from app.bank.schema import Lib
from app.grading.outcome import MalformedAnswer
from app.grading.queue import Dropped, Finished, GradingQueue, Progress, Queued, QueueFull, Running
from app.grading.verdict import Verdict
from app.sandbox import Call, Job, Run, Sandbox

RIGHT = "def double(x):\n    return x + x\n"
PATIENCE_S = 20


class Gate:
    """The real sandbox behind a gate: the learner's jobs wait until it is opened. Remembers the order they came in."""

    def __init__(self, real: Sandbox) -> None:
        self.real = real
        self.opened = threading.Event()
        self.reached = threading.Semaphore(0)
        self.order: list[str] = []
        self.broken = False

    def run(
        self,
        job: Job,
        on_call: Callable[[int, Call], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Run:
        if job.return_args:  # a learner's job: the bank's own never ask for their arguments back
            self.order.append(job.source.partition("# ")[2])
            self.reached.release()
            while not self.opened.wait(0.01):
                if cancelled is not None and cancelled():
                    break
            if self.broken:
                raise ZeroDivisionError("a fault in grading")
        return self.real.run(job, on_call, cancelled)

    def available(self, library: Lib) -> bool:
        return True


class Listener:
    """Hears of one submission."""

    def __init__(self) -> None:
        self.heard: list[Progress] = []
        self.ended = threading.Event()

    def __call__(self, progress: Progress) -> None:
        self.heard.append(progress)
        if isinstance(progress, Finished | Dropped):
            self.ended.set()

    @property
    def last(self) -> Progress:
        assert self.ended.wait(PATIENCE_S)
        return self.heard[-1]

    @property
    def verdict(self) -> Verdict:
        assert isinstance(self.last, Finished)
        return self.last.report.verdict


@pytest.fixture
def gate(sandbox: Sandbox) -> Gate:
    return Gate(sandbox)


@pytest.fixture
def queue(gate: Gate) -> Iterator[GradingQueue]:
    made = GradingQueue(gate, workers=1, capacity=4)
    yield made
    gate.opened.set()
    made.close()


def submit(queue: GradingQueue, name: str, owner: str = "ada", **more: str) -> Listener:
    listener = Listener()
    queue.submit(name, code_question(), f"{RIGHT}# {name}", "submit", 5, owner, listener, **more)
    return listener


def started(queue: GradingQueue, gate: Gate, name: str, owner: str = "ada") -> Listener:
    listener = submit(queue, name, owner)
    assert gate.reached.acquire(timeout=PATIENCE_S)
    return listener


def test_a_submission_is_queued_run_case_by_case_and_finished(queue: GradingQueue, gate: Gate) -> None:
    gate.opened.set()
    listener = submit(queue, "one")
    assert listener.verdict is Verdict.accepted
    heard = [event for event in listener.heard if not isinstance(event, Queued)]
    assert heard[:-1] == [Running(0, 0), *(Running(done, 6) for done in range(7))]


def test_owners_take_turns(queue: GradingQueue, gate: Gate) -> None:
    listeners = [started(queue, gate, "a1")]
    listeners += [submit(queue, "a2"), submit(queue, "a3"), submit(queue, "b1", "bo"), submit(queue, "c1", "cy")]
    assert listeners[3].heard == [Queued(ahead=1)]
    gate.opened.set()
    assert {listener.verdict for listener in listeners} == {Verdict.accepted}
    assert gate.order == ["a1", "a2", "b1", "c1", "a3"]


def test_waiting_submissions_hear_how_many_are_ahead(queue: GradingQueue, gate: Gate) -> None:
    started(queue, gate, "a1")
    second, third = submit(queue, "a2"), submit(queue, "a3")
    assert (second.heard, third.heard) == ([Queued(0)], [Queued(1)])
    gate.opened.set()
    assert third.verdict is Verdict.accepted
    assert Queued(0) in third.heard


def test_a_full_queue_refuses_and_forgets_nothing(queue: GradingQueue, gate: Gate) -> None:
    listeners = [started(queue, gate, "running")]
    listeners += [submit(queue, f"waiting-{n}") for n in range(4)]
    with pytest.raises(QueueFull):
        submit(queue, "too-many")
    assert queue.waiting == 4
    gate.opened.set()
    assert {listener.verdict for listener in listeners} == {Verdict.accepted}


def test_an_id_is_taken_while_it_is_under_way(queue: GradingQueue, gate: Gate) -> None:
    started(queue, gate, "one")
    with pytest.raises(ValueError, match="already queued"):
        submit(queue, "one")


def test_cancelling_drops_what_waits_and_stops_what_runs(queue: GradingQueue, gate: Gate) -> None:
    running, waiting = started(queue, gate, "running"), submit(queue, "waiting")
    assert queue.cancel("waiting")
    assert waiting.last == Dropped()
    assert queue.cancel("running")
    assert running.last == Dropped()
    assert not queue.cancel("unknown")
    assert gate.order == ["running"]


def test_a_crash_in_grading_ends_as_our_fault_and_the_next_is_graded(queue: GradingQueue, gate: Gate) -> None:
    gate.broken = True
    gate.opened.set()
    assert submit(queue, "one").verdict is Verdict.internal_error
    gate.broken = False
    assert submit(queue, "two").verdict is Verdict.accepted


def test_a_listener_that_breaks_stops_nothing(queue: GradingQueue, gate: Gate) -> None:
    gate.opened.set()
    queue.submit("one", code_question(), RIGHT, "submit", 5, "ada", tell=lambda progress: {}[progress])
    assert submit(queue, "two").verdict is Verdict.accepted


def test_a_custom_input_that_cannot_be_read_is_refused_at_once(queue: GradingQueue) -> None:
    with pytest.raises(MalformedAnswer):
        submit(queue, "one", custom="not a list")
    assert queue.waiting == 0


def test_closing_finishes_what_runs_and_hands_back_what_waits(sandbox: Sandbox) -> None:
    gate = Gate(sandbox)
    queue = GradingQueue(gate, workers=1)
    running, waiting = started(queue, gate, "running"), submit(queue, "waiting")
    gate.opened.set()
    left = queue.close()
    assert running.verdict is Verdict.accepted
    assert left in ([], ["waiting"])
    assert waiting.ended.is_set() is (left == [])
    with pytest.raises(ValueError, match="closed"):
        submit(queue, "late")


def test_closing_cancels_what_does_not_finish_in_time(gate: Gate) -> None:
    queue = GradingQueue(gate, workers=1)
    running = started(queue, gate, "stuck")
    assert queue.close(drain_s=0.05) == []
    assert running.last == Dropped()
