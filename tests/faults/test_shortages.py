"""When the machine runs short of something a job is run all the same or SandboxError says what was short; then all is
as before."""

from __future__ import annotations

import itertools
import os
import resource
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from family import HOLDING, PLAIN, Family, Running, job, kill, values

from app.bank.loader import load_bank
from app.bank.schema import Code
from app.grading.code import grade_code
from app.grading.queue import GradingQueue, Submission
from app.grading.verdict import Report, Verdict
from app.sandbox import Job, Limits, Sandbox, SandboxError, grants
from app.sandbox.launch import SANDBOX_UID
from app.settings import ROOT


@contextmanager
def at_most(what: int, limit: int, pid: int = 0) -> Iterator[None]:
    """A process, and what it starts meanwhile, under a lower limit."""
    before = resource.prlimit(pid, what)
    resource.prlimit(pid, what, (limit, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, what, before)


def lowest_free_descriptor() -> int:
    fd = os.open("/dev/null", os.O_RDONLY)
    os.close(fd)
    return fd


def impose(pid: int, what: int, limit: int) -> None:
    """Lower a limit of a process of the sandbox for good: as its own user, for which no privilege is needed."""
    owner = Path(f"/proc/{pid}").stat().st_uid if os.geteuid() else SANDBOX_UID

    def become_and_impose() -> None:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(owner, owner, owner)
            os.setresuid(owner, owner, owner)
        resource.prlimit(pid, what, (limit, limit))

    subprocess.run(["true"], preexec_fn=become_and_impose, check=True)


@pytest.fixture(scope="module")
def question() -> Code:
    found = load_bank(ROOT / "questions", None)[0].questions["iou"].question
    assert isinstance(found, Code)
    return found


def right(question: Code, sandbox: Sandbox) -> Verdict:
    """The verdict on a right solution, on cases that were not drawn before."""
    seed = next(_seeds)
    return grade_code(question, question.reference, sandbox=sandbox, mode="submit", seed=seed).verdict


_seeds = itertools.count()


def test_parent_that_cannot_fork_is_replaced(family: Family) -> None:
    impose(family.parent, resource.RLIMIT_NPROC, 0)
    family.kill_spare()
    assert values(family.sandbox.run(job(PLAIN))) == [0]


def test_out_of_processes_is_our_fault_and_passes(family: Family, question: Code) -> None:
    with at_most(resource.RLIMIT_NPROC, 0):
        family.fell()
        with pytest.raises(SandboxError, match="Resource temporarily unavailable"):
            family.sandbox.run(job(PLAIN))
        assert right(question, family.sandbox) is Verdict.internal_error
    assert right(question, family.sandbox) is Verdict.accepted


def test_out_of_descriptors_is_our_fault_and_passes(family: Family, question: Code) -> None:
    family.fell()
    with at_most(resource.RLIMIT_NOFILE, lowest_free_descriptor()):
        assert right(question, family.sandbox) is Verdict.internal_error
    assert right(question, family.sandbox) is Verdict.accepted


def test_many_open_descriptors_are_no_trouble(family: Family) -> None:
    """As a server with a thousand browsers has them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2048:
        pytest.skip(f"no more than {hard} descriptors are allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    opened = [os.open("/dev/null", os.O_RDONLY) for _ in range(1100)]
    try:
        family.fell()
        for _ in range(3):
            assert values(family.sandbox.run(job(PLAIN))) == [0]
        running = Running(family.sandbox, job(HOLDING))
        kill(family.holder())
        assert values(running.join()) == [0]
    finally:
        for fd in opened:
            os.close(fd)
        family.fell()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("lost", ["a child", "the parent"])
def test_out_of_descriptors_at_any_point_leaks_none(family: Family, lost: str) -> None:
    refused = 0
    for spared in range(20) if lost == "a child" else range(0, 20, 3):
        if lost == "a child":
            family.kill_spare()
        else:
            family.fell()
        with at_most(resource.RLIMIT_NOFILE, lowest_free_descriptor() + spared):
            try:
                assert values(family.sandbox.run(job(PLAIN))) == [0]
            except SandboxError:
                refused += 1
        assert values(family.sandbox.run(job(PLAIN))) == [0]
    assert refused


def test_parent_without_memory_is_replaced(family: Family) -> None:
    impose(family.parent, resource.RLIMIT_AS, 1 << 20)
    family.kill_spare()
    assert values(family.sandbox.run(job(PLAIN))) == [0]


def test_parent_that_loses_its_memory_while_a_job_runs_is_replaced(family: Family) -> None:
    running = Running(family.sandbox, job(HOLDING, PLAIN))
    child = family.holder()
    impose(family.parent, resource.RLIMIT_AS, 1 << 20)
    kill(child)
    assert values(running.join()) == [0, 2]


TIMED = """
import time

def f():
    began = time.monotonic()
    time.sleep(0.2)
    return began, time.monotonic()
"""


def test_memory_limits_of_what_is_graded_at_a_time_stay_within_the_budget() -> None:
    """Four graders, six submissions of 200 MiB each, and a budget that holds two."""
    work = Job(TIMED, "f", [()], limits=Limits(memory_mib=200))
    spans: list[tuple[float, float]] = []
    kept = threading.Semaphore(0)

    def grade(submission: Submission, *_: object) -> Report:
        spans.append(sandbox.run(work).calls[0].value)  # type: ignore[arg-type]  # the program's two times
        return Report(question="f", verdict=Verdict.accepted, score=1, wall_ms=1, cases=(), seed=submission.seed)

    with Sandbox(workers=4, memory_mib=500) as sandbox:
        queue = GradingQueue(grade, keep=lambda *_: kept.release(), news=lambda _: None, workers=4)
        for n in range(6):
            queue.submit(Submission(f"s{n}", f"owner-{n}", "f", "", "submit", 0))
        for _ in range(6):
            assert kept.acquire(timeout=60)
        queue.close()
    overlaps = [sum(began <= start < end for began, end in spans) for start, _ in spans]
    assert max(overlaps) == 2


def test_two_hundred_submissions_leave_descriptors_and_processes_as_they_were(family: Family, question: Code) -> None:
    """`benchmarks/endurance.py` does it with thousands, through a server, and looks at memory too."""
    verdicts: list[Verdict] = []
    kept = threading.Semaphore(0)

    def grade(submission: Submission, *_: object) -> Report:
        return grade_code(question, submission.code, sandbox=family.sandbox, mode="submit", seed=submission.seed)

    def keep(_: str, report: Report) -> None:
        verdicts.append(report.verdict)
        kept.release()

    queue = GradingQueue(grade, keep, news=lambda _: None)
    for n in range(200):
        code = question.reference if n % 4 else f"import os\nos._exit({n})\n"
        queue.submit(Submission(f"s{n}", f"owner-{n % 3}", question.id, code, "submit", next(_seeds)))
    for _ in range(200):
        assert kept.acquire(timeout=60)
    queue.close()
    assert verdicts.count(Verdict.accepted) == 150
    family.settle()
    assert family.census() == family.baseline


def test_unreadable_files_are_our_fault_and_pass(
    family: Family, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tmp_path.chmod(0o755)
    copy = Path(shutil.copytree(grants.own_code().source, tmp_path / "cell"))
    monkeypatch.setattr(grants, "own_code", lambda: grants.Grant(str(copy), "/cell/code/cell"))
    files = list(copy.glob("*.py"))
    for file in files:
        file.chmod(0o000)
    family.fell()
    with pytest.raises(SandboxError, match="Permission denied"):
        family.sandbox.run(job(PLAIN))
    for file in files:
        file.chmod(0o644)
    assert values(family.sandbox.run(job(PLAIN))) == [0]
