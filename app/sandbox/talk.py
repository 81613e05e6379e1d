"""The conversation with one child: frames go out as its pipe takes them, answers come back within bounds.

The app does not wait for one answer before it sends the next frame, so that neither side sleeps while the other has
work. Everything read is untrusted data: bytes that may be anything, capped, and never a reason to wait for ever.
"""

from __future__ import annotations

import math
import os
import select
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from .cell.wire import HEADER
from .child import Child, Died

_CHUNK = 1 << 16  # what a pipe holds
_LONGEST_WAIT_S = 0.05  # how often cancellation, the CPU clock and the memory are looked at
_SOON_MS = 5
_CLOSED_GRACE_S = 0.2
_READS = 8
_FAR_TOO_MUCH = 16  # times the stdout cap after which a call is stopped


class Stop(Enum):
    """Why the app, not the child, ended the conversation."""

    WALL = auto()
    CPU = auto()
    MEMORY = auto()
    STDOUT = auto()
    RESULT = auto()
    CANCELLED = auto()
    CHANNEL_CLOSED = auto()


@dataclass(frozen=True)
class Bounds:
    """What the child may use for one answer."""

    wall_s: float
    cpu_s: float
    stdout_bytes: int
    frame_bytes: int
    memory_mib: float = math.inf


class Heard(NamedTuple):
    """One answer, or why there is none, and what it cost since the last one."""

    outcome: bytes | Stop | Died
    wall_s: float
    cpu_s: float


