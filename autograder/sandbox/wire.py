"""Plain data between examiner and sandbox: MessagePack with arrays, decoded by exact type, never pickle.

A message is an 8-byte little-endian length, a token of 8 bytes and that many bytes of MessagePack. An answer bears the
token of its question, so that nothing said before it was asked passes for one. What crosses: None, bool, int of 64
bits, float, str, list, tuple, dict with str keys, numpy scalars and arrays of bool or number dtypes. Anything else
crosses as `Opaque`, the name of its type; a tensor without axes with its number.
"""

from __future__ import annotations

import math
import select
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgpack
import numpy as np

MAX_BYTES = 64 * 2**20
MAX_ANSWER_BYTES = 16 * 2**20
"""Of what a sandbox says. While it is decoded, it takes three times as much in the examiner."""
_MAX_TEXT = 16 * 2**20
"""In memory, where one emoji makes four bytes of each character."""
_MAX_ITEMS = 100_000
_MAX_ITEMS_IN_ALL = 200_000
_MAX_COPIES = 3
"""Extensions are copied out of what holds them, tuples in tuples once for each level."""
_MAX_DEPTH = 16
_MAX_DIMENSIONS = 32
_LONGEST_NAME = 60
"""Of a type, which students may call what they like."""

_ARRAY, _SCALAR, _TUPLE, _OPAQUE, _ONE_NUMBER = 1, 2, 3, 4, 5
_DTYPES = frozenset("?bhilqBHILQefdFD")
_HEADER = struct.Struct("<Q8s")
_NUMBER = struct.Struct("<d")
TENSORS = ("torch.Tensor", "torch.nn.parameter.Parameter")
TOKEN_BYTES = 8
_WORTH_NO_COPY = 2**16
"""Bytes; to copy fewer of them is quicker than to send twice."""


class WireError(Exception):
    """A message is malformed or too large, or the other side has gone."""


class Closed(WireError):
    """The other side has gone."""


@dataclass(frozen=True)
class Opaque:
    """Stands for a value that cannot cross."""

    type_name: str
    number: float | None = None
    """What it holds, if it is a tensor without axes."""


def encode(value: Any) -> bytes:
    """Encode one message.

    Raises:
        WireError: it would be larger than ``MAX_BYTES``.
    """
    packed = msgpack.packb(_prepare(value, 0, [MAX_BYTES, _MAX_ITEMS_IN_ALL, _MAX_TEXT]), use_bin_type=True)
    if len(packed) > MAX_BYTES:
        raise WireError(f"the value takes {len(packed)} bytes, more than {MAX_BYTES}")
    return bytes(packed)


def decode(data: bytes | bytearray, most: int = MAX_BYTES) -> Any:
    """Decode one message, of which at most ``most`` bytes were received.

    Raises:
        WireError: it is not exactly what `encode` makes.
    """
    try:
        value = _unpack(data, [_MAX_ITEMS_IN_ALL, _MAX_COPIES * most, _MAX_TEXT], 0)
        _check(value, 0)
    except WireError:
        raise
    except (
        ValueError,
        TypeError,
        KeyError,
        RecursionError,
        OverflowError,
        struct.error,
        msgpack.UnpackException,
    ) as error:
        raise WireError(f"malformed message: {type(error).__name__}") from None
    return value


def _unpack(data: bytes | bytearray, left: list[int], depth: int) -> Any:
    """``left`` counts items, copied bytes and those of text down while they are made: a few bytes can ask for a great many empty maps."""

    def count(items: Any) -> Any:
        left[0] -= 1 + len(items)
        texts = items if type(items) is list else (*items, *items.values())
        left[2] -= sum(sys.getsizeof(text) for text in texts if type(text) is str)
        if left[0] < 0 or left[2] < 0:
            raise WireError("malformed message: too many items, or too much text")
        return items

    return msgpack.unpackb(
        data,
        raw=False,
        strict_map_key=True,
        ext_hook=lambda code, body: _decode_extension(code, body, left, depth),
        list_hook=count,
        object_hook=count,
        max_array_len=_MAX_ITEMS,
        max_map_len=_MAX_ITEMS,
        max_str_len=_MAX_TEXT // 4,
        max_ext_len=MAX_BYTES,
        max_bin_len=0,
    )


