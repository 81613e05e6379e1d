"""Keeps one warm parent and its spare children for one library set, from a thread of its own.

That thread also starts the parent, because the kernel ties the parent's life to the thread that started it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from . import launch
from .cell.decoding import Decoder
from .cell.syscalls import architecture
from .cell.wire import WireError
from .child import Child
from .conduct import ChildLostError
from .job import Library, PoolState, SandboxError
from .launch import Entrance
from .selftest import assert_walls_stand
from .talk import Bounds, Talk
from .warm_parent import ParentLostError, WarmParent

_READY_BOUNDS = Bounds(wall_s=15.0, cpu_s=10.0, stdout_bytes=4_000, frame_bytes=1_000)
_WAIT_STEP_S = 0.05
_PATIENCE_S = 150.0
_ATTEMPTS = 3
_PAUSE_S = 0.5
_CALM_S = 0.01  # whoever just got an answer has the processor first: a dying child takes a millisecond of it


class Pool:
    """Spare children of one library set. Threads may take from it at the same time."""

    def __init__(self, library: Library, spares: int, outer_wall: bool) -> None:
        self._library = library
        self._spares = spares
        self._outer_wall = outer_wall
        self._changed = threading.Condition()
        self._ready: deque[Child] = deque()
        self._spent: deque[Child] = deque()
        self._waiting = 0
        self._closed = False
        self._doubtful = False  # whether the parent may be dead or dying
        self._attempts = 0
        self._parents_started = self._children_lost = self._failures = 0
        self._trouble: tuple[int, SandboxError] | None = None  # the attempt to have a child that failed, and why
        self._parent: WarmParent | None = None
        self._entrance: Entrance | None = None
        self._refusals: list[tuple[Entrance, str]] = []
        self._keeper = threading.Thread(target=self._keep, name=f"sandbox-{library}", daemon=True)
        self._keeper.start()

    @property
    def entrance(self) -> Entrance | None:
        """The way in that works here, once the first parent has started."""
        return self._entrance

    @property
    def refusals(self) -> list[tuple[Entrance, str]]:
        """The stronger ways in that did not work here, each with what went wrong."""
        return list(self._refusals)

    @property
    def parent(self) -> WarmParent | None:
        """The running warm parent."""
        return self._parent

    def state(self) -> PoolState:
        """How it stands at this moment."""
        with self._changed:
            return PoolState(
                self._library,
                spares_ready=len(self._ready),
                spares_wanted=self._spares,
                parents_started=self._parents_started,
                children_lost=self._children_lost,
                failures=self._failures,
            )

    def take(self, cancelled: Callable[[], bool] | None = None) -> Child | None:
        """Return a child that waits for its job; None when `cancelled` says so. SandboxError when there can be none."""
        deadline = time.monotonic() + _PATIENCE_S
        asked = False
        with self._changed:
            self._trouble = None
            self._waiting += 1
            before = self._attempts
            try:
                while True:
                    if self._closed:
                        raise SandboxError("the sandbox is closed")
                    while self._ready:
                        child = self._ready.popleft()
                        if child.alive():
                            return child
                        child.close()
                        asked = False  # for this one the keeper has done its part; another one must be asked for
                    if not asked:
                        self._changed.notify_all()
                        asked = True
                    if self._trouble is not None:
                        attempt, error = self._trouble
                        if attempt > before:
                            raise error
                        self._trouble = None  # it was begun before we came, and what was wrong may be over
                        self._changed.notify_all()
                    if time.monotonic() > deadline:
                        raise SandboxError("no sandboxed process became ready in time")
                    if cancelled is not None and cancelled():
                        return None
                    self._changed.wait(_WAIT_STEP_S if cancelled is not None else 1.0)
            finally:
                self._waiting -= 1

    def give_back(self, child: Child) -> None:
        """Hand back a child that was taken. The keeper ends it in a moment: nobody waits for that."""
        with self._changed:
            if self._closed:
                child.close()
            else:
                self._spent.append(child)
                self._changed.notify_all()

    def distrust(self, lost: Child, parent_gone: bool) -> None:
        """End the spares beside a lost child: what took it may be about to take them. Replace a parent that is gone."""
        with self._changed:
            self._children_lost += 1
            if lost.origin is self._parent:
                self._doubtful |= parent_gone
                self._discard_spares()

    def close(self) -> None:
        """End the parent and all its children, and wait for the keeper."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._keeper.join()

    def _keep(self) -> None:
        try:
            while self._wait_for_demand():
                try:
                    child = self._spawn()
                except SandboxError as error:
                    self._report(error)
                except Exception as error:  # whatever it was, waiting callers must hear of it
                    self._report(SandboxError(f"the sandbox broke: {type(error).__name__}: {error}"))
                else:
                    self._offer(child)
        finally:
            self._clear()

    def _offer(self, child: Child) -> None:
        with self._changed:
            if not self._doubtful:
                self._ready.append(child)
                self._changed.notify_all()
                return
        child.close()

    def _wait_for_demand(self) -> bool:
        """Wait until a child is wanted, and bury spent ones meanwhile. False once closed."""
        with self._changed:
            while not self._closed:
                wanted = self._waiting > len(self._ready)
                short = len(self._ready) < self._spares
                calm = not wanted and not self._changed.wait(_CALM_S if short or self._spent else None)
                if wanted or calm:
                    self._bury_spent()
                if wanted or (calm and short):
                    self._attempts += 1
                    return True
            return False

    def _bury_spent(self) -> None:
        while self._spent:
            self._spent.popleft().close()

    def _report(self, error: SandboxError) -> None:
        """Tell the waiting callers; try again when the next one comes. The parent, if there is one, has work to do."""
        trouble = (self._attempts, error)
        with self._changed:
            self._failures += 1
            self._trouble = trouble
            self._changed.notify_all()
            while not self._closed and self._trouble is trouble:
                self._bury_spent()
                self._changed.wait()

    def _spawn(self) -> Child:
        """Return a ready child, from a new parent if need be."""
        trouble: Exception | None = None
        for attempt in range(_ATTEMPTS):
            try:
                if self._doubtful:
                    self._drop_parent()
                if self._parent is None:
                    self._parent = self._start_parent()
                return self._ready_child(self._parent)
            except (ParentLostError, ChildLostError) as error:
                trouble = error
                if attempt > 0 or isinstance(error, ParentLostError):  # one lost child is no reason to lose the others
                    self._drop_parent()
                time.sleep(attempt * _PAUSE_S)
        raise SandboxError(f"the warm parent was lost {_ATTEMPTS} times in a row: {trouble}")

    def _start_parent(self) -> WarmParent:
        """Start a parent the strongest way this machine allows, and prove its walls before it serves anyone."""
        numbers = architecture_numbers()
        ways = list(launch.entrances(self._outer_wall))
        if self._entrance is not None:  # what has worked here once is the least that will do
            ways = ways[: ways.index(self._entrance) + 1]
        self._refusals = []
        for entrance in ways:
            try:
                parent = self._proven_parent(entrance, numbers)
            except SandboxError as error:
                self._refusals.append((entrance, str(error)))
            else:
                self._entrance = entrance
                self._parents_started += 1
                return parent
        reasons = "; ".join(f"{entrance}: {reason}" for entrance, reason in self._refusals)
        raise SandboxError(f"code cannot be run safely on this machine. Tried {reasons}")

    def _proven_parent(self, entrance: Entrance, numbers: dict[str, int]) -> WarmParent:
        """SandboxError when this way in does not work here. A parent that is killed on the way is started again."""
        for last in (False, True):
            try:
                return self._tested_parent(entrance, numbers)
            except (ParentLostError, ChildLostError) as error:
                if last:
                    raise SandboxError(str(error)) from error
        raise AssertionError("unreachable: the last try returns or raises")

    def _tested_parent(self, entrance: Entrance, numbers: dict[str, int]) -> WarmParent:
        parent = WarmParent(entrance, self._library)
        try:
            child = self._ready_child(parent)
            try:
                assert_walls_stand(child, numbers)
            finally:
                child.close()
        except BaseException:
            parent.close()
            raise
        return parent

    def _ready_child(self, parent: WarmParent) -> Child:
        child = parent.fork(at_once=self._waiting > len(self._ready))
        talk = Talk(child, iter(()))
        heard = talk.hear(_READY_BOUNDS)
        message: object = None
        if isinstance(heard.outcome, bytes):
            with suppress(WireError):
                message = Decoder(heard.outcome).decode()
        if isinstance(message, tuple) and message[:1] == ("ready",):
            child.settle()
            return child
        stdout, _ = talk.printed(_READY_BOUNDS.stdout_bytes)
        child.close()
        said = stdout.decode("utf-8", "replace").strip().splitlines()
        raise ChildLostError(
            f"a child did not become ready ({heard.outcome!r}): {said[-1] if said else 'no reason given'}"
        )

    def _drop_parent(self) -> None:
        parent, self._parent = self._parent, None
        if parent is not None:
            parent.close()
        with self._changed:
            self._doubtful = False
            self._discard_spares()
            self._bury_spent()

    def _discard_spares(self) -> None:
        self._spent += self._ready
        self._ready.clear()
        self._changed.notify_all()

    def _clear(self) -> None:
        self._drop_parent()
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def architecture_numbers() -> dict[str, int]:
    """Return this machine's system call numbers. SandboxError where there is no table."""
    try:
        return architecture().numbers
    except OSError as error:
        raise SandboxError(str(error)) from error
