"""Messages from the sandbox are hostile input: whatever comes, an answer or a refusal, in bounded time and memory.

`make fuzz` tries 100,000 messages and more; `make test` some hundreds.
"""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course import Limits
from autograder.examine.student import Student
from autograder.examine.student_errors import StudentError
from autograder.notebook.code import Code
from autograder.sandbox import inside, wire
from autograder.sandbox.client import Died, OverTime, Sandbox
from autograder.testing import Mismatch, compare
from autograder.text import printable
from tests.sandbox.test_wire import values

PLAIN = (type(None), bool, int, float, str, list, tuple, dict, np.ndarray, np.generic, wire.Opaque)
ENDS_OF_TYPES = st.sampled_from(
    ["error", "value", "mutated", "seen", "names", "kind", "types", "message", "frames", "line", "name"]
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A right message with some of its bytes changed, cut, doubled or inserted."""
    data = bytearray(wire.encode(draw(values)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["change", "cut", "insert", "double"])):
            case "change" if place < len(data):
                data[place] = draw(st.integers(0, 255))
            case "cut":
                del data[place:]
            case "insert":
                data[place:place] = draw(st.binary(max_size=6))
            case _:
                data += data[: place % 64]
    return bytes(data)


packed = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text() | st.binary(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(max_size=3) | st.integers(0, 9), inner, max_size=4)
        | st.builds(lambda code, item: msgpack.ExtType(code, msgpack.packb(item, unicode_errors="surrogatepass")), st.integers(0, 6), inner)
    ),
    max_leaves=12,
).map(lambda value: bytes(msgpack.packb(value, unicode_errors="surrogatepass")))  # fmt: skip
"""What is MessagePack, but not necessarily ours."""

messages = st.binary(max_size=300) | damaged() | packed


def assert_plain(value: Any) -> None:
    assert isinstance(value, np.generic) or type(value) in PLAIN
    if isinstance(value, np.ndarray):
        assert type(value) is np.ndarray
        assert value.dtype.char in "?bhilqBHILQefdFD"
    if isinstance(value, list | tuple):
        for item in value:
            assert_plain(item)
    if isinstance(value, dict):
        for key, item in value.items():
            assert type(key) is str
            assert_plain(item)


@given(messages)
def test_what_comes_from_a_sandbox_is_plain_or_refused(message: bytes) -> None:
    with contextlib.suppress(wire.WireError):
        assert_plain(wire.decode(message))


@pytest.fixture(scope="module")
def sleeper() -> Iterator[int]:
    """A process that does nothing, in the place of a child's."""
    with subprocess.Popen(["sleep", "1000"]) as process:
        yield process.pid
        process.kill()


@settings(deadline=None)
@given(st.lists(messages, max_size=3), st.booleans(), st.integers(-9, 9), st.booleans())
def test_a_peer_that_sends_anything_gets_no_further_than_its_time(
    sleeper: int, parts: list[bytes], framed: bool, lie: int, closes: bool
) -> None:
    """Lengths that lie, several messages for one, half of one, an early end: through a real socket."""
    ours, theirs = socket.socketpair()
    status, guardian = socket.socketpair()
    sandbox = Sandbox(sleeper, os.open("/dev/null", os.O_RDONLY), ours, status)
    sandbox._signal = lambda number: None  # type: ignore[method-assign]  # there is nothing to kill

    def peer() -> None:
        with contextlib.suppress(OSError):
            token = theirs.recv(4096)[8:16]
            for part in parts:
                theirs.send((max(len(part) + lie, 0).to_bytes(8, "little") + token) * framed + part)
            if closes:
                theirs.close()

    thread = threading.Thread(target=peer)
    thread.start()
    began = time.monotonic()
    try:
        with contextlib.suppress(wire.WireError, OverTime, Died):
            assert_plain(sandbox.ask("call", 0.01))
    finally:
        thread.join()
        sandbox.close()
        theirs.close()
        guardian.close()
    assert time.monotonic() - began < 60


class Peer:
    """Says what it is told to, in a sandbox's place."""

    closed = False

    def __init__(self, reply: Any) -> None:
        self.reply = reply

    def cpu_seconds(self) -> float:
        return 0.0

    cpu_seconds_at_rest = cpu_seconds

    def used(self) -> tuple[float, float]:
        return 0.0, 0.0

    def has_spoken(self) -> bool:
        return False

    def ask(self, op: str, seconds: float, **request: Any) -> Any:
        return {} if op == "cell" else self.reply

    def ask_encoded(self, message: bytes, seconds: float) -> Any:
        return self.reply

    def paused(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def close(self) -> None:
        pass


replies = st.recursive(
    values | st.sampled_from([wire.Opaque("x" * 300), wire.Opaque("torch.Tensor", 1.5), "ValueError", "KeyError", "ExceptionGroup", "UnicodeDecodeError", "object", "SystemExit", "\x1b[31m", "missing", "raised"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ENDS_OF_TYPES, inner, max_size=6),
    max_leaves=15,
)  # fmt: skip
errors = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["raised", "missing", "not implemented", "answer"]) | replies,
        "types": st.lists(st.sampled_from([name for name, kind in vars(__import__("builtins")).items() if isinstance(kind, type)]) | replies, max_size=3) | replies,
        "message": replies, "name": replies, "frames": st.lists(st.tuples(st.text() | st.just("<student cell 1>"), st.integers(), st.integers()).map(list) | replies, max_size=3) | replies, "line": replies,
    },
)  # fmt: skip


