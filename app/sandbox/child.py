"""The app's handle on one child: its pipes, its clock, its end. `talk` holds the conversation over them."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from .cell.channel import STATUS

_STATUS_TIMEOUT_S = 3.0
_OWN_MEMORY = ("RssAnon:", "RssShmem:", "VmPTE:")


def readable(*fds: int, timeout_s: float) -> bool:
    """Wait until one of `fds` can be read, or its other side is gone. Unlike `select`, with any descriptor number."""
    poll = select.poll()
    for fd in fds:
        poll.register(fd, select.POLLIN)
    return bool(poll.poll(1000 * timeout_s))


@dataclass(frozen=True)
class Died:
    """The child's own end: an exit status or a signal. `lost` when not even that could be learnt.

    `cpu_s` is what the child used in all, as the kernel told its parent.
    """

    code: int | None = None
    signal: int | None = None
    lost: bool = False
    cpu_s: float = 0.0


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
    """A child of `origin`, used for one job. `job`, `result`, `out` and `status` are the app's ends of its pipes."""

    def __init__(self, origin: object) -> None:
        self.origin = origin
        (
            (self._job_theirs, self.job),
            (self.result, self._result_theirs),
            (self.out, self._out_theirs),
            (self.status, self._status_theirs),
        ) = _pipes(4)
        for fd in (self.job, self.result, self.out, self.status):
            os.set_blocking(fd, False)
        self._pidfd: int | None = None
        self.pid = 0
        self._baseline_kib = self._baseline_own_kib = 0

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
        self._baseline_kib = self._status_kib("VmRSS:")
        self._baseline_own_kib = self._status_kib(*_OWN_MEMORY)

    def cpu_s(self) -> float:
        """CPU seconds used so far, from the process's own clock; 0 when it is gone."""
        try:
            return time.clock_gettime((~self.pid) << 3 | 2)
        except OSError:
            return 0.0

    def peak_mib(self) -> float:
        """Greatest resident memory so far, beyond what the idle child held; 0 when it cannot be read."""
        return max(0, self._status_kib("VmHWM:") - self._baseline_kib) / 1024

    def own_mib(self) -> float:
        """Memory that is the child's alone right now, and the tables for it, beyond what the idle child held.

        The limit on its address space does not see the pages of libraries that it writes over, nor tables.
        """
        return max(0, self._status_kib(*_OWN_MEMORY) - self._baseline_own_kib) / 1024

    def _status_kib(self, *fields: str) -> int:
        """The sum of some of the kernel's figures about the child; 0 when they cannot be read."""
        try:
            with open(f"/proc/{self.pid}/status", "rb") as status:  # noqa: PTH123 (as above)
                text = status.read()
        except OSError:
            return 0
        places = [(text.find(field.encode()), len(field)) for field in fields]
        return sum(int(text[at + length :].split(None, 1)[0]) for at, length in places if at >= 0)

    def alive(self) -> bool:
        """Tell whether the child still runs."""
        return self._pidfd is not None and not readable(self._pidfd, timeout_s=0)

    def died(self, timeout_s: float = _STATUS_TIMEOUT_S) -> Died:
        """Wait for word of how the child ended."""
        if not readable(self.status, timeout_s=timeout_s):
            return Died(lost=True)
        data = os.read(self.status, STATUS.size)
        if len(data) < STATUS.size:
            return Died(lost=True)
        status, cpu_s = STATUS.unpack(data)
        code = os.waitstatus_to_exitcode(status)
        return Died(code=code, cpu_s=cpu_s) if code >= 0 else Died(signal=-code, cpu_s=cpu_s)

    def wake(self) -> None:
        """Let the child go on if somebody stopped it while it waited."""
        if self._pidfd is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGCONT)

    def stopped(self) -> bool:
        """Tell whether somebody has stopped the child by a signal, which it cannot do itself."""
        try:
            with open(f"/proc/{self.pid}/stat", "rb") as stat:  # noqa: PTH123 (as above)
                return stat.read().rpartition(b")")[2].split()[0] in {b"T", b"t"}
        except OSError:
            return False

    def kill(self) -> None:
        """Kill the child by its pidfd."""
        if self._pidfd is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def close(self) -> None:
        """Kill the child and give back every descriptor."""
        self.kill()
        ends = (self.job, self.result, self.out, self.status)
        theirs = (self._job_theirs, self._result_theirs, self._out_theirs, self._status_theirs)
        for fd in (*ends, *theirs, -1 if self._pidfd is None else self._pidfd):
            if fd >= 0:
                os.close(fd)
        self.job = self.result = self.out = self.status = -1
        self._job_theirs = self._result_theirs = self._out_theirs = self._status_theirs = -1
        self._pidfd = None
