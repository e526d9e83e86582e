"""Plain data crosses unchanged; everything else is refused, and no bytes crash the decoder."""

from __future__ import annotations

import contextlib
import select
import socket
import tracemalloc
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.sandbox import wire

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]))
)
dtypes = st.sampled_from("?bhiqBHIQefdFD").map(np.dtype)
arrays = hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4))
values = st.recursive(
    scalars | arrays,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return (
            type(other) is np.ndarray
            and one.dtype == other.dtype
            and one.shape == other.shape
            and one.tobytes() == other.tobytes()
        )
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return type(other) is dict and one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return type(one) is type(other) and (one == other or one != one)


@given(values)
@settings(deadline=None)
def test_plain_data_crosses_unchanged(value: Any) -> None:
    assert same(value, wire.decode(wire.encode(value)))


@given(
    hnp.scalar_dtypes()
    .filter(lambda dtype: dtype.char in "?bhiqBHIQefdFD")
    .flatmap(lambda dtype: hnp.from_dtype(dtype))
)
def test_numpy_scalars_keep_their_type(value: Any) -> None:
    decoded = wire.decode(wire.encode(value))
    assert isinstance(decoded, np.generic)
    assert decoded.dtype == value.dtype
    assert decoded == value or decoded != decoded


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_any_bytes_decode_or_are_refused(data: bytes) -> None:
    with contextlib.suppress(wire.WireError):
        wire.decode(data)


@given(st.integers(0, 127), st.binary(max_size=60))
@settings(deadline=None)
def test_any_extension_decodes_or_is_refused(code: int, data: bytes) -> None:
    with contextlib.suppress(wire.WireError):
        wire.decode(msgpack.packb(msgpack.ExtType(code, data)))


class Pretender(float):
    """Claims to be equal to everything."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


class Lazy(np.ndarray):  # type: ignore[type-arg]
    """An array with a will of its own."""


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (object(), "object"),
        (Pretender(1.0), "Pretender"),
        (np.array([object()]), "dtype object"),
        (np.array(["text"]), "dtype <U4"),
        (2**70, "int of 71 bits"),
        ({1: 2}, "dict with keys"),
        (lambda: None, "function"),
    ],
)
def test_other_objects_cross_as_their_type_name_only(value: object, name: str) -> None:
    decoded = wire.decode(wire.encode([value]))[0]
    assert type(decoded) is wire.Opaque
    assert name in decoded.type_name


def test_a_tensor_without_axes_crosses_with_its_number() -> None:
    torch = pytest.importorskip("torch")
    parameter = torch.nn.Parameter(torch.tensor(1.5))
    values = [torch.tensor(3), parameter, torch.ones(1), torch.tensor(1j)]
    decoded = wire.decode(wire.encode(values))
    assert [one.number for one in decoded] == [3.0, 1.5, None, None]
    assert wire.decode(wire.encode(decoded)) == decoded
    with pytest.raises(wire.WireError):
        wire.decode(msgpack.packb(msgpack.ExtType(5, b"short")))


def test_an_array_subclass_crosses_as_a_plain_array() -> None:
    assert type(wire.decode(wire.encode(np.ones(3).view(Lazy)))) is np.ndarray


def test_an_array_without_memory_of_its_own_is_measured_by_its_size() -> None:
    with pytest.raises(wire.WireError, match="too large"):
        wire.encode(np.broadcast_to(np.float64(1), (10**5, 10**5)))


def test_deep_nesting_ends_in_its_name() -> None:
    value: Any = 1
    for _ in range(50):
        value = [value]
    assert "nested too deeply" in repr(wire.decode(wire.encode(value)))


def test_a_length_beyond_the_limit_is_refused_before_anything_is_read() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send((2**40).to_bytes(8, "little") + bytes(8))
        with pytest.raises(wire.WireError, match="larger"):
            wire.receive(ours, wire.for_ever)


class TooLong(Exception):
    pass


def at_once(sock: socket.socket, event: int) -> None:
    """Waits for nothing."""
    if not select.select([sock], [], [], 0)[0]:
        raise TooLong


def test_a_message_that_never_ends_is_waited_for_as_long_as_one_likes() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send((100).to_bytes(8, "little") + bytes(8) + b"x")
        with pytest.raises(TooLong):
            wire.receive(ours, at_once)


def test_a_closed_socket_is_told_from_a_late_one() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.close()
        with pytest.raises(wire.Closed):
            wire.receive(ours, wire.for_ever)


def nested(levels: int, inner: bytes = b"\x90") -> bytes:
    """Lists in lists, as MessagePack."""
    return b"\x91" * levels + inner


def nested_tuples(levels: int, inner: object = ()) -> bytes:
    data = msgpack.packb(inner)
    for _ in range(levels):
        data = msgpack.packb([msgpack.ExtType(3, data)])
    return bytes(msgpack.packb(msgpack.ExtType(3, data)))


@pytest.mark.parametrize(
    "data",
    [
        b"\xdc\xff\xff" + (b"\xdc\xff\xff" + b"\x80" * 65535) * 1000,
        msgpack.packb([[{}] * 99_999] * 20),
        msgpack.packb([msgpack.ExtType(3, msgpack.packb([0] * 99_999))] * 20),
        nested(30),
        nested(100_000),
        nested_tuples(30),
        nested_tuples(10, b"\0" * 50 * 2**20),
    ],
    ids=["maps in lists", "empty maps", "tuples", "deep", "very deep", "deep tuples", "large tuples"],
)
def test_many_items_or_levels_in_few_bytes_are_refused(data: bytes) -> None:
    message = data[: wire.MAX_BYTES]
    tracemalloc.start()
    try:
        with pytest.raises(wire.WireError):
            wire.decode(message)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 400_000 * 1024


def test_what_is_encoded_can_be_decoded_up_to_the_limit() -> None:
    value = [[0.5] * 49_000] * 4
    assert wire.decode(wire.encode(value)) == value
    with pytest.raises(wire.WireError, match="too large"):
        wire.encode([[0.5] * 99_000] * 4)
