"""Processes of the sandbox are killed and stopped at random moments, and no job is lost or gets a wrong value."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random

import pytest
from family import Family, job, values
from processes import eventually

from app.grading.cases import run_retrying
from app.sandbox import Sandbox, SandboxError

JOBS = 60
LONGEST_S = 15.0


class Vandal:
    """Kills or stops a process of the sandbox, any of them, every now and then."""

    def __init__(self, family: Family, rng: Random) -> None:
        self.harms = 0
        self._family = family
        self._rng = rng
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._rage, daemon=True)
        self._tired = threading.Timer(LONGEST_S, self._enough.set)

    def _rage(self) -> None:
        while not self._enough.wait(self._rng.uniform(0.02, 0.6)):
            if members := self._family.all:
                with suppress(ProcessLookupError):
                    os.kill(self._rng.choice(members), self._rng.choice([signal.SIGKILL] * 4 + [signal.SIGSTOP]))
                    self.harms += 1

    def __enter__(self) -> Vandal:
        self._thread.start()
        self._tired.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._tired.cancel()
        self._thread.join()


@pytest.fixture
def crowd(impatient: None) -> Iterator[Family]:
    with Sandbox(spares=1, workers=2) as sandbox:
        family = Family(sandbox)
        yield family
    eventually(lambda: not family.all, family.describe)


def test_every_job_ends_right_or_is_given_up_and_the_sandbox_serves_on(crowd: Family) -> None:
    rng = Random(1)
    work = [job(*((0, rng.choice([0.0, 0.0, 0.1])) for _ in range(3)), wall_s=2.5) for _ in range(JOBS)]

    def run(n: int) -> list[object] | None:
        try:
            return values(run_retrying(crowd.sandbox, work[n]))
        except SandboxError:
            return None

    with Vandal(crowd, rng) as vandal, ThreadPoolExecutor(4) as threads:
        ends = list(threads.map(run, range(JOBS)))
    assert [end for end in ends if end not in ([0, 2, 4], None)] == []
    assert ends.count([0, 2, 4]) > JOBS // 2
    assert vandal.harms > 10
    crowd.assert_recovered()