class Talk:
    """Sends `frames` and hears answers in turn. Once an outcome is not bytes, the conversation is over."""

    def __init__(self, child: Child, frames: Iterator[bytes], cancelled: Callable[[], bool] | None = None) -> None:
        self._child = child
        self._frames = frames
        self._cancelled = cancelled
        self._unsent = memoryview(b"")
        self._waits_to_send = False
        self._received = bytearray()
        self._printed = bytearray()
        self._taken = 0  # bytes of what was printed that have been handed on
        self._ended: Stop | Died | None = None
        self._poll = select.poll()
        for fd in (child.result, child.status):
            self._poll.register(fd, select.POLLIN)
        self._minds_stdout = False
        self._since = self._looked = time.monotonic()
        self._cpu_since = child.cpu_s()
        self._send()

    def hear(self, bounds: Bounds) -> Heard:
        """Wait for the next answer."""
        outcome = self._await(bounds)
        now, cpu = time.monotonic(), self._child.cpu_s()
        if isinstance(outcome, Died):
            cpu = max(cpu, outcome.cpu_s)
        heard = Heard(outcome, now - self._since, max(0.0, cpu - self._cpu_since))
        self._since, self._cpu_since = now, cpu
        return heard

    def printed(self, cap: int, so_far: int | None = None) -> tuple[bytes, int]:
        """Take what was printed since the last time: its first `cap` bytes, and how many there were.

        `so_far` is how many bytes had been printed in all when the answer was written; None takes everything.
        """
        due = None if so_far is None else max(0, so_far - self._taken)
        for _ in range(_READS):  # a bound keeps a child that goes on writing from holding us here
            if (due is not None and len(self._printed) >= due) or self._read_stdout() <= 0:
                break
        own = len(self._printed) if due is None else min(due, len(self._printed))
        kept = bytes(self._printed[: min(own, cap)])
        del self._printed[:own]
        self._taken += own
        return kept, own

    def _await(self, bounds: Bounds) -> bytes | Stop | Died:
        child = self._child
        while (frame := self._whole_frame(bounds)) is None:
            if (over := self._ended or self._overdue(bounds)) is not None:
                return over
            for fd, _ in self._events(bounds):
                if fd == child.job:
                    self._send()
                elif fd == child.out:
                    if self._read_stdout() == 0:
                        self._poll.unregister(fd)
                    if len(self._printed) > _FAR_TOO_MUCH * bounds.stdout_bytes:
                        return Stop.STDOUT
                elif fd == child.result:
                    self._read_result()
                else:
                    self._bury()
        return frame

    def _events(self, bounds: Bounds) -> list[tuple[int, int]]:
        """Wait for something to happen. What is printed counts only once an answer takes its time.

        Before that, each line printed would wake this side for nothing, on the processor that the child may be on.
        """
        patience_ms = self._patience_ms(bounds)
        if self._minds_stdout:
            return self._poll.poll(patience_ms)
        events = self._poll.poll(min(_SOON_MS, patience_ms))
        if not events:
            self._child.wake()
            self._poll.register(self._child.out, select.POLLIN)
            self._minds_stdout = True
        return events

    def _overdue(self, bounds: Bounds) -> Stop | None:
        if time.monotonic() - self._since > bounds.wall_s:
            return Stop.WALL
        if self._child.cpu_s() - self._cpu_since > bounds.cpu_s:
            return Stop.CPU
        if self._cancelled is not None and self._cancelled():
            return Stop.CANCELLED
        return self._too_large(bounds)

    def _too_large(self, bounds: Bounds) -> Stop | None:
        """Look at the child's memory now and then: reading it costs more than most calls take."""
        now = time.monotonic()
        if now - self._looked < _LONGEST_WAIT_S:
            return None
        self._looked = now
        return Stop.MEMORY if self._child.own_mib() > bounds.memory_mib else None

    def _patience_ms(self, bounds: Bounds) -> int:
        wall_left = bounds.wall_s - (time.monotonic() - self._since)
        return max(1, int(1000 * min(wall_left, bounds.cpu_s, _LONGEST_WAIT_S)) + 1)

    def _send(self) -> None:
        """Write frames until there are none left or the pipe is full."""
        child = self._child
        try:
            while self._unsent or self._next_frame():
                self._unsent = self._unsent[os.write(child.job, self._unsent) :]
        except BlockingIOError:
            if not self._waits_to_send:
                self._poll.register(child.job, select.POLLOUT)
                self._waits_to_send = True
            return
        except BrokenPipeError:  # it is dying; the status pipe will say how
            self._unsent = memoryview(b"")
        if self._waits_to_send:
            self._poll.unregister(child.job)
            self._waits_to_send = False

    def _next_frame(self) -> bool:
        self._unsent = memoryview(next(self._frames, b""))
        return len(self._unsent) > 0

    def _read_stdout(self) -> int:
        try:
            piece = os.read(self._child.out, _CHUNK)
        except BlockingIOError:
            return -1
        self._printed += piece
        return len(piece)

    def _whole_frame(self, bounds: Bounds) -> bytes | Stop | None:
        """Return the first whole frame received, if there is one; Stop when it announces more than is allowed."""
        received = self._received
        if len(received) < HEADER.size:
            return None
        length = HEADER.unpack_from(received)[0]
        if length > bounds.frame_bytes:
            return Stop.RESULT
        end = HEADER.size + length
        if len(received) < end:
            return None
        frame = bytes(received[HEADER.size : end])
        del received[:end]
        return frame

    def _read_result(self) -> bool:
        """Take what the result pipe holds. Tell whether it was anything."""
        try:
            piece = os.read(self._child.result, _CHUNK)
        except BlockingIOError:
            return False
        self._received += piece
        if not piece:
            with suppress(KeyError):  # its end was seen before
                self._poll.unregister(self._child.result)
            self._ended = self._ended or self._closed()
        return bool(piece)

    def _closed(self) -> Stop | Died:
        """Say why the result pipe is at its end: the child died, or closed the descriptor and lives on."""
        died = self._child.died(_CLOSED_GRACE_S)
        return Stop.CHANNEL_CLOSED if died.lost and self._child.alive() else died

    def _bury(self) -> None:
        """Note how the child ended, and take what it answered before that."""
        self._poll.unregister(self._child.status)
        if not isinstance(self._ended, Died):  # else it was read when the result pipe ended
            self._ended = self._child.died()
        while self._read_result():
            pass
