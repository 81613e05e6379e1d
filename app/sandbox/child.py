"""The app's handle on one child: its pipes, its clock, its end. Everything read from it is untrusted data."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto

from .cell.channel import STATUS
from .cell.wire import HEADER

_CHUNK = 1 << 18
_LONGEST_WAIT_S = 0.05  # how often cancellation and the CPU clock are looked at
_STATUS_TIMEOUT_S = 3.0
_FAR_TOO_MUCH = 16  # times the stdout cap after which a call is stopped


class Stop(Enum):
    """Why the app, not the child, ended an exchange."""

    WALL = auto()
    CPU = auto()
    STDOUT = auto()
    RESULT = auto()
    CANCELLED = auto()
    CHANNEL_CLOSED = auto()


@dataclass(frozen=True)
class Died:
    """The child's own end: an exit status or a signal. `lost` when not even that could be learnt."""

    code: int | None = None
    signal: int | None = None
    lost: bool = False


@dataclass(frozen=True)
class Bounds:
    """What one exchange may use."""

    wall_s: float
    cpu_s: float
    stdout_bytes: int
    frame_bytes: int


@dataclass
class Exchange:
    """What one exchange gave and cost."""

    outcome: bytes | Stop | Died
    stdout: bytes = b""
    stdout_total: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0


def readable(*fds: int, timeout_s: float = 0.0) -> bool:
    """Tell whether one of the descriptors has something to read or is at its end, within the time."""
    poll = select.poll()  # select() knows no descriptor above 1023
    for fd in fds:
        poll.register(fd, select.POLLIN)
    return bool(poll.poll(1000 * timeout_s))


def _pipes(count: int) -> list[tuple[int, int]]:
    """Return so many pipes, or raise OSError and leave none open."""
    made: list[tuple[int, int]] = []
    try:
        while len(made) < count:
            made.append(os.pipe())
    except OSError:
        for pipe in made:
            for fd in pipe:
                os.close(fd)
        raise
    return made


class Child:
    """One forked child, used for one job. `origin` stands for the parent it was forked from."""

    def __init__(self, origin: object) -> None:
        self.origin = origin
        (
            (self._job_theirs, self._job),
            (self._result, self._result_theirs),
            (self._out, self._out_theirs),
            (self._status, self._status_theirs),
        ) = _pipes(4)
        for fd in (self._job, self._result, self._out, self._status):
            os.set_blocking(fd, False)
        self._pidfd: int | None = None
        self.pid = 0
        self._baseline_kib = 0
        self._received = bytearray()

    @contextmanager
    def their_ends(self) -> Iterator[list[int]]:
        """Lend the ends that belong behind the walls, then close them here."""
        fds = [self._job_theirs, self._result_theirs, self._out_theirs, self._status_theirs]
        try:
            yield fds
        finally:
            for fd in fds:
                os.close(fd)
            self._job_theirs = self._result_theirs = self._out_theirs = self._status_theirs = -1

    def adopt(self, pidfd: int) -> None:
        """Take the pidfd of the process now on the other side."""
        self._pidfd = pidfd
        with open(f"/proc/self/fdinfo/{pidfd}") as info:  # noqa: PTH123 (a pseudo-file, read on the hot path)
            self.pid = next(int(line.split()[1]) for line in info if line.startswith("Pid:"))

    def settle(self) -> None:
        """Note how much memory the child holds before its job."""
        self._baseline_kib = self._resident_kib("VmRSS:")

    def cpu_s(self) -> float:
        """CPU seconds used so far, from the process's own clock; 0 when it is gone."""
        try:
            return time.clock_gettime((~self.pid) << 3 | 2)
        except OSError:
            return 0.0

    def peak_mib(self) -> float:
        """Greatest resident memory so far, beyond what the idle child held; 0 when it cannot be read."""
        return max(0, self._resident_kib("VmHWM:") - self._baseline_kib) / 1024

    def _resident_kib(self, field: str) -> int:
        try:
            with open(f"/proc/{self.pid}/status", "rb") as status:  # noqa: PTH123 (as above)
                text = status.read()
        except OSError:
            return 0
        at = text.find(field.encode())
        return int(text[at + len(field) :].split(None, 1)[0]) if at >= 0 else 0

    def alive(self) -> bool:
        """Tell whether the child still runs."""
        return self._pidfd is not None and not readable(self._pidfd)

    def wake(self) -> None:
        """Let the child go on if somebody stopped it while it waited."""
        if self._pidfd is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGCONT)

    def stopped(self) -> bool:
        """Tell whether somebody has stopped the child. It cannot do so itself."""
        try:
            with open(f"/proc/{self.pid}/stat", "rb") as stat:  # noqa: PTH123 (as above)
                return stat.read().rpartition(b")")[2].split()[0] in (b"T", b"t")
        except OSError:
            return False

    def ask(self, data: bytes, bounds: Bounds, cancelled: Callable[[], bool] | None = None) -> Exchange:
        """Send a whole frame, wait for the whole frame that answers it, within bounds."""
        return _Talk(self, bounds, cancelled).run(data)

    def kill(self) -> None:
        """Kill the child by its pidfd."""
        if self._pidfd is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def close(self) -> None:
        """Kill the child and give back every descriptor."""
        self.kill()
        ends = (self._job, self._result, self._out, self._status)
        theirs = (self._job_theirs, self._result_theirs, self._out_theirs, self._status_theirs)
        for fd in (*ends, *theirs, -1 if self._pidfd is None else self._pidfd):
            if fd >= 0:
                os.close(fd)
        self._job = self._result = self._out = self._status = -1
        self._job_theirs = self._result_theirs = self._out_theirs = self._status_theirs = -1
        self._pidfd = None


