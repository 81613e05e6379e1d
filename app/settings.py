"""What the environment may set, read once at the start. A bad value stops the start with one clear line."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast, get_args

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.logs import LogStyle

ROOT = Path(__file__).resolve().parent.parent
MIN_TOKEN = 16
MAX_DRAIN_S = 600
RESTORE_JOURNAL = "restore-under-way.jsonl"  # in the data folder


_FOR_INSTANCE = "for instance sqlite:////path/file.sqlite3 or postgresql://user:password@host/database"


Graders = Literal["here", "workers"]  # in the server's own process, or by `whetstone worker`


class SettingsError(ValueError):
    """One line that names the variable, its value and what it takes."""


class RestoreUnderWayError(SettingsError):
    """The instance may be half the old one and half the backup's. `mend` says what to do."""

    mend = "let it end, or run `whetstone restore FILE.tar.gz` again, which first puts back what was there before"

    def __init__(self, journal: Path) -> None:
        self.why = f"{journal}: a restore is under way, or was interrupted"
        super().__init__(f"{self.why}; {self.mend}")


@dataclass(frozen=True)
class Settings:
    """Where things are kept and where the server listens."""

    data_dir: Path
    questions_dir: Path
    database_url: str = field(repr=False)  # it may hold a password
    host: str
    port: int
    graders: Graders = "here"
    log: LogStyle = "auto"
    # Whoever knows it may read /metrics, from anywhere; without one only programs on this machine.
    metrics_token: str | None = field(default=None, repr=False)
    drain_s: float = 0.0  # between the order to stop and the end of listening: time for a proxy to look elsewhere
    trusted_proxies: tuple[str, ...] = ()  # addresses and networks whose X-Forwarded-* headers are believed

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.host)

    @property
    def is_postgresql(self) -> bool:
        """Whether the data is in PostgreSQL, which several processes may share; else in an SQLite file."""
        return self.database_url.startswith("postgresql")


def is_loopback(host: str) -> bool:
    """Whether a host name or address always means the machine that says it."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def from_env(env: Mapping[str, str] = os.environ, *, for_restore: bool = False, makes_folder: bool = True) -> Settings:
    """Read the variables that docs/operations/README.md lists. RestoreUnderWayError while a restore has not ended.

    With `for_restore` that is let through, and there need be no bank. Without `makes_folder` there need be no data
    folder, and nothing is made or tried there.
    """
    data_dir = Path(env.get("WHETSTONE_DATA_DIR") or "data").expanduser().resolve()
    questions_dir = Path(env.get("WHETSTONE_QUESTIONS_DIR") or ROOT / "questions").expanduser().resolve()
    if makes_folder:
        _require_writable(data_dir)
    if not for_restore and (data_dir / RESTORE_JOURNAL).exists():
        raise RestoreUnderWayError(data_dir / RESTORE_JOURNAL)
    if not for_restore and not (questions_dir / "topics.yaml").is_file():
        raise SettingsError(
            f"WHETSTONE_QUESTIONS_DIR={questions_dir}: no topics.yaml there; point it at a question bank"
        )
    database_url = database_address(
        secret(env, "WHETSTONE_DATABASE_URL") or f"sqlite:///{data_dir / 'whetstone.sqlite3'}"
    )
    return Settings(
        data_dir=data_dir,
        questions_dir=questions_dir,
        database_url=database_url,
        graders=_graders(env.get("WHETSTONE_GRADERS"), database_url),
        host=_host(env.get("WHETSTONE_HOST") or "127.0.0.1"),
        port=parse_port(env.get("PORT") or "8000"),
        log=log_style(env.get("WHETSTONE_LOG") or "auto"),
        metrics_token=_metrics_token(secret(env, "WHETSTONE_METRICS_TOKEN")),
        drain_s=_drain_s(env.get("WHETSTONE_DRAIN_S") or "0"),
        trusted_proxies=_trusted_proxies(env.get("WHETSTONE_TRUSTED_PROXIES") or ""),
    )


@dataclass(frozen=True)
class WorkerSettings:
    """All that `whetstone worker` needs to know: the PostgreSQL that it works for."""

    database_url: str = field(repr=False)
    log: LogStyle


def for_worker(env: Mapping[str, str] = os.environ) -> WorkerSettings:
    """Read `WHETSTONE_DATABASE_URL` and `WHETSTONE_LOG`."""
    given = secret(env, "WHETSTONE_DATABASE_URL")
    url = database_address(given) if given else "sqlite"
    if url.startswith("sqlite"):
        raise SettingsError(
            "WHETSTONE_DATABASE_URL: a worker needs its servers' PostgreSQL; on SQLite the server grades by itself"
        )
    return WorkerSettings(url, log_style(env.get("WHETSTONE_LOG") or "auto"))


def secret(env: Mapping[str, str], name: str) -> str | None:
    """The variable, or the first line of the file that its twin `…_FILE` names, as container secrets come."""
    path = env.get(f"{name}_FILE")
    if not path:
        return env.get(name) or None
    if env.get(name):
        raise SettingsError(f"{name} and {name}_FILE: set one of them")
    try:
        first = Path(path).read_text().partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name}_FILE={path}: cannot be read ({getattr(error, 'strerror', error)})") from None
    if not first:
        raise SettingsError(f"{name}_FILE={path}: its first line is empty")
    return first


def parse_port(text: str) -> int:
    """A TCP port, 1–65535."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise SettingsError(f"PORT={text!r}: it takes a number from 1 to 65535")
    return int(text)


