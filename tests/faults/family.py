"""The processes of a sandbox in this process by what they are, and jobs whose calls can be seen from outside."""

from __future__ import annotations

import os
import signal
import threading
import time

from processes import command, cpu_ticks, descendants, descriptors, eventually, resident_mib, running, state

from app.sandbox import Call, Job, Limits, Run, Sandbox, SandboxError

HELD_MIB = 128
QUIET_S = 0.1
HOLD = """
import time

def f(n, mib, s):
    held = b"x" * (mib << 20)
    time.sleep(s)
    return 2 * n
"""
PLAIN = (0, 0.0)
HOLDING = (HELD_MIB, 1.0)


def job(*calls: tuple[int, float], wall_s: float = 20.0) -> Job:
    """A job that doubles 0, 1, …; each call holds so many MiB for so many seconds."""
    return Job(HOLD, "f", [(n, *hold) for n, hold in enumerate(calls)], limits=Limits(cpu_s=5.0, wall_s=wall_s))


def values(run: Run) -> list[object]:
    return [call.value for call in run.calls]


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


class Family:
    """Finds the processes below this one that belong to a sandbox with one library set.

    `others` are those of sandboxes that were there before the test; pytest keeps some for other tests.
    """

    others: frozenset[int] = frozenset()

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        assert values(sandbox.run(job(PLAIN))) == [0]
        self.settle()
        self._members = self.all
        self.baseline = self.census()

    @property
    def all(self) -> list[int]:
        return [pid for pid in descendants(os.getpid(), self.others) if "cell" in command(pid)]

    @property
    def starter(self) -> int:
        """What the app started: bubblewrap, or the warm parent itself."""
        return self.all[0]

    @property
    def parent(self) -> int:
        """The warm parent, which forks."""
        found = self.all
        return found[1] if "--unshare-pid" in command(found[0]) else found[0]

    @property
    def children(self) -> list[int]:
        found = self.all
        return descendants(self.parent) if len(found) > 1 else []

    def holder(self) -> int:
        """The child that is in a call that holds memory, once there is one."""
        found: list[int] = []

        def look() -> bool:
            found[:] = [pid for pid in self.all if resident_mib(pid) > HELD_MIB]
            return bool(found)

        eventually(look, self.describe)
        return found[0]

    def settle(self) -> None:
        """Wait until one spare is ready and nothing goes on any more."""
        self.wait_until_quiet(spares=1)

    def wait_until_quiet(self, spares: int | None = None) -> None:
        """Wait until nothing has changed for a tenth of a second (with so many spares): everybody waits."""
        last: object = None
        since = time.monotonic()

        def quiet() -> bool:
            nonlocal last, since
            children = self.children
            now = (descriptors(), [(pid, state(pid), cpu_ticks(pid)) for pid in self.all])
            if now != last or spares not in (None, len(children)):
                last, since = now, time.monotonic()
            return time.monotonic() - since > QUIET_S

        eventually(quiet, self.describe)

    def kill_spare(self) -> None:
        """Kill the newest child, once there is one."""

        def try_to() -> bool:
            try:
                kill(self.children[-1])
            except (IndexError, ProcessLookupError):  # none yet, or it has just ended
                return False
            return True

        eventually(try_to, self.describe)

    def fell(self) -> None:
        """Kill the lot and see them gone."""
        members = self.all
        kill(self.starter)
        eventually(lambda: not any(map(running, members)), self.describe)

    def census(self) -> tuple[int, int]:
        """Descriptors of this process, processes of the sandbox."""
        return descriptors(), len(self.all)

    def assert_recovered(self) -> None:
        """Honest jobs are run, no process of before is left, and descriptors and processes are as many as before."""
        for n in range(3):
            assert values(self.sandbox.run(job(PLAIN, PLAIN))) == [0, 2], n
        eventually(lambda: self.census() == self.baseline, lambda: (self.baseline, self.describe()))
        serving = self.all
        assert not [pid for pid in self._members if running(pid) and pid not in serving]

    def describe(self) -> object:
        return descriptors(), [(pid, state(pid), resident_mib(pid), command(pid)[:80]) for pid in self.all]


class Running:
    """A job run from a thread of its own, so that this one can do harm meanwhile."""

    def __init__(self, sandbox: Sandbox, work: Job) -> None:
        self.heard: list[int] = []
        self._run: Run | None = None
        self._error: SandboxError | None = None
        self._thread = threading.Thread(target=self._work, args=(sandbox, work), daemon=True)
        self._thread.start()

    def _work(self, sandbox: Sandbox, work: Job) -> None:
        try:
            self._run = sandbox.run(work, on_call=self._hear)
        except SandboxError as error:
            self._error = error

    def _hear(self, index: int, _: Call) -> None:
        self.heard.append(index)

    @property
    def over(self) -> bool:
        return not self._thread.is_alive()

    def join(self) -> Run:
        """How it went; raises SandboxError if it did."""
        self._thread.join(120)
        assert self.over
        if self._error is not None:
            raise self._error
        assert self._run is not None
        return self._run