class _Talk:
    """One exchange: four descriptors, three clocks."""

    def __init__(self, child: Child, bounds: Bounds, cancelled: Callable[[], bool] | None) -> None:
        self._child = child
        self._bounds = bounds
        self._cancelled = cancelled
        self._exchange = Exchange(Stop.WALL)
        self._stdout = bytearray()
        self._started = time.monotonic()
        self._cpu_before = child.cpu_s()

    def run(self, data: bytes) -> Exchange:
        outcome = self._converse(memoryview(data))
        exchange = self._exchange
        if isinstance(outcome, bytes) or outcome is not Stop.STDOUT:
            self._drain_stdout()
        exchange.outcome = outcome
        exchange.wall_s = time.monotonic() - self._started
        exchange.cpu_s = max(exchange.cpu_s, self._child.cpu_s() - self._cpu_before)
        if isinstance(outcome, bytes) and exchange.cpu_s > self._bounds.cpu_s:
            exchange.outcome = Stop.CPU
        exchange.stdout = bytes(self._stdout)
        return exchange

    def _converse(self, unsent: memoryview) -> bytes | Stop | Died:
        child = self._child
        poll = select.poll()
        poll.register(child._result, select.POLLIN)
        poll.register(child._out, select.POLLIN)
        poll.register(child._status, select.POLLIN)
        unsent = self._send(unsent)
        if unsent:
            poll.register(child._job, select.POLLOUT)
        while True:
            stop = self._overdue()
            if stop is not None:
                return stop
            for fd, _ in poll.poll(self._patience_ms()):
                if fd == child._job:
                    unsent = self._send(unsent)
                    if not unsent:
                        poll.unregister(fd)
                elif fd == child._out and self._read_stdout() == 0:
                    poll.unregister(fd)
                elif (outcome := self._heard(fd)) is not None:
                    return outcome

    def _heard(self, fd: int) -> bytes | Stop | Died | None:
        """Look at one descriptor that has something to say. None while the exchange goes on."""
        child = self._child
        if fd == child._out:
            flooded = self._exchange.stdout_total > _FAR_TOO_MUCH * self._bounds.stdout_bytes
            return Stop.STDOUT if flooded else None
        return self._read_result() if fd == child._result else self._end()

    def _overdue(self) -> Stop | None:
        if time.monotonic() - self._started > self._bounds.wall_s:
            return Stop.WALL
        self._exchange.cpu_s = max(self._exchange.cpu_s, self._child.cpu_s() - self._cpu_before)
        if self._exchange.cpu_s > self._bounds.cpu_s:
            return Stop.CPU
        if self._cancelled is not None and self._cancelled():
            return Stop.CANCELLED
        return None

    def _patience_ms(self) -> int:
        wall_left = self._bounds.wall_s - (time.monotonic() - self._started)
        cpu_left = self._bounds.cpu_s - self._exchange.cpu_s
        return max(1, int(1000 * min(wall_left, cpu_left, _LONGEST_WAIT_S)) + 1)

    def _send(self, unsent: memoryview) -> memoryview:
        try:
            while unsent:
                unsent = unsent[os.write(self._child._job, unsent) :]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            return memoryview(b"")  # it is dying; the status pipe will say how
        return unsent

    def _read_stdout(self) -> int:
        try:
            piece = os.read(self._child._out, _CHUNK)
        except BlockingIOError:
            return -1
        self._exchange.stdout_total += len(piece)
        self._stdout += piece[: max(0, self._bounds.stdout_bytes - len(self._stdout))]
        return len(piece)

    def _drain_stdout(self) -> None:
        """Take what was written before the answer; a bound keeps a child that goes on writing from holding us here."""
        for _ in range(8):
            if self._read_stdout() <= 0:
                return

    def _read_result(self) -> bytes | Stop | Died | None:
        received = self._child._received
        try:
            piece = os.read(self._child._result, _CHUNK)
        except BlockingIOError:
            return None
        if not piece:
            return self._closed()
        received += piece
        if len(received) < HEADER.size:
            return None
        length = HEADER.unpack_from(received)[0]
        if length > self._bounds.frame_bytes:
            return Stop.RESULT
        end = HEADER.size + length
        if len(received) < end:
            return None
        frame = bytes(received[HEADER.size : end])
        del received[:end]
        return frame

    def _closed(self) -> Stop | Died:
        """The result pipe is at its end: the child died, or closed the descriptor and lives on."""
        if readable(self._child._status, timeout_s=0.2):
            return self._end()
        return self._end() if not self._child.alive() else Stop.CHANNEL_CLOSED

    def _end(self) -> Died:
        """Read how the child ended. What it had answered before is of no use: it was not waited for."""
        if not readable(self._child._status, timeout_s=_STATUS_TIMEOUT_S):
            return Died(lost=True)
        data = os.read(self._child._status, STATUS.size)
        if len(data) < STATUS.size:
            return Died(lost=True)
        status, cpu_s = STATUS.unpack(data)
        self._exchange.cpu_s = max(self._exchange.cpu_s, cpu_s - self._cpu_before)
        code = os.waitstatus_to_exitcode(status)
        return Died(code=code) if code >= 0 else Died(signal=-code)
