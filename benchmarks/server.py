"""A Whetstone of its own for a benchmark: a fresh data folder, a free port on loopback, stopped by its own pid."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVE = [sys.executable, "-c", "from app.cli import main; main()", "serve"]  # of this tree, installed or not


@dataclass(frozen=True)
class Server:
    """`started_s` from launch to the first answered page."""

    pid: int
    url: str
    started_s: float

    def cpu_s(self) -> float:
        """CPU seconds of all threads of the web process so far, to the nanosecond."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def rss_mib(self) -> float:
        """Resident memory of the web process alone."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]) / 1024

    def maps(self) -> str:
        return Path(f"/proc/{self.pid}/maps").read_text()


@contextmanager
def serving(data_dir: Path, more: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Whetstone over a data folder, from launch to its first page, stopped at the end. `more`: further variables."""
    port = _free_port()
    env = os.environ | {"WHETSTONE_DATA_DIR": str(data_dir), "PORT": str(port)} | dict(more or {})
    with _running(SERVE, env, f"http://127.0.0.1:{port}", "/") as server:
        yield server


@contextmanager
def peer() -> Iterator[Server]:
    """The server of `benchmarks.noop`."""
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.noop:app", "--port", str(port), "--log-level", "warning"]
    with _running(command, dict(os.environ), f"http://127.0.0.1:{port}", "/openapi.json") as server:
        yield server


@contextmanager
def _running(command: list[str], env: dict[str, str], url: str, first_page: str) -> Iterator[Server]:
    began = time.perf_counter()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    try:
        yield Server(process.pid, url, _until_answered(url + first_page, process, began))
    finally:
        process.terminate()
        process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_answered(url: str, process: subprocess.Popen[bytes], began: float) -> float:
    while time.perf_counter() - began < 60:
        if process.poll() is not None:
            raise RuntimeError(f"the server stopped with exit status {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=30) as response:
                response.read()
            return time.perf_counter() - began
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.01)
    raise RuntimeError("the server did not answer within a minute")
