"""The app's handle on one warm parent: start it, ask it for children, notice when it is gone."""

from __future__ import annotations

import os
import signal
import socket
import threading
from contextlib import suppress

from . import launch
from .cell.channel import FORK, FORK_AT_ONCE, FORKED, READY
from .child import Child, readable
from .job import Library, SandboxError
from .launch import Entrance

_FORK_TIMEOUT_S = 5.0
_START_TIMEOUT_S: dict[Library, float] = {"numpy": 30.0, "torch": 120.0}
_REASON_BYTES = 2_000
_LAST_WORDS_TIMEOUT_S = 2.0


class ParentLostError(Exception):
    """The warm parent is dead, stopped or silent."""


class WarmParent:
    """A running warm parent. SandboxError when it tells why it cannot start so, ParentLostError when it was killed."""

    def __init__(self, entrance: Entrance, library: Library) -> None:
        self.entrance = entrance
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                self._process = launch.start(entrance, library, theirs.fileno())
        except OSError as error:
            self._control.close()
            raise SandboxError(str(error)) from error
        try:
            self._await_ready(_START_TIMEOUT_S[library])
        except (SandboxError, ParentLostError):
            self.close()
            raise

    def _await_ready(self, timeout_s: float) -> None:
        ended = os.pidfd_open(self._process.pid)  # what it has started may hold the socket open after its end
        try:
            if not readable(self._control.fileno(), ended, timeout_s=timeout_s):
                raise SandboxError(f"the warm parent was not ready after {timeout_s:.0f} s")
            message = b""
            with suppress(OSError):
                message = self._control.recv(4096, socket.MSG_DONTWAIT)
            if message == READY:
                return
            readable(ended, timeout_s=_LAST_WORDS_TIMEOUT_S)
        finally:
            os.close(ended)
        if said := message.decode("utf-8", "replace") or self._last_words():
            raise SandboxError(said)
        raise ParentLostError("the warm parent ended before it was ready and said nothing")

    def _last_words(self) -> str:
        """What a parent that did not start wrote on stderr; nothing if it was killed."""
        stream = self._process.stderr
        if stream is None or not readable(stream.fileno(), timeout_s=0):
            return ""
        return os.read(stream.fileno(), _REASON_BYTES).decode("utf-8", "replace").strip()

    def fork(self, *, at_once: bool) -> Child:
        """Return a new child, not yet known to be ready. ParentLostError when the parent does not answer.

        A spare rehearses a small job first, to be quicker at its own; `at_once` leaves that out.
        """
        child = Child(self)
        try:
            with self._lock:
                child.adopt(self._ask_for_child(child, FORK_AT_ONCE if at_once else FORK))
        except (OSError, TimeoutError) as error:
            child.close()
            raise ParentLostError(str(error)) from error
        except ParentLostError:
            child.close()
            raise
        return child

    def _ask_for_child(self, child: Child, how: bytes) -> int:
        self._control.settimeout(_FORK_TIMEOUT_S)
        with child.their_ends() as fds:
            socket.send_fds(self._control, [how], fds)
            message, received, _, _ = socket.recv_fds(self._control, 16, 1, socket.MSG_CMSG_CLOEXEC)
        if message != FORKED or len(received) != 1:
            for fd in received:
                os.close(fd)
            raise ParentLostError("the warm parent closed its socket")
        return received[0]

    @property
    def pid(self) -> int:
        """The process started by the app (bubblewrap, or the parent itself)."""
        return self._process.pid

    def close(self) -> None:
        """Kill the parent, and with it every child it still has."""
        self._control.close()
        with suppress(ProcessLookupError):
            # The group, because what bubblewrap starts would outlive it while it is being set up.
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()
