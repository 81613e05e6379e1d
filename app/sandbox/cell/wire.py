"""The wire: one closed, typed, size-limited binary format for jobs going in and results coming out. Never pickle.

A frame is a 32-bit length and one value. A value is a tag byte and its body. Travelling kinds: None, bool, int (at most
4096 bits), float, complex, str, bytes, list, tuple, dict, set, numpy arrays and scalars of the kinds b i u f c U S,
`Tensor`, `Opaque`. This module owns the format's limits and errors; `encoding` writes it and `decoding` reads it.
"""

from __future__ import annotations

import struct
from typing import Final

MAX_DEPTH: Final = 64
MAX_NODES: Final = 262_144
MAX_KEYS: Final = 16_384  # over all dicts and sets of a frame
MAX_COLLISIONS: Final = 64  # keys of one dict or set with the same hash, which numbers can be made to have
MAX_INT_BYTES: Final = 513  # 4096 bits and a sign
MAX_DIMENSIONS: Final = 32
MAX_AXIS: Final = 1 << 40  # one axis, and all that are not zero multiplied
MAX_NAME: Final = 200
KINDS: Final = "biufcUS"  # numpy's kind letters that travel

HEADER: Final = struct.Struct("<I")
U32: Final = struct.Struct("<I")
F64: Final = struct.Struct("<d")
C128: Final = struct.Struct("<dd")


class WireError(Exception):
    """Bytes that are not a value of this format."""


class TooLargeError(Exception):
    """A value over a size cap. `size` and `cap` are bytes, or nodes where `unit` says so."""

    def __init__(self, size: int, cap: int, unit: str = "bytes") -> None:
        super().__init__(f"the value takes {size:,} {unit} or more; the limit is {cap:,}")
        self._size, self._cap, self._unit = size, cap, unit

    def told(self, stated_cap: int) -> str:
        """Return the message with the byte limit that was promised, which leaves out the frame's own room."""
        cap = stated_cap if self._unit == "bytes" else self._cap
        return f"the returned value takes {self._size:,} {self._unit} or more; the limit is {cap:,}"
