from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from app.sandbox import Call, Ending, Job, Limits, Run, Sandbox

HONEST = "def double(a):\n    return a * 2\n"


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as built:
        yield built


@pytest.fixture
def run(sandbox: Sandbox) -> Iterator[Callable[..., Run]]:
    """Runs a source that defines `f`; afterwards an honest job must still succeed."""

    def runner(source: str, *calls: tuple[object, ...], return_args: bool = False, **limits: float) -> Run:
        bounds = {"cpu_s": 1.0, "wall_s": 2.0, "load_s": 2.0} | limits
        return sandbox.run(
            Job(source, "f", list(calls) or [()], limits=Limits(**bounds), return_args=return_args)  # type: ignore[arg-type]  # seconds and sizes by name
        )

    yield runner
    honest = sandbox.run(Job(HONEST, "double", [(np.arange(3),)]))
    assert honest.calls[0].ending is Ending.RETURNED
    assert honest.calls[0].value.tolist() == [0, 2, 4]  # type: ignore[attr-defined]  # an array, by the line above


@pytest.fixture
def call(run: Callable[..., Run]) -> Callable[..., Call]:
    """As `run`, for sources that load: returns the first call."""

    def caller(source: str, *args: object, **limits: float) -> Call:
        done = run(source, args, **limits)
        assert done.load is Ending.RETURNED, done.load_failure
        return done.calls[0]

    return caller
