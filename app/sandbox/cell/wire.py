"""The wire: one closed, typed, size-limited binary format for jobs going in and results coming out. Never pickle.

A frame is a 32-bit length and one value. A value is a tag byte and its body; sizes are checked before anything is allocated.
Travelling kinds: None, bool, int (at most 4096 bits), float, complex, str, bytes, list, tuple, dict, set, numpy arrays and
scalars of the kinds b i u f c U S, `Tensor`, `Opaque`. The decoder trusts nothing: any malformed input raises `WireError`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Final

import numpy as np

from .values import Opaque, Tensor

MAX_DEPTH: Final = 64
MAX_NODES: Final = 262_144
MAX_KEYS: Final = 16_384  # over all dicts and sets of a frame: integer keys can be made to collide
MAX_INT_BYTES: Final = 513  # 4096 bits and a sign
MAX_DIMENSIONS: Final = 32
MAX_AXIS: Final = 1 << 40
MAX_NAME: Final = 200

HEADER: Final = struct.Struct("<I")
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_F64 = struct.Struct("<d")
_C128 = struct.Struct("<dd")

_FIXED_DTYPES: Final = {
    np.dtype(code).str: np.dtype(code) for code in ("?", "b", "h", "i", "q", "B", "H", "I", "Q", "e", "f", "d", "g", "F", "D", "G")
}  # fmt: skip


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


class Encoder:
    """Turns one value into bytes, at most `cap` of them.

    `foreign` is asked about objects of no known type and may return a `Tensor`; whatever stays unknown travels as `Opaque`.
    """

    def __init__(self, cap: int, foreign: Callable[[object], object] | None = None) -> None:
        self._cap = cap
        self._foreign = foreign
        self._parts: list[bytes] = []
        self._size = 0
        self._nodes = 0
        self._keys = 0
        self._open: set[int] = set()

    def encode(self, value: object) -> bytes:
        """Return the bytes of `value`. TooLargeError when they would exceed the cap."""
        self._value(value, 0)
        return b"".join(self._parts)

    def _put(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._cap:
            raise TooLargeError(self._size, self._cap)
        self._parts.append(data)

    def _sized(self, tag: bytes, body: bytes) -> None:
        self._put(tag + _U32.pack(len(body)))
        self._put(body)

    def _opaque(self, name: str) -> None:
        self._sized(b"O", name[:MAX_NAME].encode("utf-8", "backslashreplace")[: 4 * MAX_NAME])

    def _value(self, value: object, depth: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise TooLargeError(self._nodes, MAX_NODES, "elements")
        kind = type(value)
        if kind is np.ndarray:
            self._array(b"A", np.asarray(value))
        elif kind is float:
            self._put(b"f" + _F64.pack(value))
        elif value is None:
            self._put(b"N")
        elif kind is bool:
            self._put(b"1" if value else b"0")
        elif issubclass(kind, np.generic):
            self._scalar(value)
        elif kind is Tensor:
            self._array(b"T", value.array)  # type: ignore[attr-defined]  # `kind` is exact, which mypy cannot see
        elif kind is Opaque:
            self._opaque(value.type_name)  # type: ignore[attr-defined]  # as above
        else:
            self._builtin(kind, value, depth)

    def _builtin(self, kind: type, value: object, depth: int) -> None:
        """Built-in types and their subclasses (a namedtuple, a Counter, an IntEnum), which travel as the built-in they extend."""
        if issubclass(kind, int):
            self._integer(int.__index__(value))
        elif issubclass(kind, float):
            self._put(b"f" + _F64.pack(float.__float__(value)))
        elif issubclass(kind, complex):
            plain = complex.__add__(value, 0)
            self._put(b"c" + _C128.pack(plain.real, plain.imag))
        elif issubclass(kind, str):
            try:
                self._sized(b"s", str.encode(value, "utf-8"))
            except UnicodeEncodeError:
                self._opaque("str with lone surrogates")
        elif issubclass(kind, (bytes, bytearray)):
            self._sized(b"b", bytes(value))
        elif issubclass(kind, (list, tuple, dict, set, frozenset)):
            self._container(kind, value, depth)
        else:
            replaced = self._foreign(value) if self._foreign is not None else None
            if type(replaced) is Tensor:
                self._array(b"T", replaced.array)
            else:
                self._opaque(type_name(kind))

    def _integer(self, value: int) -> None:
        length = value.bit_length() // 8 + 1
        if length > MAX_INT_BYTES:
            self._opaque(f"int of {value.bit_length()} bits")
        else:
            self._sized(b"i", value.to_bytes(length, "little", signed=True))

    def _container(self, kind: type, value: object, depth: int) -> None:
        if id(value) in self._open:
            self._opaque(f"{type_name(kind)} that contains itself")
            return
        if depth >= MAX_DEPTH:
            self._opaque(f"{type_name(kind)} nested more than {MAX_DEPTH} deep")
            return
        self._open.add(id(value))
        if issubclass(kind, dict):
            pairs = list(dict.items(value))  # type: ignore[arg-type]  # the slot of the built-in, whatever the subclass overrides
            self._begin(b"d", len(pairs), keys=True)
            for key, item in pairs:
                self._value(key, depth + 1)
                self._value(item, depth + 1)
        elif issubclass(kind, list):
            items = list.__getitem__(value, slice(None))  # type: ignore[arg-type]  # as above
            self._begin(b"l", len(items))
            for item in items:
                self._value(item, depth + 1)
        elif issubclass(kind, tuple):
            fixed = tuple.__getitem__(value, slice(None))  # type: ignore[arg-type]  # as above
            self._begin(b"t", len(fixed))
            for item in fixed:
                self._value(item, depth + 1)
        else:
            members = list((set if issubclass(kind, set) else frozenset).__iter__(value))  # type: ignore[arg-type]  # as above
            self._begin(b"S", len(members), keys=True)
            for item in members:
                self._value(item, depth + 1)
        self._open.discard(id(value))

    def _begin(self, tag: bytes, count: int, *, keys: bool = False) -> None:
        if keys:
            self._keys += count
            if self._keys > MAX_KEYS:
                raise TooLargeError(self._keys, MAX_KEYS, "keys")
        if count > MAX_NODES:
            raise TooLargeError(count, MAX_NODES, "elements")
        self._put(tag + _U32.pack(count))

    def _scalar(self, value: object) -> None:
        array = np.asarray(value)
        if array.dtype.kind in "biufcUS":
            self._array(b"G", array)
        else:
            self._opaque(f"numpy {array.dtype.name}")

    def _array(self, tag: bytes, array: np.ndarray) -> None:
        if array.dtype.kind not in "biufcUS" or array.ndim > MAX_DIMENSIONS:
            self._opaque(f"numpy array of {array.dtype.name}")
            return
        if array.dtype.itemsize == 0:
            array = array.astype(f"{array.dtype.kind}1")
        if array.nbytes > self._cap:
            raise TooLargeError(array.nbytes, self._cap)
        dtype = array.dtype.newbyteorder("=")
        name = dtype.str.encode()
        shape = struct.pack(f"<{array.ndim}Q", *array.shape)
        self._put(tag + bytes((len(name),)) + name + bytes((array.ndim,)) + shape)
        self._put(array.astype(dtype, copy=False).tobytes())


def type_name(kind: type) -> str:
    """Return the name a person would use for a type: `generator`, `pathlib.Path`. Never runs the type's own code."""
    name = type.__dict__["__qualname__"].__get__(kind)
    module = type.__dict__["__module__"].__get__(kind)
    plain = isinstance(module, str) and module not in {"builtins", "solution"}
    return f"{module}.{name}" if plain else str(name)


