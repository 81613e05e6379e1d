"""Whole frames over a blocking pipe, as a child reads and writes them; words between the app and the warm parent."""

from __future__ import annotations

import os
import struct
from typing import Final

from .wire import HEADER

FORK: Final = b"F"
FORKED: Final = b"P"
READY: Final = b"R"
OUT_OF_MEMORY_EXIT: Final = 97  # a child that could not even report it
CHANNEL_BROKEN_EXIT: Final = 98  # a child that could no longer read its job or write its answer
STATUS: Final = struct.Struct("<id")  # how a child ended: wait status, CPU seconds

_MOST_AT_ONCE = 1 << 20


def read_exactly(fd: int, count: int) -> bytearray:
    """Read `count` bytes. EOFError when the other side has gone."""
    data = bytearray()
    while len(data) < count:
        piece = os.read(fd, min(count - len(data), _MOST_AT_ONCE))
        if not piece:
            raise EOFError
        data += piece
    return data


def read_frame(fd: int) -> bytearray:
    """Read one frame's body."""
    (length,) = HEADER.unpack(read_exactly(fd, HEADER.size))
    return read_exactly(fd, length)


def write_all(fd: int, data: bytes) -> None:
    """Write every byte of `data`."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
