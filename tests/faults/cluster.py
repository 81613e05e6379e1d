"""A whole installation as processes of its own: a database, web servers and workers, each started again when it dies.

What starts them again stands for systemd or compose: it knows no more than that a process has ended. Nothing else is
done by hand.
"""

from __future__ import annotations

import os
import signal
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from nursery import Process, whetstone
from postgres_server import PostgresServer
from processes import command, descendants
from town import write_town
from whetstone_server import free_port

WORK = ("worker", "--libs", "numpy", "--concurrency", "2")
RESTART_AFTER_S = 0.1
WITHIN_S = 120.0
STOP_WITHIN_S = 40.0


class Service:
    """A process that is started again whenever it ends, until `stop`."""

    def __init__(
        self, name: str, words: Sequence[str], env: Mapping[str, str], folder: Path, through: Sequence[str] = ()
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self.starts = 0
        self._words = words
        self._through = through
        self._env = {key: value for key, value in os.environ.items() if not key.startswith("WHETSTONE_")} | env
        self._stopping = threading.Event()
        self._running: Process | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name=f"keeps {name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """Of the process there is; None while there is none."""
        with self._lock:
            process = self._running
            return process.pid if process is not None and process.poll() is None else None

    def signal(self, number: int) -> bool:
        """Whether there was a process to send it to."""
        with self._lock:
            if self._running is None or self._running.poll() is not None:
                return False
            self._running.send_signal(number)
            return True

    def cells(self) -> list[int]:
        """The processes of its sandboxes: warm parents, their walls, their children."""
        pid = self.pid
        return [] if pid is None else [it for it in descendants(pid) if "cell" in command(it)]

    def stop(self) -> None:
        """For good."""
        self._stopping.set()
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        self._thread.join(STOP_WITHIN_S)
        self.signal(signal.SIGKILL)
        self._thread.join(STOP_WITHIN_S)

    def _keep(self) -> None:
        while not self._stopping.is_set():
            with self._lock:
                self._running = whetstone(self._words, self._env, self.log, self._through)
                self.starts += 1
            if self._stopping.is_set():
                self._running.terminate()
            self._running.wait()
            self._stopping.wait(RESTART_AFTER_S)


class Web(Service):
    """`whetstone serve`; port and data stay the same."""

    def __init__(self, name: str, folder: Path, env: Mapping[str, str], through: Sequence[str] = ()) -> None:
        self.port = free_port()
        self.data_dir = folder / name
        self.data_dir.mkdir(exist_ok=True)
        more = {"WHETSTONE_DATA_DIR": str(self.data_dir), "PORT": str(self.port)}
        super().__init__(name, ["serve"], {**env, **more}, folder, through)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.address}/readyz", timeout=30) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


class Cluster:
    """Web servers over one folder of questions; with `workers`, on a PostgreSQL of its own, else one on SQLite."""

    def __init__(self, folder: Path, webs: int, workers: int, postgres: PostgresServer | None) -> None:
        self.folder = folder
        self.questions = write_town(folder / "questions")
        self.postgres = postgres
        self._postgres_turn = threading.Lock()
        self.url = f"sqlite:///{folder / 'town.sqlite3'}" if postgres is None else postgres.start()
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.env = {
            "WHETSTONE_DATABASE_URL": self.url,
            "WHETSTONE_QUESTIONS_DIR": str(self.questions),
            "TMPDIR": str(self.temporary),
        }
        self.webs = [Web(f"web-{n}", folder, self.env) for n in range(webs)]
        self.workers = [self.worker(f"worker-{n}") for n in range(workers)]

    def worker(self, name: str, through: Sequence[str] = (), **env: str) -> Service:
        """One more, not yet started."""
        return Service(name, [*WORK, "--name", name], {**self.env, **env}, self.folder, through)

    @property
    def services(self) -> list[Service]:
        return [*self.webs, *self.workers]

    def kill_postgres(self) -> None:
        """All its processes at once, and start it again, with what is on its disk."""
        assert self.postgres is not None
        with self._postgres_turn:
            self.postgres.kill()
            self.postgres.revive()

    def wait_until_ready(self) -> None:
        """Every web server says by itself that it is."""
        eventually(lambda: all(web.is_ready() for web in self.webs), self.said)

    def said(self) -> str:
        """The end of every log."""
        logs = {service.name: service.log for service in self.services}
        return "\n".join(f"== {name}: {log.read_text()[-3000:]}" for name, log in logs.items() if log.exists())

    def complaints(self) -> list[str]:
        """What the logs say of faults of ours: tracebacks that nobody caught."""
        lines = [line for it in self.services if it.log.exists() for line in it.log.read_text().splitlines()]
        return [line for line in lines if "Exception in ASGI application" in line or "Unhandled" in line]

    def stop(self) -> None:
        stopping = [threading.Thread(target=service.stop) for service in self.services]
        for thread in stopping:
            thread.start()
        for thread in stopping:
            thread.join()
        if self.postgres is not None:
            self.postgres.end()


@contextmanager
def cluster(folder: Path, *, webs: int = 1, workers: int = 0) -> Iterator[Cluster]:
    """With workers it is on PostgreSQL, and as in earnest: what is acknowledged is on the disk."""
    made = Cluster(folder, webs, workers, PostgresServer(durable=True) if workers else None)
    try:
        for service in made.services:
            service.start()
        made.wait_until_ready()
        yield made
    finally:
        made.stop()


def eventually(condition: Callable[[], object], what: Callable[[], object] = lambda: None) -> None:
    """Wait until it holds. Nothing tells when other processes have got there but asking again."""
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
