"""What a child prints. Its bytes are counted, so that the app can part what one call printed from what the next did.

Counted is what goes through `print`, the two streams and `os.write`. What compiled code prints by itself is not: it is
kept, and may be taken for the output of a later call.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any


class _Counted(io.FileIO):
    """A descriptor that knows how many bytes went out by it."""

    printed = 0

    def write(self, data: Any, /) -> int:
        written = super().write(data)
        self.printed += written
        return written


class Printing:
    """Standard output, standard error and `os.write`, in the place of the interpreter's own."""

    def __init__(self) -> None:
        self._raw = [_Counted(fd, "w", closefd=False) for fd in (1, 2)]
        sys.stdout, sys.stderr = (_text(raw) for raw in self._raw)
        sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr  # type: ignore[misc]  # typeshed calls them final

        self._printed_raw = 0
        self._write = os.write
        os.write = self._counted_write

    def flushed(self) -> int:
        """Send on what was printed; return how many bytes that makes so far."""
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except BaseException:  # noqa: S112 (the submission may have put anything in its place)
                continue
        return self._printed_raw + sum(raw.printed for raw in self._raw)

    def _counted_write(self, fd: int, data: Any, /) -> int:
        written = self._write(fd, data)
        if fd in (1, 2):
            self._printed_raw += written
        return written


def _text(raw: io.RawIOBase) -> io.TextIOWrapper:
    buffered = io.BufferedWriter(raw)
    return io.TextIOWrapper(buffered, encoding="utf-8", errors="backslashreplace", line_buffering=True)