class Decoder:
    """Reads one value from untrusted bytes. `tensor` turns a `Tensor` into what the reader wants (behind the walls, torch's)."""

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
        return int(_U32.unpack(self._take(4))[0])

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
        match tag:
            case 0x41:  # A
                return self._array()
            case 0x66:  # f
                return _F64.unpack(self._take(8))[0]
            case 0x69:  # i
                return int.from_bytes(self._limited(MAX_INT_BYTES), "little", signed=True)
            case 0x4E:  # N
                return None
            case 0x31 | 0x30:  # 1, 0
                return tag == 0x31
            case 0x73:  # s
                return str(self._take(self._count()), "utf-8")
            case 0x62:  # b
                return bytes(self._take(self._count()))
            case 0x63:  # c
                return complex(*_C128.unpack(self._take(16)))
            case 0x47:  # G
                scalar = self._array()
                if scalar.ndim:
                    raise WireError("a scalar with dimensions")
                return scalar[()]
            case 0x54:  # T
                tensor = Tensor(self._array())
                return self._tensor(tensor) if self._tensor is not None else tensor
            case 0x4F:  # O
                return Opaque(str(self._limited(4 * MAX_NAME), "utf-8"))
            case _:
                return self._container(tag, depth)

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
                count = self._members(2)
                return {self._value(depth + 1): self._value(depth + 1) for _ in range(count)}
            case 0x53:  # S
                return {self._value(depth + 1) for _ in range(self._members(1))}
            case _:
                raise WireError(f"unknown tag {tag:#04x}")

    def _dtype(self) -> np.dtype:
        name = str(self._take(self._take(1)[0]), "ascii")
        fixed = _FIXED_DTYPES.get(name)
        if fixed is not None:
            return fixed
        order, digits = name[:2], name[2:]
        if order not in {"<U", "|S"} or not digits.isdecimal() or not 0 < len(digits) < 9 or int(digits) == 0:
            raise WireError("a dtype that does not travel")
        return np.dtype(name)

    def _array(self) -> np.ndarray:
        dtype = self._dtype()
        ndim = self._take(1)[0]
        if ndim > MAX_DIMENSIONS:
            raise WireError("too many dimensions")
        shape = struct.unpack(f"<{ndim}Q", self._take(8 * ndim))
        if any(axis > MAX_AXIS for axis in shape):
            raise WireError("an axis too long")
        body = self._take(math.prod(shape) * dtype.itemsize)
        return np.frombuffer(body, dtype=dtype).reshape(shape).copy()


def frame(value: object, cap: int, foreign: Callable[[object], object] | None = None) -> bytes:
    """Return a whole frame for `value`. TooLargeError when its body would exceed `cap` bytes."""
    body = Encoder(cap, foreign).encode(value)
    return HEADER.pack(len(body)) + body
