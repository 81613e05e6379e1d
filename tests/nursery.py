"""`whetstone …` as processes that need not import anything: forked off one that has. They are real in all else.

Most of a start is importing, and tests start some hundred servers and workers. As a program it is what they are forked
off: a line of JSON asks for one, and lines tell its number and, once it has ended, how.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOOK_S = 0.02  # how often it is looked who has ended
BORN_WITHIN_S = 120.0  # the first has to wait for all the importing


@dataclass
class Born:
    """A process, with what tests use of `subprocess.Popen`."""

    pid: int = 0
    returncode: int | None = None
    _is_born: threading.Event = field(default_factory=threading.Event)
    _has_ended: threading.Event = field(default_factory=threading.Event)

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if not self._has_ended.wait(timeout):
            assert timeout is not None
            raise subprocess.TimeoutExpired("whetstone", timeout)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


Process = Born | subprocess.Popen[bytes]


def whetstone(words: Sequence[str], env: Mapping[str, str], log: Path, through: Sequence[str] = ()) -> Process:
    """Start `whetstone` with these words, from the root of this tree; what it says is added to `log`.

    `through` is a command that arranges something and then becomes it; then it is a new process altogether.
    """
    if not through:
        return _nursery().bear({"words": list(words), "env": dict(env), "log": str(log)})
    command = [*through, sys.executable, "-c", "from app.cli import main; main()", *words]
    with log.open("ab") as said:
        return subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said)


class _Nursery:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._lock = threading.Lock()
        self._asked: list[Born] = []  # and not yet born, in order
        self._living: dict[int, Born] = {}
        threading.Thread(target=self._hear, name="nursery", daemon=True).start()
        atexit.register(self._close)

    def bear(self, order: Mapping[str, object]) -> Born:
        made = Born()
        assert self._process.stdin is not None
        with self._lock:
            self._asked.append(made)
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        assert made._is_born.wait(BORN_WITHIN_S), "the process that others are forked off does not answer"
        return made

    def _hear(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            pid, *ended = map(int, line.split())
            if ended:
                child = self._living.pop(pid)
                child.returncode = ended[0]
                child._has_ended.set()
            else:
                with self._lock:
                    child = self._living[pid] = self._asked.pop(0)
                child.pid = pid
                child._is_born.set()

    def _close(self) -> None:
        self._process.communicate()


@cache
def _nursery() -> _Nursery:
    return _Nursery()


def _tend() -> Callable[[], None] | None:
    """Fork off what is asked for until nobody asks any more; in each of those processes, return what it is to do."""
    orders = os.fdopen(0, "rb", buffering=0, closefd=False)
    living: set[int] = set()
    unread = b""
    while True:
        ready, _, _ = select.select([orders], [], [], LOOK_S if living else None)
        if ready:
            more = orders.read(1 << 16)
            if not more:
                return None
            *lines, unread = (unread + more).split(b"\n")
            for line in lines:
                pid = os.fork()
                if pid == 0:
                    order = json.loads(line)
                    return lambda: _become(**order)
                living.add(pid)
                print(pid, flush=True)
        for pid in [*living]:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                living.remove(pid)
                print(pid, os.waitstatus_to_exitcode(status), flush=True)


def _become(words: list[str], env: dict[str, str], log: str) -> None:
    from app.cli import main

    for target, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND),
        (2, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND),
    ):
        opened = os.open(path, flags)
        os.dup2(opened, target)
        os.close(opened)
    os.environ.clear()
    os.environ.update(env)
    main(words)


if __name__ == "__main__":
    sys.path[0] = str(ROOT)  # as if started there: nothing of the tests is to be found
    for module in ("serving", "working"):
        importlib.import_module(f"app.commands.{module}")
    gc.collect()
    gc.freeze()
    if (work := _tend()) is not None:
        work()
