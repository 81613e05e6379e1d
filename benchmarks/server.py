"""A Whetstone of its own for a benchmark: a fresh data folder, a free port on loopback, stopped by its own pid."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

SERVE = [sys.executable, "-c", "from app.cli import main; main()", "serve"]  # of this tree, installed or not
_PR_SET_PDEATHSIG = 1


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
def serving(data_dir: Path, more: Mapping[str, str] | None = None, command: Sequence[str] = SERVE) -> Iterator[Server]:
    """Whetstone over a data folder, from launch to its first page, stopped at the end. `more`: further variables."""
    port = free_port()
    env = os.environ | {"WHETSTONE_DATA_DIR": str(data_dir), "PORT": str(port)} | dict(more or {})
    with running(list(command), env, f"http://127.0.0.1:{port}", "/") as server:
        yield server


@contextmanager
def peer() -> Iterator[Server]:
    """The server of `benchmarks.noop`."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.noop:app", "--port", str(port), "--log-level", "warning"]
    with running(command, dict(os.environ), f"http://127.0.0.1:{port}", "/openapi.json") as server:
        yield server


@contextmanager
def running(command: list[str], env: Mapping[str, str], url: str, first_page: str) -> Iterator[Server]:
    """A server, from launch to its first page, stopped at the end. What it says is kept for when it does not start."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as said, program(command, env, said) as process:
        try:
            started_s = _until_answered(url + first_page, process, began)
        except RuntimeError as error:
            said.seek(0)
            raise RuntimeError(f"{error}: {said.read()[-2000:].decode()}") from None
        yield Server(process.pid, url, started_s)


@contextmanager
def program(
    command: list[str], env: Mapping[str, str], said: IO[bytes], **more: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block, or with this process however that ends. `more`: for `Popen`."""
    process = subprocess.Popen(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=said,
        preexec_fn=lambda: ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM),
        **more,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port of loopback that was free a moment ago."""
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
