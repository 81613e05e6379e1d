"""A server over a bank of small questions, in a mount namespace if folders of its own are asked for; a full disk."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import shortage_stage
from small_bank import write_bank
from whetstone_server import Server

STAGE = Path(shortage_stage.__file__)
MIB = 1 << 20


@contextmanager
def serving(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers, and ends them; see `serve` in conftest.py."""
    made: list[Server] = []

    def start(folder: Path = tmp_path, mounts: Mapping[str, object] | None = None) -> Server:
        bank = write_bank(folder / "questions")
        through = [sys.executable, str(STAGE), json.dumps({"small": {}, "gone": []} | dict(mounts))] if mounts else []
        server = Server(folder, through, {"WHETSTONE_QUESTIONS_DIR": str(bank)})
        made.append(server)
        server.data_dir.mkdir(exist_ok=True)
        try:
            server.start()
        except AssertionError as error:
            if f"ended with {shortage_stage.NOT_ALLOWED}" in str(error):
                pytest.skip("neither root nor a user namespace may mount here")
            raise
        return server

    yield start
    for server in made:
        server.end()


@contextmanager
def full(server: Server, folder: Path | None = None) -> Iterator[None]:
    """The data folder, or another small one, without a byte of room."""
    with filled(Path(f"/proc/{server.pid}/root{folder or server.data_dir}")):
        yield


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Its file system without a byte of room."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (MIB, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    try:
        yield
    finally:
        filler.unlink()
