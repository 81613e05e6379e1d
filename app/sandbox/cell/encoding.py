"""Writes values onto the wire, within a size cap. It runs beside the submission: a strange object must not break it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .values import Opaque, Tensor, representable
from .wire import (
    C128,
    F64,
    HEADER,
    KINDS,
    MAX_DEPTH,
    MAX_DIMENSIONS,
    MAX_INT_BYTES,
    MAX_KEYS,
    MAX_NAME,
    MAX_NODES,
    U32,
    TooLargeError,
)


class Encoder:
    """Turns one value into bytes, at most `cap` of them.

    `foreign` is asked about objects of no known type and may return a `Tensor`; what stays unknown travels as `Opaque`.
    """

    def __init__(self, cap: int, foreign: Callable[[object], object] | None = None) -> None:
        self._cap = cap
        self._foreign = foreign
        self._parts: list[bytes] = []
        self._size = 0
        self._nodes = 0
        self._keys = 0
        self._open: set[int] = set()

    def encode(self, value: Any) -> bytes:
        """Return the bytes of `value`. TooLargeError when they would exceed the cap."""
        self._value(value, 0)
        return b"".join(self._parts)

    def _put(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._cap:
            raise TooLargeError(self._size, self._cap)
        self._parts.append(data)

    def _sized(self, tag: bytes, body: bytes) -> None:
        self._put(tag + U32.pack(len(body)))
        self._put(body)

    def _opaque(self, name: str) -> None:
        self._sized(b"O", name[:MAX_NAME].encode("utf-8", "backslashreplace")[: 4 * MAX_NAME])

    def _value(self, value: Any, depth: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise TooLargeError(self._nodes, MAX_NODES, "elements")
        kind = type(value)
        if kind is np.ndarray:
            self._array(b"A", np.asarray(value))
        elif kind is float:
            self._put(b"f" + F64.pack(value))
        elif value is None:
            self._put(b"N")
        elif kind is bool:
            self._put(b"1" if value else b"0")
        elif issubclass(kind, np.generic):
            self._scalar(value)
        elif kind is Tensor:
            self._array(b"T", value.array)
        elif kind is Opaque:
            self._opaque(value.type_name)
        else:
            self._builtin(kind, value, depth)

    def _builtin(self, kind: type, value: Any, depth: int) -> None:
        """A built-in, or a subclass (a namedtuple, a Counter, an IntEnum), which travels as the built-in it extends."""
        if issubclass(kind, int):
            self._integer(int.__index__(value))
        elif issubclass(kind, float):
            self._put(b"f" + F64.pack(float.__float__(value)))
        elif issubclass(kind, complex):
            plain = complex.__pos__(value)
            self._put(b"c" + C128.pack(plain.real, plain.imag))
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

    def _container(self, kind: type, value: Any, depth: int) -> None:
        if id(value) in self._open:
            self._opaque(f"{type_name(kind)} that contains itself")
            return
        if depth >= MAX_DEPTH:
            self._opaque(f"{type_name(kind)} nested more than {MAX_DEPTH} deep")
            return
        self._open.add(id(value))
        if issubclass(kind, dict):
            pairs = list(dict.items(value))
            self._begin(b"d", len(pairs), keys=True)
            for key, item in pairs:
                self._value(key, depth + 1)
                self._value(item, depth + 1)
        elif issubclass(kind, list):
            items = list.__getitem__(value, slice(None))
            self._begin(b"l", len(items))
            for item in items:
                self._value(item, depth + 1)
        elif issubclass(kind, tuple):
            fixed = tuple.__getitem__(value, slice(None))
            self._begin(b"t", len(fixed))
            for item in fixed:
                self._value(item, depth + 1)
        else:
            members = list((set if issubclass(kind, set) else frozenset).__iter__(value))
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
        self._put(tag + U32.pack(count))

    def _scalar(self, value: Any) -> None:
        array = np.asarray(value)
        if array.dtype.kind in KINDS:
            self._array(b"G", array)
        else:
            self._opaque(f"numpy {array.dtype.name}")

    def _array(self, tag: bytes, array: npt.NDArray[Any]) -> None:
        if array.dtype.kind not in KINDS or array.ndim > MAX_DIMENSIONS:
            self._opaque(f"numpy array of {array.dtype.name}")
            return
        if array.dtype.itemsize == 0:
            array = array.astype(f"{array.dtype.kind}1")
        if array.nbytes > self._cap:
            raise TooLargeError(array.nbytes, self._cap)
        if array.dtype.kind == "U" and not representable(array):
            self._opaque("numpy array of str with lone surrogates")
            return
        if not array.dtype.isnative:
            array = array.astype(array.dtype.newbyteorder("="))
        name = array.dtype.str.encode()
        shape = struct.pack(f"<{array.ndim}Q", *array.shape)
        self._put(tag + bytes((len(name),)) + name + bytes((array.ndim,)) + shape)
        self._put(array.tobytes())


def type_name(kind: type) -> str:
    """Return the name a person would use for a type: `generator`, `pathlib.Path`. Never runs the type's own code."""
    name = type.__dict__["__qualname__"].__get__(kind)
    module = type.__dict__["__module__"].__get__(kind)
    plain = isinstance(module, str) and module not in {"builtins", "solution"}
    return f"{module}.{name}" if plain else str(name)


def frame(value: Any, cap: int, foreign: Callable[[object], object] | None = None) -> bytes:
    """Return a whole frame for `value`. TooLargeError when its body would exceed `cap` bytes."""
    body = Encoder(cap, foreign).encode(value)
    return HEADER.pack(len(body)) + body
