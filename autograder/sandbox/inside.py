"""Runs in the sandbox beside student code: cells with IPython's semantics, calls, probes and checks.

Whatever it answers is only that, an answer: student code shares its process and can change anything here.
"""

from __future__ import annotations

import contextlib
import functools
import os
import random
import socket
import sys
import traceback
import types
from collections.abc import Callable, Iterable, Iterator
from time import thread_time  # with a limit on CPU time, Linux tells that of a running process by ticks
from typing import Any

import numpy as np

from autograder.sandbox import modules, wire

_LONGEST_TEXT = 2000
_MOST_FRAMES = 12
_MOST_RETURNED = 100
_array_equal = np.array_equal  # held here, before student code can patch it
_shell: Any = None


def prepare() -> None:
    """Make the IPython shell, once, in the zygote: it takes longer than a small submission."""
    global _shell
    from autograder.sandbox.shell import make_shell

    _shell = make_shell()


def serve(sock: socket.socket) -> None:
    """Answer the examiner's requests, one at a time, until it goes away."""
    seed_all()
    modules.home = os.path.join(os.getcwd(), "")
    sys.path.insert(0, "")  # the working folder, wherever that is, as in Jupyter
    _shell.user_ns["__file__"] = os.path.join(modules.home, "notebook.py")  # as in a script
    sys.argv[:] = sys.orig_argv[:] = ["notebook.py"]  # one without arguments
    while True:
        try:
            token, data = wire.receive(sock, wire.for_ever)
        except wire.Closed:
            return
        try:
            wire.send(sock, token, reply_to(wire.decode(data), _shell), wire.for_ever)
        except wire.Closed:
            return


def reply_to(request: dict[str, Any], shell: Any) -> bytes:
    """Do what a request asks for, with the names of this shell; the encoded reply."""
    try:
        op = request.pop("op")
        if op not in ("cell", "define"):
            seed_all()
        reply = _HANDLERS[op](shell, **request)
    except BaseException as error:  # student code may raise anything, SystemExit and KeyboardInterrupt too
        reply = {"error": _describe(error)}
    try:
        encoded = wire.encode(reply)
        if len(encoded) > wire.MAX_ANSWER_BYTES:
            raise wire.WireError(f"the value takes {len(encoded)} bytes, more than {wire.MAX_ANSWER_BYTES}")
        return encoded
    except BaseException as error:  # a value too large, or one whose attributes raise
        return wire.encode({"error": _describe(error) | {"kind": "answer"}})


def seed_all() -> None:
    """Set the global random states, so that what chance gives in one test does not depend on what ran before it."""
    np.random.seed(0)
    random.seed(0)
    if torch := sys.modules.get("torch"):
        torch.default_generator.manual_seed(0)


def _run_cell(shell: Any, source: str, number: int) -> dict[str, Any]:
    shell.cell_number = number
    shell.rest_defined = shell.exited = False
    if modules.home and "__file__" in source:  # there is such a file for who reads it, and for nobody else
        with (
            contextlib.suppress(OSError),
            open(os.path.join(modules.home, "notebook.py"), "x", encoding="utf-8") as file,
        ):
            file.write(source)
    modules.find_new()
    shell.shown = modules.reload_changed() if getattr(shell, "reloads", False) else None
    result = shell.run_cell(source, store_history=False)
    error = result.error_before_exec or result.error_in_exec or shell.shown
    reply: dict[str, Any] = {"exited": True} if shell.exited else {}
    return reply if error is None else reply | {"error": _describe(error), "rest_defined": shell.rest_defined}


def _put(shell: Any, files: list[Any]) -> dict[str, Any]:
    """Write files into the working folder: pairs of a path below it and an array of bytes."""
    for path, content in files:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    return {}


def _define(shell: Any, source: str, number: int) -> dict[str, Any]:
    """Of a cell that ended a process before, only what it defines."""
    shell.cell_number = number
    shell.rest_defined = False
    modules.find_new()
    shell.define(source)
    return {"rest_defined": shell.rest_defined}


def _defined(shell: Any) -> dict[str, Any]:
    return {"names": [name for name in shell.user_ns if isinstance(name, str) and not name.startswith("_")][:5000]}


def _call(shell: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], mutated: bool) -> dict[str, Any]:
    function = shell.user_ns.get(name)
    if function is None:
        return {"error": {"kind": "missing"}}
    before = [arg.copy() if isinstance(arg, np.ndarray) else None for arg in args] if mutated else []
    started = thread_time()
    value = function(*args, **kwargs)
    seconds = thread_time() - started
    changed = [i for i, old in enumerate(before) if old is not None and not _array_equal(old, args[i], equal_nan=True)]
    return {"value": value, "mutated": changed, "seconds": seconds}


def _probe(shell: Any, source: str, name: str, args: tuple[Any, ...]) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "probes"}
    exec(_compiled(source), namespace)
    started = thread_time()
    value = namespace[name](_Student(shell), *args)
    return {"value": value, "seconds": thread_time() - started}


@functools.cache
def _compiled(source: str) -> types.CodeType:
    return compile(source, "<probes>", "exec")