@given(replies | st.fixed_dictionaries({"error": errors | replies}))
def test_whatever_is_answered_a_test_sees_a_value_or_a_students_error(reply: Any) -> None:
    peer = Peer(reply)
    processes = SimpleNamespace(isolation=(), sandbox=lambda **limits: peer)
    student = Student(processes, Code(()), Limits(), {"double": ("x",)}, "")
    calls: list[Callable[[], Any]] = [
        lambda: student.call("double", np.ones(3)),
        lambda: student.mutated("double", np.ones(3), [1]),
        lambda: student.probe("anything", 1),
        lambda: student.check([], "check('a', 1)"),
        lambda: student.timed_call("call", "double", (np.ones(2),)),
    ]
    for call in calls:
        told = ""
        try:
            answer = call()
        except StudentError as error:
            told, answer = str(error), None
        assert printable(told) == told
        assert len(told) < 6000
        for expected in (np.ones((2, 3)), np.arange(3), 1, 0.5, "text", None, True, (1, np.ones(2))):
            with contextlib.suppress(Mismatch):
                compare(answer, expected, rtol=0, atol=1e-9, what="your answer")


class Contrary:
    """Does something else than it should whenever it is asked."""

    def __getattribute__(self, name: str) -> Any:
        if name == "_repr_pretty_":
            return None  # hypothesis wants to show it
        raise RuntimeError(name)

    def __repr__(self) -> str:
        return "Contrary()"

    def __eq__(self, other: object) -> Any:
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment]


def recursive(kind: Callable[[], Any]) -> Any:
    one = kind()
    if isinstance(one, list):
        one.append(one)
    else:
        one["self"] = one
    return one


strange = st.sampled_from([
    Contrary, object(), lambda: None, type("I", (int,), {"__index__": lambda self: 1 / 0})(3), type("S", (str,), {"encode": lambda *args: 5})("s"),
    type("L", (list,), {"__iter__": lambda self: iter(int, 1), "__len__": lambda self: 0})([1]), type("D", (dict,), {"items": lambda self: iter(int, 1)})(a=1),
    2**100, -(2**90), float("nan"), float("inf"), "\ud800", "\0", np.ones(3).view(type("A", (np.ndarray,), {"tobytes": lambda self: b""})), np.ma.masked_all(3),
    np.array([object()]), np.array(["a"]), np.array([(1, 2.0)], dtype="i4,f8"), np.datetime64("now"), np.longdouble(1), np.clongdouble(1), np.ones((1,) * 32), np.ones((0, 5)),
    np.broadcast_to(1.0, (10**6, 10**6)), np.ones(4)[::-2], np.array(3), np.float16(1), b"bytes", bytearray(5), memoryview(b"x"), {1, 2}, range(5), iter([]), {1: 2}, {"a": {2: 3}},
    recursive(list), recursive(dict), ValueError("x"), NotImplemented, ..., 1j, print, np, [[]] * 1000, ["x" * 1000] * 100,
])  # fmt: skip
answers = st.recursive(
    strange | st.builds(lambda: Contrary()) | values,
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(max_size=3) | st.integers(0, 3), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(answers, st.booleans())
def test_whatever_a_students_function_gives_its_process_has_an_answer(value: Any, raises: bool) -> None:
    def double(x: Any) -> Any:
        if raises:
            raise ValueError(value)
        return value

    shell = SimpleNamespace(user_ns={"double": double})
    request = {"op": "call", "name": "double", "args": (np.ones(2),), "kwargs": {}, "mutated": True}
    reply = wire.decode(inside.reply_to(request, shell))
    assert_plain(reply)
    assert type(reply) is dict
    assert "value" in reply or reply["error"]["kind"] in ("raised", "answer")


def test_memory_does_not_grow() -> None:
    """A million refused items, again and again."""
    hostile = [b"\xdc\xff\xff" + b"\x80" * 65535, msgpack.packb([[0] * 90_000] * 3), b"\xc1" * 10_000]
    sizes = []
    for round_ in range(6):
        for message in hostile * (3 if round_ else 1):
            with contextlib.suppress(wire.WireError):
                wire.decode(message)
        sizes.append(int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize())
    assert sizes[-1] - sizes[1] < 4_000_000


@pytest.mark.parametrize("op", ["", "unknown", None, 5, [], "__class__"])
def test_a_request_that_is_none_is_answered_with_an_error(op: Any) -> None:
    assert "error" in wire.decode(inside.reply_to({"op": op}, SimpleNamespace(user_ns={})))
