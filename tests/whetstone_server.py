"""A real server of one's own: `whetstone serve` as a process, on a free port, over a data folder that outlives it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from databases import environment
from nursery import Process, whetstone
from prepared import prepare

from app.settings import ROOT

QUESTIONS = "WHETSTONE_QUESTIONS_DIR"
START_WITHIN_S = 60.0
STOP_WITHIN_S = 20.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Server:
    """`start`, `stop` and `kill` act on this server's process alone. Port and data stay the same between starts.

    `through` is a command that arranges something and then becomes the server; `env` are more variables.
    """

    def __init__(self, folder: Path, through: Sequence[str] = (), env: Mapping[str, str] | None = None) -> None:
        self._through = through
        self.data_dir = folder / "data"
        self.env = dict(env or {})
        if QUESTIONS not in self.env:  # a copy of the bank: what is published is written there
            self.env[QUESTIONS] = str(folder / "questions")
            prepare(self.data_dir)
            shutil.copytree(ROOT / "questions", self.env[QUESTIONS], dirs_exist_ok=True)
        self.env = environment(self.data_dir) | self.env
        self.questions_dir = Path(self.env[QUESTIONS])
        self.log = folder / "server.log"
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self._process: Process | None = None

    def start(self) -> None:
        env = {name: value for name, value in os.environ.items() if not name.startswith("WHETSTONE_")}
        env |= {"WHETSTONE_DATA_DIR": str(self.data_dir), "PORT": str(self.port), **self.env}
        self._process = whetstone(["serve"], env, self.log, self._through)
        deadline = time.monotonic() + START_WITHIN_S
        while not self._answers():
            if self._process.poll() is not None:
                raise AssertionError(f"the server ended with {self._process.returncode}: {self.log.read_text()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"the server did not answer within {START_WITHIN_S} s: {self.log.read_text()}")
            time.sleep(0.05)  # nothing tells that a server answers but asking it again

    def kill(self) -> None:
        """As a power cut would: no chance to tidy up."""
        process = self._running()
        process.send_signal(signal.SIGKILL)
        process.wait(STOP_WITHIN_S)
        self._process = None

    def end(self) -> None:
        """Ask it to end, and make it end if it does not."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_WITHIN_S)
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait(STOP_WITHIN_S)
            self._process = None

    def ended(self) -> int:
        """Wait until it has ended by itself, or by what it was sent: how."""
        process = self._running()
        returned = process.wait(STOP_WITHIN_S)
        self._process = None
        return returned

    def stop(self) -> None:
        """Ask it to end, and see that it had nothing to complain about."""
        if self._process is None:
            return
        self.end()
        said = self.log.read_text()
        assert "Traceback" not in said, said
        assert '"level": "error"' not in said, said

    def json(self, path: str) -> dict[str, Any]:
        """What the JSON API answers to a GET."""
        with urllib.request.urlopen(self.origin + path, timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
        return answer

    def post(self, path: str, body: object) -> tuple[int, dict[str, Any]]:
        """What the JSON API answers to a POST: the status, and the body, which may be a problem."""
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(self.origin + path, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.load(refused)

    @property
    def pid(self) -> int:
        return self._running().pid

    def _running(self) -> Process:
        assert self._process is not None, "the server is not running"
        return self._process

    def _answers(self) -> bool:
        try:
            return self.json("/healthz") == {"status": "ok"}
        except OSError:
            return False
