"""Whole frames over a blocking pipe, as a child reads and writes them; words between the app and the warm parent."""

from __future__ import annotations

import os
import struct
from typing import Final

from .wire import HEADER

FORK: Final = b"F"  # a spare, which rehearses before it is ready
FORK_AT_ONCE: Final = b"A"  # a child somebody waits for
FORKED: Final = b"P"
READY: Final = b"R"
OUT_OF_MEMORY_EXIT: Final = 97  # a child that could not even report it
CHANNEL_BROKEN_EXIT: Final = 98  # a child that could no longer read its job or write its answer
STATUS: Final = struct.Struct("<id")  # how a child ended: wait status, CPU seconds
# What every answer begins with, packed to be quick: its number, its ending as an index into ENDINGS, what the call cost
# (wall seconds, CPU seconds, greatest memory so far beyond the idle child's in KiB), bytes printed in all so far.
STAMP: Final = struct.Struct("<QBddqq")
ENDINGS: Final = ("returned", "raised", "memory_limit", "output_limit", "forbidden", "exited")  # a child's to claim

_CHUNK = 1 << 16  # what a pipe holds
# Bound here, before a submission can put anything in their place.
_read, _write = os.read, os.write


class Frames:
    """Reads one frame's body after the other, many at a time where the pipe holds many."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._held = bytearray()

    def next(self) -> bytearray:
        """Return the next frame's body. EOFError when the other side has gone."""
        (length,) = HEADER.unpack(self._take(HEADER.size))
        return self._take(length)

    def _take(self, count: int) -> bytearray:
        held = self._held
        while len(held) < count:
            piece = _read(self._fd, _CHUNK)
            if not piece:
                raise EOFError
            held += piece
        taken = held[:count]
        del held[:count]
        return taken


def write_all(fd: int, data: bytes) -> None:
    """Write every byte of `data`."""
    view = memoryview(data)
    while view:
        view = view[_write(fd, view) :]
