"""The warm parent: libraries imported once, then one fork for every child the app asks for.

No job, answer or secret ever enters this process. It receives descriptors over a control socket, forks, hands the
child's pidfd back, and writes how the child ended on a status pipe. It takes no bytes from a child.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import os
import select
import signal
import socket
import traceback
from typing import Any

from . import landlock, limits, manners, printing, runner, seccomp, warmth
from .channel import CHANNEL_BROKEN_EXIT, FORK, FORK_AT_ONCE, FORKED, OUT_OF_MEMORY_EXIT, READY, STATUS
from .syscalls import LIBC, architecture, prctl, syscall

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CLONE_THREAD = 0x10000
_FIRST_FREE_FD = 5


class Parent:
    """The process all children of one library set are forked from."""

    def __init__(self, control: socket.socket, plan: dict[str, Any]) -> None:
        self._control = control
        self._plan = plan
        self._torch = "torch" in plan["libraries"]
        self._statuses: dict[int, tuple[int, int]] = {}  # pidfd: (pid, status pipe)

    def prepare(self) -> None:
        """Import, warm up, and build every wall that can be built ahead."""
        plan = self._plan
        warmth.import_all(plan["libraries"])
        warmth.exercise()
        if self._torch:
            warmth.exercise_torch()
        warmth.seed()
        _assert_single_thread()
        prctl(_PR_SET_NO_NEW_PRIVS, 1)
        prctl(_PR_SET_DUMPABLE, 0)
        self._readable = plan["readable"]
        self._ruleset = landlock.build(self._readable, plan["listable"])
        self._allow_list = seccomp.allow_list()
        self._nothing = _empty_pipe()
        self._printing = printing.Printing()
        gc.collect()
        gc.freeze()
        self._size_now = limits.address_space()

    def serve(self) -> None:
        """Fork on request until the app closes the control socket."""
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        self._control.send(READY)
        while True:
            for fd, _ in poll.poll():
                if fd == self._control.fileno():
                    if not self._fork(poll):
                        return
                else:
                    poll.unregister(fd)
                    self._bury(fd)

    def _fork(self, poll: select.poll) -> bool:
        message, fds, _, _ = socket.recv_fds(self._control, 16, 4)
        if message not in {FORK, FORK_AT_ONCE}:
            return False
        job, result, out, status = fds
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._child(parent, job, result, out, rehearse=message == FORK)
        pidfd = os.pidfd_open(pid)
        for fd in (job, result, out):
            os.close(fd)
        self._statuses[pidfd] = (pid, status)
        poll.register(pidfd, select.POLLIN)
        socket.send_fds(self._control, [FORKED], [pidfd])
        return True

    def _bury(self, pidfd: int) -> None:
        pid, pipe = self._statuses.pop(pidfd)
        os.close(pidfd)
        _, status, usage = os.wait4(pid, 0)
        try:
            os.write(pipe, STATUS.pack(status, usage.ru_utime + usage.ru_stime))
        except BrokenPipeError:
            pass  # the app has already forgotten this child
        finally:
            os.close(pipe)

    def _child(self, parent: int, job: int, result: int, out: int, *, rehearse: bool) -> None:
        try:
            os.setsid()
            prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)
            self._arrange(job, result, out)
            warmth.seed_again()
            manners.install(self._readable)
            task = runner.Runner(self._size_now, self._printing, self._torch)
            if rehearse:
                warmth.exercise()
                if self._torch:
                    warmth.exercise_torch_again()
                task.rehearse()
            self._allow_list.install()
            runner.report_ready()
        except BaseException:  # no job has been seen yet: this is for whoever keeps the machine
            traceback.print_exc()
            os._exit(1)
        try:
            task.serve()
        except MemoryError:
            os._exit(OUT_OF_MEMORY_EXIT)
        finally:
            os._exit(CHANNEL_BROKEN_EXIT)

    def _arrange(self, job: int, result: int, out: int) -> None:
        """Take up the walls that need no warm process, and keep five descriptors only."""
        landlock.restrict(self._ruleset)
        wanted = (self._nothing, out, out, job, result)
        # Copied above the targets first, so that none overwrites another.
        copies = [os.dup2(fd, 100 + i) for i, fd in enumerate(wanted)]
        for target, fd in enumerate(copies):
            os.dup2(fd, target, inheritable=True)
        syscall(architecture().numbers["close_range"], _FIRST_FREE_FD, 0x7FFFFFFF, 0)
        limits.standing()


def _empty_pipe() -> int:
    read_end, write_end = os.pipe()
    os.close(write_end)
    return read_end


def _assert_single_thread() -> None:
    """Refuse to serve with a second thread: a fork would take its locks along and not the thread."""
    try:
        count = len(list(os.scandir("/proc/self/task")))
    except OSError:
        # Without /proc: the kernel answers EINVAL to this no-op exactly when there are several threads.
        refused = LIBC.unshare(ctypes.c_int(_CLONE_THREAD)) != 0
        count = 2 if refused and ctypes.get_errno() == errno.EINVAL else 1
    if count != 1:
        raise RuntimeError("the warm parent has more than one thread")


def main(plan: dict[str, Any]) -> None:
    """Serve on the inherited control socket until the app closes it."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    with socket.socket(fileno=plan["control"]) as control:
        parent = Parent(control, plan)
        try:
            parent.prepare()
        except Exception as error:
            control.send(f"the warm parent could not start: {type(error).__name__}: {error}".encode()[:4000])
            raise
        parent.serve()
