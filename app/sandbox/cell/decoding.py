"""Reads values off the wire.

It trusts nothing: sizes are checked before anything is allocated; what is not one well-formed value is a `WireError`.
"""

from __future__ import annotations

import math
import struct
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .values import Opaque, Tensor, representable
from .wire import (
    C128,
    F64,
    MAX_AXIS,
    MAX_COLLISIONS,
    MAX_DEPTH,
    MAX_DIMENSIONS,
    MAX_INT_BYTES,
    MAX_KEYS,
    MAX_NAME,
    MAX_NODES,
    U32,
    WireError,
)

_CODES = "?bhilqBHILQefdgFDG"
_FIXED_DTYPES: Final = {np.dtype(code).str: np.dtype(code) for code in _CODES}


def _assert_spread(keys: Iterable[object]) -> None:
    """Refuse keys made to collide: each new one would be compared with all before it, which takes minutes."""
    most = max(Counter(map(hash, keys)).values(), default=0)
    if most > MAX_COLLISIONS:
        raise WireError("keys that collide")


class Decoder:
    """Reads one value from untrusted bytes. `tensor` turns a `Tensor` into what the reader wants."""

    def __init__(self, data: bytes | bytearray, tensor: Callable[[Tensor], object] | None = None) -> None:
        self._data = memoryview(data)
        self._at = 0
        self._nodes = 0
        self._keys = 0
        self._tensor = tensor

    def decode(self) -> object:
        """Return the value. WireError for anything that is not exactly one well-formed value."""
        try:
            value = self._value(0)
        except WireError:
            raise
        except (ValueError, TypeError, OverflowError, struct.error, MemoryError) as error:
            raise WireError(f"malformed value: {type(error).__name__}") from error
        if self._at != len(self._data):
            raise WireError("bytes left over after the value")
        return value

    def _take(self, count: int) -> memoryview:
        end = self._at + count
        if end > len(self._data):
            raise WireError("the value is cut short")
        piece = self._data[self._at : end]
        self._at = end
        return piece

    def _count(self) -> int:
        return int(U32.unpack(self._take(4))[0])

    def _elements(self, each: int = 1) -> int:
        """Read an element count and check it against what is left: every element takes at least one byte."""
        count = self._count()
        if count * each > len(self._data) - self._at or self._nodes + count > MAX_NODES:
            raise WireError("more elements announced than can follow")
        return count

    def _members(self, each: int) -> int:
        count = self._elements(each)
        self._keys += count
        if self._keys > MAX_KEYS:
            raise WireError("too many keys")
        return count

    def _value(self, depth: int) -> object:
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH + 1:
            raise WireError("too many elements or nested too deep")
        tag = self._take(1)[0]
        if tag in b"ltdS":
            return self._container(tag, depth)
        read = self._READERS.get(tag)
        if read is None:
            raise WireError(f"unknown tag {tag:#04x}")
        return read(self)

    def _text(self) -> str:
        return str(self._take(self._count()), "utf-8")

    def _integer(self) -> int:
        return int.from_bytes(self._limited(MAX_INT_BYTES), "little", signed=True)

    def _scalar(self) -> object:
        array = self._array()
        if array.ndim:
            raise WireError("a scalar with dimensions")
        return array[()]

    def _tensor_value(self) -> object:
        tensor = Tensor(self._array())
        return self._tensor(tensor) if self._tensor is not None else tensor

    def _limited(self, most: int) -> memoryview:
        length = self._count()
        if length > most:
            raise WireError("a field over its size")
        return self._take(length)

    def _container(self, tag: int, depth: int) -> object:
        match tag:
            case 0x6C:  # l
                return [self._value(depth + 1) for _ in range(self._elements())]
            case 0x74:  # t
                return tuple([self._value(depth + 1) for _ in range(self._elements())])
            case 0x64:  # d
                pairs = [(self._value(depth + 1), self._value(depth + 1)) for _ in range(self._members(2))]
                _assert_spread(key for key, _ in pairs)
                return dict(pairs)
            case _:  # S
                members = [self._value(depth + 1) for _ in range(self._members(1))]
                _assert_spread(members)
                return set(members)

    def _dtype(self) -> np.dtype[Any]:
        name = str(self._take(self._take(1)[0]), "ascii")
        fixed = _FIXED_DTYPES.get(name)
        if fixed is not None:
            return fixed
        order, digits = name[:2], name[2:]
        if order not in {"<U", "|S"} or not digits.isdecimal() or not 0 < len(digits) < 9 or int(digits) == 0:
            raise WireError("a dtype that does not travel")
        return np.dtype(name)

    def _array(self) -> npt.NDArray[Any]:
        dtype = self._dtype()
        ndim = self._take(1)[0]
        if ndim > MAX_DIMENSIONS:
            raise WireError("too many dimensions")
        shape = struct.unpack(f"<{ndim}Q", self._take(8 * ndim))
        size = math.prod(shape)
        if size > MAX_AXIS or (size == 0 and math.prod(filter(None, shape)) > MAX_AXIS):
            raise WireError("an axis too long")
        if size == 0 and math.prod(shape[: shape.index(0)]) > MAX_NODES:
            raise WireError("more rows of nothing than a list may have")
        body = self._take(size * dtype.itemsize)
        array: npt.NDArray[Any] = np.frombuffer(body, dtype=dtype).reshape(shape).copy()
        if dtype.kind == "U" and not representable(array):
            raise WireError("text that is not Unicode")
        if dtype.kind == "b" and array.size and array.view(np.uint8).max() > 1:
            raise WireError("a truth value that is neither")
        return array

    _READERS: Final[dict[int, Callable[[Decoder], object]]] = {
        ord("N"): lambda self: None,  # noqa: ARG005 (a table of readers, all called alike)
        ord("1"): lambda self: True,  # noqa: ARG005 (as above)
        ord("0"): lambda self: False,  # noqa: ARG005 (as above)
        ord("f"): lambda self: F64.unpack(self._take(8))[0],
        ord("c"): lambda self: complex(*C128.unpack(self._take(16))),
        ord("i"): _integer,
        ord("s"): _text,
        ord("b"): lambda self: bytes(self._take(self._count())),
        ord("A"): _array,
        ord("G"): _scalar,
        ord("T"): _tensor_value,
        ord("O"): lambda self: Opaque(str(self._limited(4 * MAX_NAME), "utf-8")),
    }