def _graders(text: str | None, database_url: str) -> Graders:
    shared = database_url.startswith("postgresql")
    found = text or ("workers" if shared else "here")
    if found not in get_args(Graders):
        raise SettingsError(f"WHETSTONE_GRADERS={found!r}: it takes {' or '.join(get_args(Graders))}")
    if found == "workers" and not shared:
        raise SettingsError("WHETSTONE_GRADERS='workers': they need PostgreSQL (WHETSTONE_DATABASE_URL)")
    return cast("Graders", found)


def _host(text: str) -> str:
    if not text or any(character.isspace() or character in "/:@" for character in text.replace("::", "")):
        raise SettingsError(f"WHETSTONE_HOST={text!r}: it takes a host name or an address, for instance 127.0.0.1")
    return text


def database_address(text: str, name: str = "WHETSTONE_DATABASE_URL") -> str:
    """The address as SQLAlchemy takes it. What is refused is not repeated: it may hold a password."""
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):  # ValueError: the port is no number
        raise SettingsError(f"{name}: not a database URL; {_FOR_INSTANCE}") from None
    if backend in ("postgresql", "postgres"):
        if not url.database:
            raise SettingsError(f"{name}: it names no database; {_FOR_INSTANCE}")
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if backend != "sqlite" or url.database in (None, "", ":memory:"):  # in memory, each connection would have its own
        raise SettingsError(f"{name}: it takes an SQLite file or PostgreSQL; {_FOR_INSTANCE}")
    return text


def log_style(text: str) -> LogStyle:
    """How the log is written; `auto` where nothing is said."""
    for style in get_args(LogStyle):
        if text == style:
            return style  # type: ignore[no-any-return]  # get_args forgets the type
    raise SettingsError(f"WHETSTONE_LOG={text!r}: it takes json or text; without it, text where a terminal shows it")


def _metrics_token(text: str | None) -> str | None:
    if text is not None and (len(text) < MIN_TOKEN or not text.isascii() or any(map(str.isspace, text))):
        raise SettingsError(f"WHETSTONE_METRICS_TOKEN: it takes {MIN_TOKEN} or more ASCII characters without spaces")
    return text


def _drain_s(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MAX_DRAIN_S:
        raise SettingsError(f"WHETSTONE_DRAIN_S={text!r}: it takes seconds from 0 to {MAX_DRAIN_S}")
    return seconds


def _trusted_proxies(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        try:
            network = ipaddress.ip_network(name)
        except ValueError as error:
            raise SettingsError(
                f"WHETSTONE_TRUSTED_PROXIES={text!r}: it takes addresses and networks, for instance 10.0.0.5 or "
                f"172.16.0.0/12 ({error})"
            ) from None
        if network.prefixlen == 0:
            raise SettingsError(f"WHETSTONE_TRUSTED_PROXIES={text!r}: {name} is everybody; name the proxy's network")
    return names


def _require_writable(data_dir: Path) -> None:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = data_dir / ".write-probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SettingsError(
            f"WHETSTONE_DATA_DIR={data_dir}: cannot write there ({error.strerror}); choose another folder"
        ) from None