class _Student:
    """The student's names as attributes, for probes."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def __getattr__(self, name: str) -> Any:
        try:
            return self._shell.user_ns[name]
        except KeyError:
            raise _Missing(name) from None


class _Missing(AttributeError):
    """The student has not defined a name."""


def _check(shell: Any, given: list[str], source: str, names: list[str]) -> dict[str, Any]:
    """Run a public check with the student's names and the given cells; record what it would compare, and what ``names`` return."""
    seen: list[Any] = []

    def check(label: str, actual: Any, expected: Any = None, atol: float = 0.0) -> None:
        seen.append([str(label), actual])

    namespace = dict(shell.user_ns)
    for cell in given:
        exec(compile(cell, "<given>", "exec"), namespace)
    reply: dict[str, Any] = {"seen": seen, "returned": []}
    with watched(namespace, names, reply["returned"]):
        namespace["check"] = check
        try:
            exec(compile(source, "<check>", "exec"), namespace)
        except BaseException as error:  # what was compared before the error still counts as seen
            reply["error"] = _describe(error)
    return reply


@contextlib.contextmanager
def watched(namespace: dict[str, Any], names: Iterable[str], returned: list[Any]) -> Iterator[None]:
    """Note in ``returned`` which function of a namespace, or which of its modules' forward, returns what kind of value."""

    def note(name: str, value: Any) -> None:
        if len(returned) < _MOST_RETURNED:
            returned.append([name, _hollow(value)])

    def watch(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            value = function(*args, **kwargs)
            note(name, value)
            return value

        return call

    def after_forward(module: Any, arguments: Any, value: Any) -> None:
        if namespace.get(type(module).__name__) is type(module) and type(module).__name__ in names:
            note(type(module).__name__, value)

    names = frozenset(names)
    for name in names:
        if isinstance(function := namespace.get(name), types.FunctionType):
            namespace[name] = watch(name, function)
    torch = sys.modules.get("torch.nn.modules.module")
    hook = torch.register_module_forward_hook(after_forward) if torch else contextlib.nullcontext()
    with hook:
        yield


def _hollow(value: Any, most: int = _MOST_RETURNED) -> Any:
    """Something of the same kind that takes little room; of a list, only the first item is kept."""
    if isinstance(value, np.ndarray) and value.size > 1:
        return np.zeros((0,) * value.ndim, value.dtype if value.dtype.kind in "biuf" else float)
    if isinstance(value, tuple):
        return tuple(_hollow(item, most // 4) for item in value[:most])
    if isinstance(value, list):
        first = [_hollow(item, most // 2) for item in value[:1]] if most else []
        return first + [None] * (min(len(value), _MOST_RETURNED) - len(first))
    if isinstance(value, str):
        return value[:_MOST_RETURNED]
    return {} if isinstance(value, dict) else value


_HANDLERS: dict[str, Callable[..., dict[str, Any]]] = {
    "put": _put,
    "cell": _run_cell,
    "define": _define,
    "call": _call,
    "probe": _probe,
    "check": _check,
    "defined": _defined,
}


def _describe(error: BaseException) -> dict[str, Any]:
    """An exception as plain data: kind, type names, message and the student's own frames (file, line, column in bytes)."""
    kind = "raised"
    if isinstance(error, _Missing):
        kind = "missing"
    elif isinstance(error, NotImplementedError) and _raised_in_a_cell(error):
        kind = "not implemented"
    elif isinstance(error, wire.WireError):
        kind = "answer"
    frames: list[list[Any]] = []
    with contextlib.suppress(BaseException):
        frames = [
            [_told_file(frame.filename), frame.lineno or 0, frame.colno or 0]
            for frame in traceback.extract_tb(error.__traceback__)
            if _told_file(frame.filename)
        ][-_MOST_FRAMES:]
    line = None
    with contextlib.suppress(BaseException):
        cells = [frame for frame in frames if frame[0].startswith("<cell ")]
        if isinstance(error, SyntaxError) and type(error.lineno) is int and not _of_a_module(error):
            line = error.lineno
        elif cells:
            line = cells[-1][1]
    return {
        "kind": kind,
        "types": [cls.__name__ for cls in type(error).__mro__][:20],
        "message": _text(error),
        "name": getattr(error, "name", None) if isinstance(error, ImportError | _Missing | NameError) else None,
        "frames": frames,
        "line": line,
    }


def _told_file(file: str) -> str:
    """What a cell or a module in the working folder is told by; empty for a library's file."""
    if file.startswith("<cell "):
        return file
    return file[len(modules.home) :] if modules.home and file.startswith(modules.home) else ""


def _of_a_module(error: SyntaxError) -> bool:
    return type(error.filename) is str and not error.filename.startswith("<") and bool(_told_file(error.filename))


def _raised_in_a_cell(error: BaseException) -> bool:
    """Whether the student's own code raised it, as a stub does, and not a library."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    file = last.tb_frame.f_code.co_filename if last is not None else ""
    return bool(_told_file(file)) or "/ipykernel_" in file  # in a sandbox, or in a notebook's own kernel


def _text(error: BaseException) -> str:
    try:
        text = str(error)
        return text[:_LONGEST_TEXT] if type(text) is str else ""
    except BaseException:  # a __str__ that raises
        return "(its message cannot be shown)"
