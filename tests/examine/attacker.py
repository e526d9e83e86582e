"""A student who knows everything of their earlier attempts: every hidden question, and its right answer.

That is more than feedback can ever say, by messages, maps of signs, ratios or timings. They write no function: their code replaces what
answers in the sandbox by a table of what they know.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Callable
from typing import Any

from autograder.course import Assignment, Course
from autograder.examine.examiner import Examiner, examine
from autograder.examine.student import Process, Processes, Student
from autograder.notebook import Cell, Code
from autograder.sandbox import wire
from autograder.sandbox.client import namespace_error

_LARGEST = 200_000
"""Bytes. The answers of races are larger, and on other inputs each time anyway."""

Table = dict[str, bytes]
"""Digest of a question -> the encoded answer."""

ANSWER = """
import base64, hashlib, json, sys, zlib
import numpy as np

inside = sys.modules["autograder.sandbox.inside"]
wire = inside.wire
table = json.loads(zlib.decompress(base64.b85decode(TABLE)))
before = inside.reply_to


def fallback(args):
    {fallback}


def reply_to(request, shell):
    op = request.get("op")
    if op in ("call", "probe", "observe"):
        known = table.get(hashlib.sha256(wire.encode(request)).hexdigest()[:24])
        if known is not None:
            return base64.b85decode(known)
        try:
            return wire.encode({{"value": fallback(request["args"]), "mutated": []}})
        except Exception as error:
            return wire.encode({{"error": inside._describe(error)}})
    return before(request, shell)


inside.reply_to = reply_to
"""

FALLBACKS = (
    "return 0.0",
    "return 1",
    "return args[0]",
    "raise ValueError('no')",
    "return None",
    "return np.zeros_like(args[0])",
)


def notebook(assignment: Assignment, table: Table, fallback: str) -> tuple[Cell, ...]:
    """The cells of an attempt."""
    names = [name for question in assignment.questions for name in question.names]
    packed = json.dumps({key: base64.b85encode(value).decode() for key, value in table.items()})
    return (
        Cell(1, f"TABLE = {base64.b85encode(zlib.compress(packed.encode())).decode()!r}"),
        Cell(2, ANSWER.format(fallback=fallback)),
        Cell(3, "\n".join(f"def {name}(*args, **kwargs): return None" for name in names)),
    )


class _Recorded:
    """A sandbox whose answers are noted."""

    def __init__(self, process: Process, table: Table) -> None:
        self._process = process
        self._table = table

    def __getattr__(self, name: str) -> Any:
        return getattr(self._process, name)

    def ask_encoded(self, message: bytes, *args: Any, **kwargs: Any) -> Any:
        reply = self._process.ask_encoded(message, *args, **kwargs)
        encoded = wire.encode(reply)
        if len(encoded) <= _LARGEST:
            self._table[hashlib.sha256(wire.encode(wire.decode(message))).hexdigest()[:24]] = encoded
        return reply


class _Recorder:
    def __init__(self, processes: Processes, table: Table) -> None:
        self.isolation = processes.isolation
        self._processes = processes
        self._table = table

    def sandbox(self, *, memory_mb: int, cpu_seconds: float) -> Any:
        return _Recorded(self._processes.sandbox(memory_mb=memory_mb, cpu_seconds=cpu_seconds), self._table)


class Attempts:
    """Attempts of one student at one assignment, all in one examiner."""

    def __init__(self, examiner: Examiner) -> None:
        self._examiner = examiner
        self.assignment = examiner.assignment

    def judge(self, cells: tuple[Cell, ...], learn: Table | None = None) -> float:
        """Hidden points of an attempt; what its hidden questions were, and the right answers, go into ``learn``."""
        examiner = self._examiner
        code = Code(examiner.reference.to_run(cells))
        earned = self._run(code, code, {})
        if learn is not None:
            self._run(code, Code(examiner.reference.cells), learn)
        return earned

    def _run(self, code: Code, answering: Code, table: Table) -> float:
        examiner = self._examiner
        examiner._name, examiner._code = "mallory", code
        examiner.student = student = Student(
            _Recorder(examiner._zygote, table), answering, self.assignment.limits, examiner.reference.signatures, examiner.reference.probes
        )  # fmt: skip
        try:
            return sum(test.earned for test in examiner._run_tests(examiner.items) if not test.public)
        finally:
            student.close()


def attempt(course: Course, name: str, play: Callable[[Attempts], None]) -> None:
    """Let somebody play against the hidden tests of an assignment."""
    examine(course.root, name, course.secret, not namespace_error(), lambda examiner: play(Attempts(examiner)))
