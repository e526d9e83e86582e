"""An answer that is malformed, or that nobody asked for, ends its process; the next call has a fresh one, at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from autograder.course import Limits
from autograder.examine.student import Process, Student
from autograder.examine.student_errors import StudentError
from autograder.kernel.process import Kernel
from autograder.notebook import Cell
from autograder.notebook.code import Code
from autograder.sandbox.client import Zygote

SETUP = """
import os, stat, sys
wire = sys.modules["autograder.sandbox.wire"]
def is_socket(number):
    try:
        return stat.S_ISSOCK(os.fstat(number).st_mode)
    except OSError:
        return False
answers = next(number for number in range(3, 64) if is_socket(number))
def say(data):
    os.write(answers, data)
def message(value, token=bytes(8)):
    data = wire.encode(value)
    return len(data).to_bytes(8, "little") + token + data
more = []
def send_more(sock, token, data, wait):
    "Its answer and more in one piece, so that nothing depends on when the rest comes."
    say(len(data).to_bytes(8, "little") + token + data + b"".join(more))
    more.clear()
wire.send = send_more
def right(x):
    return 2 * x
"""

LATER = """
def spoils(x):
    more.append({what})
    return 2 * x
"""
"""Right, and after its answer its process says something more."""

WHAT = {
    "the same again": "message({'value': 0.0, 'mutated': []})",
    "half a header": "bytes(3)",
    "a header alone": "(100).to_bytes(8, 'little') + bytes(8)",
    "a length beyond all": "bytes([255]) * 16",
    "rubbish": "bytes(range(256)) * 10",
    "three messages": "message(None) * 3",
}

AT_ONCE = {
    "rubbish": "say(bytes([255]) * 100)",
    "another's token": "say(message({'value': 0.0}))",
    "a message cut short, and then the answer": "say(message('x' * 100)[:50])",
    "what is no message": "wire.encode = lambda value: b'\\xc1'",
    "what is no reply": "wire.encode = lambda value: b'\\x01'",
    "more than there may be": "say((2**40).to_bytes(8, 'little') + bytes(8))",
}


class Counting:
    """A zygote that counts its children."""

    isolation = ()

    def __init__(self, zygote: Zygote) -> None:
        self.zygote, self.number = zygote, 0

    def sandbox(self, **limits: Any) -> Process:
        self.number += 1
        return self.zygote.sandbox(**limits)


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote(["numpy"]) as one:
        yield one


def student(zygote: Any, *sources: str, seconds: float = 5) -> Student:
    cells = tuple(Cell(source=source, number=number + 1) for number, source in enumerate((SETUP, *sources)))
    return Student(
        zygote, Code(cells), Limits(call_seconds=seconds, cell_seconds=seconds, submission_seconds=60), {}, ""
    )


@pytest.mark.parametrize("what", WHAT)
def test_what_is_said_after_an_answer_spoils_no_later_one(zygote: Zygote, what: str) -> None:
    counting = Counting(zygote)
    one = student(counting, LATER.format(what=WHAT[what]))
    try:
        assert one.call("spoils", 1.0) == 2.0
        for number in range(6):
            assert one.call("right", float(number)) == 2.0 * number
    finally:
        one.close()
    assert counting.number == 2


@pytest.mark.parametrize("what", AT_ONCE)
def test_a_malformed_answer_is_that_calls_and_no_others(zygote: Zygote, what: str) -> None:
    counting = Counting(zygote)
    one = student(counting, f"def wrong(x):\n    {AT_ONCE[what]}\n    return 2 * x", seconds=1)
    try:
        for number in range(5):
            with pytest.raises(StudentError):
                one.call("wrong", 1.0)
            assert one.call("right", float(number)) == 2.0 * number
    finally:
        one.close()
    assert counting.number <= 8, "a function that does it twice is not called again"


def test_a_process_that_does_it_always_is_not_started_without_end(zygote: Zygote) -> None:
    counting = Counting(zygote)
    one = student(counting, LATER.format(what=WHAT["rubbish"]))
    errors = []
    try:
        for _ in range(50):
            try:
                one.call("spoils", 1.0)
            except StudentError as error:
                errors.append(error.summary)
    finally:
        one.close()
    assert len(errors) > 30
    assert counting.number <= 12


def test_a_cell_that_says_more_than_its_answer_is_left_out_and_no_other(zygote: Zygote) -> None:
    one = student(zygote, LATER.format(what=WHAT["rubbish"]), "spoils(1.0)", "def after(x):\n    return 3 * x")
    try:
        assert one.call("after", 1.0) == 3.0
        assert [error.cell for error in one.cell_errors] == [3]
    finally:
        one.close()


def test_in_a_notebooks_own_kernel_a_malformed_answer_spoils_no_later_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.sandbox import wire

    kept = wire.encode

    def wrong(x: float) -> float:
        wire.encode = lambda value: b"\xc1"
        return x

    kernel = Kernel({"wrong": wrong, "right": lambda x: 2 * x})
    one = Student(kernel, Code(()), Limits(), {}, "")
    with pytest.raises(StudentError):
        one.call("wrong", 1.0)
    wire.encode = kept
    assert [one.call("right", float(number)) for number in range(4)] == [0.0, 2.0, 4.0, 6.0]
