"""The sandbox as its users see it: give it a job, get a run. Thread-safe; at most `workers` jobs run at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from . import grants
from .conduct import ChildLostError, conduct
from .job import Call, Ending, Job, Library, LibraryMissing, Run, SandboxError, SandboxState
from .pool import Pool
from .room import Room

_TRIES = 2


class Sandbox:
    """Warm parents and spare children for library sets. A set not named in `libs` is started by its first job.

    `spares` children wait ready per set. At most `workers` jobs run at a time, and their memory limits add up to
    `memory_mib` at most. `outer_wall=False` leaves bubblewrap out, for tests of the inner walls.
    """

    def __init__(
        self,
        libs: Sequence[Library] = ("numpy",),
        spares: int = 1,
        workers: int = 2,
        memory_mib: int = 4096,
        *,
        outer_wall: bool = True,
    ) -> None:
        self._spares = spares
        self._outer_wall = outer_wall
        self._workers = workers
        self._room = Room(workers, memory_mib)
        self._lock = threading.Lock()
        self._closed = False
        self._pools: dict[Library, Pool] = {}
        for library in libs:
            if self.available(library):
                self._pool(library)

    def available(self, library: Library) -> bool:
        """Tell whether jobs of this library set can run here. Does not import it."""
        return grants.installed(library) and (library == "numpy" or grants.installed("numpy"))

    def warm_up(self, library: Library) -> None:
        """Start the parent of an available library set, without waiting for it, unless it has been started already."""
        self._pool(library)

    def state(self) -> SandboxState:
        """How it stands at this moment."""
        with self._lock:
            pools = list(self._pools.values())
        return SandboxState(self._room.jobs, self._workers, tuple(pool.state() for pool in pools))

    def run(
        self,
        job: Job,
        on_call: Callable[[int, Call], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Run:
        """Run one job in a fresh child and return how it went.

        `on_call(index, call)` hears of each call as it ends, each index once. When `cancelled()` turns true the job
        stops and what was left of it is `not_run`. A job whose child is lost by no fault of its own is tried once more.
        LibraryMissing when the library is not installed; SandboxError when the walls do not stand or the sandbox broke.
        """
        if not self.available(job.lib):
            raise LibraryMissing(f"{job.lib} is not installed here, so this code cannot be run")
        with self._room.entered(job.limits.memory_mib, cancelled) as entered:
            return self._run(job, on_call, cancelled) if entered else _never_run(job)

    def _run(self, job: Job, on_call: Callable[[int, Call], None] | None, cancelled: Callable[[], bool] | None) -> Run:
        heard = 0

        def once(index: int, call: Call) -> None:
            nonlocal heard
            if on_call is not None and index >= heard:
                heard = index + 1
                on_call(index, call)

        for attempt in range(_TRIES):
            pool = self._pool(job.lib)
            child = pool.take(cancelled)
            if child is None:
                return _never_run(job)
            try:
                return conduct(child, job, once, cancelled)
            except ChildLostError as error:
                pool.distrust(child, error.parent_gone)
                if attempt == _TRIES - 1:
                    raise SandboxError(
                        f"{error}, {_TRIES} times in a row. The machine may be out of memory; nothing was counted."
                    ) from error
            finally:
                pool.give_back(child)
        raise AssertionError("unreachable: the last try returns or raises")

    def _pool(self, library: Library) -> Pool:
        with self._lock:
            if self._closed:
                raise SandboxError("the sandbox is closed")
            pool = self._pools.get(library)
            if pool is None:
                pool = self._pools[library] = Pool(library, self._spares, self._outer_wall)
            return pool

    def close(self) -> None:
        """End every parent and child. Jobs still running end with SandboxError."""
        with self._lock:
            self._closed = True
            pools = list(self._pools.values())
        for pool in pools:
            pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def _never_run(job: Job) -> Run:
    return Run(Ending.NOT_RUN, calls=tuple(Call(Ending.NOT_RUN) for _ in job.calls))
