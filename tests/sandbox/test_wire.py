from __future__ import annotations

import math
import struct
import sys
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from app.sandbox import Opaque, Tensor
from app.sandbox.cell.decoding import Decoder
from app.sandbox.cell.encoding import Encoder
from app.sandbox.cell.wire import MAX_COLLISIONS, MAX_NODES, TooLargeError, WireError

CAP = 1 << 20

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**4095), 2**4095 - 1),
    st.floats(),
    st.complex_numbers(),
    st.text(),
    st.binary(),
    st.builds(Opaque, st.text(max_size=50)),
)
keys = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.binary(), st.tuples(st.integers(), st.text()))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.lists(inner, max_size=5).map(tuple),
        st.dictionaries(keys, inner, max_size=5),
        st.sets(keys, max_size=5),
    ),
    max_leaves=20,
)
dtypes = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(endianness="="),
    hnp.unsigned_integer_dtypes(endianness="="),
    hnp.floating_dtypes(endianness="="),
    hnp.complex_number_dtypes(endianness="="),
    hnp.byte_string_dtypes(min_len=1),
    hnp.unicode_string_dtypes(endianness="=", min_len=1),
)


def is_unicode(array: np.ndarray) -> bool:
    """Whether a text array holds no half characters, which travel as Opaque."""
    return array.dtype.kind != "U" or not any(0xD800 <= ord(c) <= 0xDFFF for text in array.flat for c in str(text))


arrays = hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)).filter(is_unicode)


def travel(value: object) -> object:
    return Decoder(Encoder(CAP).encode(value)).decode()


def same(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return struct.pack("d", a) == struct.pack("d", b) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, complex) and isinstance(b, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return type(a) is type(b) and a == b


@given(values)
def test_every_value_survives_the_round_trip(value):
    assert same(travel(value), value)


@given(arrays)
def test_every_array_survives_the_round_trip_and_is_writable(array):
    back = travel(array)
    assert isinstance(back, np.ndarray)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.tobytes() == np.ascontiguousarray(array).tobytes()
    assert back.flags.writeable
    assert back.flags.owndata


@given(arrays)
def test_tensor_stays_a_tensor(array):
    back = travel(Tensor(array))
    assert isinstance(back, Tensor)
    assert back.array.dtype == array.dtype


@pytest.mark.parametrize(
    "array", [np.zeros((3, 4)).T, np.zeros(8)[::2], np.zeros(3, ">f8"), np.broadcast_to(1.5, (2, 3)), np.array("")]
)
def test_unusual_layout_travels_by_value(array):
    back = travel(array)
    assert np.array_equal(back, array)


@given(st.binary(max_size=300))
@settings(max_examples=500)
def test_random_bytes_are_a_value_or_a_wire_error(data):
    with suppress(WireError):
        Decoder(data).decode()


@given(values | arrays, st.data())
@settings(max_examples=300)
def test_damaged_bytes_are_a_value_or_a_wire_error(value, data):
    body = bytearray(Encoder(CAP).encode(value))
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with suppress(WireError):
        Decoder(body).decode()


@given(values | arrays)
def test_cut_short_is_a_wire_error(value):
    body = Encoder(CAP).encode(value)
    with pytest.raises(WireError):
        Decoder(body[:-1]).decode()
    with pytest.raises(WireError):
        Decoder(body + b"N").decode()


def array_bytes(dtype: bytes, shape: tuple[int, ...], body: bytes = b"") -> bytes:
    return b"A" + bytes((len(dtype),)) + dtype + bytes((len(shape),)) + struct.pack(f"<{len(shape)}Q", *shape) + body


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"?",
        b"l\xff\xff\xff\xff",
        b"l" + struct.pack("<I", MAX_NODES),
        b"l\x01\0\0\0" * 5000 + b"N",
        b"i" + struct.pack("<I", 1 << 20) + b"\1" * (1 << 20),
        b"s\xff\xff\xff\xff",
        b"s\x02\0\0\0\xff\xff",
        b"O" + struct.pack("<I", 10_000) + b"x" * 10_000,
        b"d\x01\0\0\0l\0\0\0\0N",
        b"S" + struct.pack("<I", 20_000) + b"N" * 20_000,
        array_bytes(b"|O", (1,), b"\0" * 8),
        array_bytes(b"<M8[s]", (1,), b"\0" * 8),
        array_bytes(b"|V8", (1,), b"\0" * 8),
        array_bytes(b"<U0", (1 << 39,)),
        array_bytes(b"<U-1", (1,)),
        array_bytes(b"f8,f8", (1,), b"\0" * 16),
        array_bytes(b"<f8", (1 << 63, 0)),
        array_bytes(b"<f8", (1 << 39, 1 << 39)),
        array_bytes(b"<f8", (0, 1 << 39, 1 << 39)),
        array_bytes(b"<f8", (1 << 39, 0)),
        array_bytes(b"<f8", (2,) * 40, b""),
        array_bytes(b"<U1", (1,), b"\xff\xff\xff\xff"),
        array_bytes(b"<U1", (1,), struct.pack("<I", 0xD800)),
        array_bytes(b"|b1", (1,), b"\x07"),
        b"G" + array_bytes(b"<f8", (1,), b"\0" * 8)[1:],
    ],
)
def test_crafted_bytes_are_a_wire_error(data):
    with pytest.raises(WireError):
        Decoder(data).decode()


def integer(value: int) -> bytes:
    body = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"i" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("tag", [b"S", b"d"])
def test_keys_made_to_collide_are_a_wire_error_before_they_are_compared(tag):
    colliding = [n * sys.hash_info.modulus + 1 for n in range(MAX_COLLISIONS + 1)]
    body = b"".join(integer(key) + (b"N" if tag == b"d" else b"") for key in colliding)
    with pytest.raises(WireError, match="collide"):
        Decoder(tag + struct.pack("<I", len(colliding)) + body).decode()


def test_keys_that_collide_by_chance_travel():
    corners = {(x, y, z) for x in (-1, -2) for y in (-1, -2) for z in (-1, -2)}
    assert len({hash(corner) for corner in corners}) == 1
    assert travel(corners) == corners


def test_value_over_the_cap_is_refused_while_it_is_written():
    with pytest.raises(TooLargeError):
        Encoder(1000).encode(["x" * 100] * 100)
    with pytest.raises(TooLargeError):
        Encoder(CAP).encode(np.broadcast_to(0, (1 << 50,)))
    with pytest.raises(TooLargeError):
        Encoder(1 << 30).encode([None] * (MAX_NODES + 1))
