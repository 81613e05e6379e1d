"""Any process of the sandbox may be killed or stopped at any moment: the job is run all the same."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from family import HOLDING, PLAIN, Family, Running, job, kill, values
from processes import command, commanded, descendants, eventually, state

from app.sandbox import Ending, Sandbox, SandboxError, launch, warm_parent
from app.sandbox.child import Child


def end(pid: int) -> None:
    """Kill and see it dead: nobody can take it for alive."""
    kill(pid)
    eventually(lambda: state(pid) == "Z")


def stop(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)
    eventually(lambda: state(pid) == "T")


def test_killed_spare_is_replaced(family: Family) -> None:
    for _ in range(3):
        family.kill_spare()
        assert values(family.sandbox.run(job(PLAIN))) == [0]


def test_job_to_which_dead_children_are_offered_gets_a_living_one(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sandbox.pool._PATIENCE_S", 10.0)
    dead, alive = [1, 2, 3], Child.alive
    monkeypatch.setattr(Child, "alive", lambda child: not dead.pop() if dead else alive(child))
    assert values(family.sandbox.run(job(PLAIN))) == [0]
    assert not dead


@pytest.mark.parametrize("calls", [(HOLDING, PLAIN), (PLAIN, PLAIN, HOLDING)], ids=["first-call", "later-call"])
def test_job_whose_child_is_killed_is_run_again(family: Family, calls: tuple[tuple[int, float], ...]) -> None:
    running = Running(family.sandbox, job(*calls))
    kill(family.holder())
    assert values(running.join()) == [2 * n for n in range(len(calls))]
    assert running.heard == list(range(len(calls)))


def test_job_whose_child_is_killed_again_and_again_is_given_up(family: Family) -> None:
    running = Running(family.sandbox, job((HOLDING[0], 20.0)))
    for _ in range(2):
        end(family.holder())
    with pytest.raises(SandboxError, match="killed from outside, 2 times in a row"):
        running.join()


def test_killed_idle_parent_is_replaced(family: Family) -> None:
    kill(family.parent)
    assert values(family.sandbox.run(job(PLAIN))) == [0]


def test_job_whose_parent_is_killed_is_run_again(family: Family) -> None:
    running = Running(family.sandbox, job(PLAIN, HOLDING))
    family.holder()
    kill(family.parent)
    assert values(running.join()) == [0, 2]
    assert running.heard == [0, 1]


def test_parent_killed_with_a_fork_asked_for_is_replaced(family: Family) -> None:
    parent, spare = family.parent, family.children[0]
    stop(parent)
    end(spare)
    running = Running(family.sandbox, job(PLAIN))
    family.wait_until_quiet()
    assert not running.over
    kill(parent)
    assert values(running.join()) == [0]


def test_parent_killed_while_its_child_gets_ready_is_replaced(family: Family) -> None:
    parent, spare = family.parent, family.children[0]
    end(spare)
    running = Running(family.sandbox, job(PLAIN))
    eventually(lambda: set(descendants(parent)) - {spare})
    kill(parent)
    assert values(running.join()) == [0]


def test_outer_wall_is_not_given_up_because_its_starter_was_killed() -> None:
    """A kill while the first parent starts must not pass for a machine that has no bubblewrap."""
    with Sandbox() as sandbox:
        strongest = command(Family(sandbox).starter).split()[0]
    for _ in range(3):
        with Sandbox() as sandbox:
            eventually(lambda: descendants(os.getpid(), Family.others))
            kill(descendants(os.getpid(), Family.others)[0])
            assert command(Family(sandbox).starter).split()[0] == strongest


def test_what_a_killed_starter_leaves_behind_is_ended_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As bubblewrap killed while it sets up its child, which then waits for it for ever and holds what it inherited."""
    left = "sleep 86397"
    script = tmp_path / "bwrap"
    script.write_text(f"#!/bin/sh\n{left} &\nkill -9 $$\n")
    script.chmod(0o755)
    monkeypatch.setattr(launch, "bubblewrap_binary", lambda: str(script))
    monkeypatch.setitem(warm_parent._START_TIMEOUT_S, "numpy", 600.0)
    monkeypatch.setattr("app.sandbox.pool._PATIENCE_S", 30.0)
    with Sandbox() as sandbox:
        assert values(sandbox.run(job(PLAIN))) == [0]
        assert commanded(left) == []


def test_killed_idle_starter_is_replaced(family: Family) -> None:
    kill(family.starter)
    assert values(family.sandbox.run(job(PLAIN))) == [0]


def test_job_whose_starter_is_killed_is_run_again(family: Family) -> None:
    running = Running(family.sandbox, job(PLAIN, HOLDING))
    family.holder()
    kill(family.starter)
    assert values(running.join()) == [0, 2]


@pytest.mark.usefixtures("impatient")
def test_stopped_idle_parent_is_replaced(family: Family) -> None:
    stop(family.parent)
    for _ in range(3):
        assert values(family.sandbox.run(job(PLAIN))) == [0]


def test_stopped_bubblewrap_changes_nothing_and_ends_with_the_sandbox() -> None:
    with Sandbox() as sandbox:
        family = Family(sandbox)
        if family.starter == family.parent:
            pytest.skip("bubblewrap does not work on this machine")
        stop(family.starter)
        family.assert_recovered()
    eventually(lambda: not family.all, family.describe)


@pytest.mark.usefixtures("impatient")
def test_stopped_parent_ends_with_the_sandbox() -> None:
    for outer_wall in (True, False):
        with Sandbox(outer_wall=outer_wall) as sandbox:
            family = Family(sandbox)
            stop(family.parent)
        eventually(lambda: not family.all, family.describe)  # noqa: B023 (waited for before the next)


@pytest.mark.usefixtures("impatient")
def test_job_whose_parent_is_stopped_is_run(family: Family) -> None:
    running = Running(family.sandbox, job(PLAIN, HOLDING))
    family.holder()
    stop(family.parent)
    assert values(running.join()) == [0, 2]


@pytest.mark.usefixtures("impatient")
def test_job_whose_child_is_killed_while_the_parent_is_stopped_is_run_again(family: Family) -> None:
    running = Running(family.sandbox, job(HOLDING))
    child = family.holder()
    stop(family.parent)
    kill(child)
    assert values(running.join()) == [0]


def test_stopped_spare_is_not_blamed_on_the_job(family: Family) -> None:
    stop(family.children[0])
    assert values(family.sandbox.run(job(PLAIN))) == [0]


def test_job_whose_child_is_stopped_is_run_again(family: Family) -> None:
    running = Running(family.sandbox, job(PLAIN, HOLDING, wall_s=2.5))
    stop(family.holder())
    run = running.join()
    assert [call.ending for call in run.calls] == [Ending.RETURNED, Ending.RETURNED]
    assert values(run) == [0, 2]