def _check(value: Any, depth: int) -> None:
    if isinstance(value, list | tuple | dict):
        if depth > _MAX_DEPTH:
            raise WireError("malformed message: nested too deeply")
        for item in value.values() if isinstance(value, dict) else value:
            _check(item, depth + 1)
    elif type(value) is bytes:  # of no length: longer ones are refused by their length
        raise WireError("malformed message: bytes")


def _prepare(value: Any, depth: int, room: list[int]) -> Any:
    """The same value with arrays, tuples and strangers as extensions; ``room`` is how many bytes, items and bytes of text are left."""
    kind = type(value)
    room[0] -= 1
    room[1] -= 1 + (kind in (list, tuple, dict))
    if min(room) < 0:
        raise WireError("the value is too large")
    if value is None or kind is bool or kind is float:
        return value
    if kind is str:
        room[2] -= sys.getsizeof(value)
        if room[2] < 0 or len(value) > _MAX_TEXT // 16:
            raise WireError("the text is too large")
        try:
            value.encode()
        except UnicodeEncodeError:
            value = value.encode(errors="backslashreplace").decode()
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**64 else _opaque(f"int of {value.bit_length()} bits")
    if depth >= _MAX_DEPTH:
        return _opaque(f"{kind.__name__} nested too deeply")
    if kind is list or kind is tuple:
        if len(value) > _MAX_ITEMS:
            return _opaque(f"{kind.__name__} of {len(value)} items")
        items = [_prepare(item, depth + 1, room) for item in value]
        return items if kind is list else msgpack.ExtType(_TUPLE, msgpack.packb(items, use_bin_type=True))
    if kind is dict:
        if len(value) > _MAX_ITEMS or any(type(key) is not str for key in value):
            return _opaque(
                "dict with keys that are not str" if len(value) <= _MAX_ITEMS else f"dict of {len(value)} items"
            )
        return {_prepare(key, depth + 1, room): _prepare(item, depth + 1, room) for key, item in value.items()}
    if kind is Opaque:
        return _opaque(value.type_name, value.number)
    if isinstance(value, np.generic) and value.dtype.char in _DTYPES:
        return msgpack.ExtType(_SCALAR, value.dtype.char.encode() + value.tobytes())
    if isinstance(value, np.ndarray) and value.dtype.char in _DTYPES:
        room[0] -= value.nbytes
        if room[0] < 0:
            raise WireError(f"an array of shape {value.shape} is too large")
        plain = np.array(value, dtype=value.dtype.newbyteorder("<"), copy=None, subok=False, order="C")
        header = msgpack.packb([plain.dtype.char, list(plain.shape)])
        return msgpack.ExtType(_ARRAY, b"".join((header, plain.data)))
    if isinstance(value, np.ndarray):
        return _opaque(f"numpy array of dtype {value.dtype}")
    name = f"{kind.__module__}.{kind.__qualname__}" if kind.__module__ != "builtins" else kind.__qualname__
    one = name in TENSORS and value.ndim == 0 and not value.is_complex()
    return _opaque(name, float(value.detach()) if one else None)


def _opaque(name: str, number: float | None = None) -> Any:
    encoded = str(name)[:_LONGEST_NAME].encode(errors="replace")
    if number is None:
        return msgpack.ExtType(_OPAQUE, encoded)
    return msgpack.ExtType(_ONE_NUMBER, _NUMBER.pack(number) + encoded)


