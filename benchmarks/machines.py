"""Network namespaces as separate machines: each has its own address, port space and loopback, joined by a bridge.

They share the processors and the disk. Only root can make them; without the right, every machine is this one. What a
run that was killed has left behind is removed by the next.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.server import free_port

PREFIX = "wsl"  # of interfaces and namespaces; after it the process id of whoever made them


@dataclass(frozen=True)
class Machine:
    """`enter` goes before a command that is to run there."""

    name: str
    address: str
    port: int
    enter: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"http://{self.address}:{self.port}"


@dataclass(frozen=True)
class Network:
    """`here` is this machine's address in it; `why_none` says why the machines are not apart, if they are not."""

    here: str
    machines: dict[str, Machine]
    why_none: str | None


@contextmanager
def network(names: Sequence[str]) -> Iterator[Network]:
    """The machines, gone at the end."""
    sweep()
    bridge, net = f"{PREFIX}{os.getpid()}b", f"10.213.{os.getpid() % 256}"
    try:
        try:
            machines = _build(bridge, net, names)
        except (OSError, subprocess.CalledProcessError) as error:
            why = getattr(error, "stderr", None) or str(error)
            remove(os.getpid())
            yield Network("127.0.0.1", {it: Machine(it, "127.0.0.1", free_port(), ()) for it in names}, why.strip())
        else:
            yield Network(f"{net}.1", machines, None)
    finally:
        remove(os.getpid())


def _build(bridge: str, net: str, names: Sequence[str]) -> dict[str, Machine]:
    _ip("link", "add", bridge, "type", "bridge")
    _ip("addr", "add", f"{net}.1/24", "dev", bridge)
    _ip("link", "set", bridge, "up")
    machines = {}
    for number, name in enumerate(names):
        space, outside, inside = f"{PREFIX}{os.getpid()}-{name}", f"{PREFIX}{os.getpid()}v{number}", "eth0"
        address = f"{net}.{number + 10}"
        _ip("netns", "add", space)
        _ip("link", "add", outside, "type", "veth", "peer", "name", inside, "netns", space)
        _ip("link", "set", outside, "master", bridge, "up")
        _ip("-n", space, "addr", "add", f"{address}/24", "dev", inside)
        _ip("-n", space, "link", "set", inside, "up")
        _ip("-n", space, "link", "set", "lo", "up")
        machines[name] = Machine(name, address, 8000, ("ip", "netns", "exec", space))
    return machines


def remove(pid: int) -> None:
    """Everything that this process id has made."""
    for space in _named("/run/netns", f"{PREFIX}{pid}-"):
        with suppress(OSError, subprocess.CalledProcessError):
            _ip("netns", "del", space)
    for link in _named("/sys/class/net", f"{PREFIX}{pid}"):
        with suppress(OSError, subprocess.CalledProcessError):
            _ip("link", "del", link)


def sweep() -> None:
    """What is left of runs that were killed."""
    found = [*_named("/run/netns", PREFIX), *_named("/sys/class/net", PREFIX)]
    makers = {int(digits) for it in found if (digits := _digits(it.removeprefix(PREFIX)))}
    for pid in makers:
        if not Path(f"/proc/{pid}").exists():
            remove(pid)


def _named(folder: str, prefix: str) -> list[str]:
    here = Path(folder)
    return sorted(it.name for it in here.iterdir() if it.name.startswith(prefix)) if here.is_dir() else []


def _digits(text: str) -> str:
    return text[: len(text) - len(text.lstrip("0123456789"))]


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
