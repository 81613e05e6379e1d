"""Wires between a worker and its database that can be cut and mended: what is sent meanwhile is not refused, but gone.

`NamespaceWire`: the worker has a network of its own, with one cable to this machine; root alone may do that.
`ProxyWire`: the worker's connections go through this process, which stops carrying; for every machine.
"""

from __future__ import annotations

import os
import select
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Protocol

LOOK_S = 0.05


class Wire(Protocol):
    here: str  # one more address at which the database has to listen; "" for none

    def connect(self, port: int) -> tuple[str, int]:
        """Where the far end finds the database of that port here."""

    @property
    def through(self) -> Sequence[str]:
        """The command that puts a process at the far end."""

    def cut(self) -> None: ...

    def mend(self) -> None: ...


class NamespaceWire:
    """A network namespace and a pair of virtual cards. Cutting it pulls the plug here."""

    def __init__(self) -> None:
        number = os.getpid() % 250
        self._name, self._card = f"whetstone-{os.getpid()}", f"whet{number}"
        self.here, self._there = f"10.203.{number}.1", f"10.203.{number}.2"

    def lay(self) -> None:
        far = f"{self._card}-far"
        _ip("netns", "add", self._name)
        _ip("link", "add", self._card, "type", "veth", "peer", "name", far, "netns", self._name)
        _ip("address", "add", f"{self.here}/30", "dev", self._card)
        _ip("link", "set", self._card, "up")
        _ip("-n", self._name, "address", "add", f"{self._there}/30", "dev", far)
        _ip("-n", self._name, "link", "set", far, "up")
        _ip("-n", self._name, "link", "set", "lo", "up")

    def connect(self, port: int) -> tuple[str, int]:
        return self.here, port

    @property
    def through(self) -> Sequence[str]:
        return ["ip", "netns", "exec", self._name]

    def cut(self) -> None:
        _ip("link", "set", self._card, "down")

    def mend(self) -> None:
        _ip("link", "set", self._card, "up")

    def take_away(self) -> None:
        for thing in (["link", "delete", self._card], ["netns", "delete", self._name]):
            with suppress(subprocess.CalledProcessError):  # it was not laid so far
                _ip(*thing)


class ProxyWire:
    """Carries bytes between both sides, and nothing at all while it is cut: no byte, no end, no refusal."""

    here = ""
    through: Sequence[str] = ()

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._carries = threading.Event()
        self._carries.set()
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def connect(self, port: int) -> tuple[str, int]:
        self._begin(self._take, port)
        host, own = self._listener.getsockname()
        return host, own

    def cut(self) -> None:
        self._carries.clear()

    def mend(self) -> None:
        self._carries.set()

    def take_away(self) -> None:
        self._over.set()
        self._carries.set()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def _begin(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]  # a method of ours
        self._threads.append(thread)
        thread.start()

    def _take(self, port: int) -> None:
        while not self._over.is_set():
            if select.select([self._listener], [], [], LOOK_S)[0] and self._carries.wait():
                self._begin(self._carry, self._listener.accept()[0], port)

    def _carry(self, near: socket.socket, port: int) -> None:
        with closing(near), closing(socket.create_connection(("127.0.0.1", port))) as far:
            other = {near: far, far: near}
            while not self._over.is_set():
                for side in select.select([near, far], [], [], LOOK_S)[0]:
                    self._carries.wait()
                    try:
                        data = side.recv(65536)
                        other[side].sendall(data)
                    except OSError:
                        return
                    if not data:
                        return


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@contextmanager
def namespace_wire() -> Iterator[NamespaceWire | None]:
    """None where network namespaces are not to be had."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        yield None
        return
    wire = NamespaceWire()
    try:
        try:
            wire.lay()
        except subprocess.CalledProcessError:
            yield None
        else:
            yield wire
    finally:
        wire.take_away()


@contextmanager
def proxy_wire() -> Iterator[ProxyWire]:
    wire = ProxyWire()
    try:
        yield wire
    finally:
        wire.take_away()