def _decode_extension(code: int, data: bytes, left: list[int], depth: int) -> Any:
    left[1] -= len(data)
    if left[1] < 0:
        raise WireError("malformed message: too large within")
    if code == _TUPLE:
        if depth > _MAX_DEPTH:
            raise WireError("malformed message: nested too deeply")
        items = _unpack(data, left, depth + 1)
        if type(items) is not list:
            raise WireError("malformed tuple")
        return tuple(items)
    if code == _OPAQUE:
        return Opaque(data.decode(errors="replace")[:_LONGEST_NAME])
    if code == _ONE_NUMBER:
        (number,) = _NUMBER.unpack_from(data)  # struct.error, if it is too short
        return Opaque(data[_NUMBER.size :].decode(errors="replace")[:_LONGEST_NAME], number)
    if code == _SCALAR:
        dtype = _dtype(chr(data[0]) if data else "")
        if len(data) != 1 + dtype.itemsize:
            raise WireError("malformed number")
        return np.frombuffer(data, dtype, offset=1)[0]
    if code == _ARRAY:
        unpacker = msgpack.Unpacker(
            max_array_len=_MAX_DIMENSIONS + 2, max_str_len=1, max_map_len=0, max_ext_len=0, max_bin_len=0
        )
        unpacker.feed(data[:512])
        header = unpacker.unpack()
        if (
            type(header) is not list
            or len(header) != 2
            or type(header[1]) is not list
            or len(header[1]) > _MAX_DIMENSIONS
        ):
            raise WireError("malformed array")
        dtype, shape = _dtype(header[0]), header[1]
        if any(type(size) is not int or size < 0 for size in shape):
            raise WireError("malformed array")
        offset = unpacker.tell()
        if math.prod(shape) * dtype.itemsize != len(data) - offset:
            raise WireError("malformed array")
        return np.frombuffer(data, dtype, offset=offset).reshape(shape).copy()
    raise WireError(f"unknown extension {code}")


def _dtype(char: Any) -> np.dtype[Any]:
    if type(char) is not str or char not in _DTYPES:
        raise WireError("malformed dtype")
    return np.dtype(char).newbyteorder("<")


Wait = Callable[[socket.socket, int], None]
"""Returns once a socket is ready for an event of `select.poll`; raises if that takes too long."""


def for_ever(sock: socket.socket, event: int) -> None:
    """A `Wait` without an end."""
    poll = select.poll()
    poll.register(sock, event)
    poll.poll()


def send(sock: socket.socket, token: bytes, data: bytes, wait: Wait) -> None:
    """Send one encoded message.

    Raises:
        Closed, and what ``wait`` raises.
    """
    header = _HEADER.pack(len(data), token)
    for part in (header + data,) if len(data) < _WORTH_NO_COPY else (header, data):
        view = memoryview(part)
        while view:
            wait(sock, select.POLLOUT)
            try:
                view = view[sock.send(view, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL) :]
            except BlockingIOError:
                continue
            except OSError:
                raise Closed("the other side has gone") from None


def receive(
    sock: socket.socket, wait: Wait, wanted: bytes | None = None, most: int = MAX_BYTES
) -> tuple[bytes, bytes | bytearray]:
    """Receive one message, its token first; its size, and its token if one is ``wanted``, are checked before it is read.

    Raises:
        Closed, WireError, and what ``wait`` raises.
    """
    length, token = _HEADER.unpack(_read(sock, _HEADER.size, wait))
    if wanted not in (None, token):
        raise WireError("an answer to something else")
    if length > most:
        raise WireError(f"a message of {length} bytes is larger than {most}")
    return bytes(token), _read(sock, length, wait)  # not copied: it may be large


def _read(sock: socket.socket, length: int, wait: Wait) -> bytearray:
    data = bytearray(length)
    left = memoryview(data)
    while left:
        wait(sock, select.POLLIN)
        try:
            count = sock.recv_into(left, flags=socket.MSG_DONTWAIT)
        except BlockingIOError:
            continue
        except OSError:
            raise Closed("the other side has gone") from None
        if not count:
            raise Closed("the other side has gone")
        left = left[count:]
    return data
