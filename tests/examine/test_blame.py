"""What is compared is found to be the answer of the call that gave it, also where Python has one object for all of its kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograder.examine import _context
from autograder.examine._context import Answer, Trace
from autograder.testing import Mismatch, assert_matches, assert_raises


class Student:
    """Answers what it is told to, and has it remembered as the real one has."""

    def __init__(self, *values: Any) -> None:
        self._values = iter(values)
        self._asked = 0

    def f(self, *_: Any) -> Any:
        self._asked += 1
        answer = Answer(f"call {self._asked}", {"x": 1}, next(self._values))
        _context.record(answer)
        return answer.value


@pytest.fixture
def trace() -> Iterator[Trace]:
    yield _context.begin(soft=True)
    _context.begin()


def blamed(trace: Trace) -> list[tuple[str, int | None]]:
    return [
        (answer.call, position)
        for answer in trace.answers
        for position, right in answer.judged.items()
        if not right
    ]  # fmt: skip


def said(trace: Trace) -> list[str]:
    return [str(mismatch) for mismatch in trace.mismatches]


SHARED = [4, True, None, "", "a", ()]


@pytest.mark.parametrize("value", SHARED)
def test_an_answer_is_that_of_the_call_in_the_comparison_itself(trace: Trace, value: Any) -> None:
    student = Student(value, value, value)
    first = student.f()
    assert_matches(student.f(), 7)
    student.f()
    assert blamed(trace) == [("call 2", None)]
    assert_matches(first, value)
    assert blamed(trace) == [("call 2", None)]


@pytest.mark.parametrize("value", SHARED)
def test_answers_that_are_compared_later_are_judged_in_the_order_of_the_calls(trace: Trace, value: Any) -> None:
    student = Student(value, value, value)
    answers = [student.f() for _ in range(3)]
    for answer, want in zip(answers, (value, value, 7), strict=True):
        assert_matches(answer, want)
    assert blamed(trace) == [("call 3", None)]
    assert [dict(answer.judged) for answer in trace.answers] == [{None: True}, {None: True}, {None: False}]


def test_a_call_is_not_named_if_it_may_be_another(trace: Trace) -> None:
    student = Student(4, 4)
    first, second = student.f(), student.f()
    assert_matches(first, 7)
    assert_matches(second, 7)
    assert said(trace)[0].startswith("your answer: 4")
    assert said(trace)[1].startswith("call 2: 4")
    assert blamed(trace) == [("call 1", None), ("call 2", None)]


def test_what_is_no_answer_is_blamed_on_none_though_an_answer_is_the_same_number(trace: Trace) -> None:
    student = Student(4, np.ones(4))
    student.f()
    answer = student.f()
    with pytest.raises(Mismatch, match=r"^your answer: 4"):
        assert_matches(len(answer), 7)
    with pytest.raises(Mismatch):
        assert_matches(len(student.f() if False else answer), 7)
    assert blamed(trace) == []


def test_what_is_made_of_an_answer_in_the_comparison_is_not_an_earlier_one(trace: Trace) -> None:
    student = Student(4, [1, 2, 3, 5])
    student.f()
    with pytest.raises(Mismatch, match=r"^your answer: 4"):
        assert_matches(len(student.f()), 7)
    assert blamed(trace) == []


def compare_all(student: Student, values: list[Any]) -> None:
    for value in values:
        assert_matches(student.f(), value)


def compare(actual: Any, expected: Any) -> None:
    assert_matches(actual, expected)


def test_a_helper_of_the_test_may_ask_and_may_compare(trace: Trace) -> None:
    student = Student(4, 4, 4, 4, 4)
    compare_all(student, [4, 7])
    student.f()
    compare(student.f(), 7)
    answer = student.f()
    compare(answer, 4)
    assert blamed(trace) == [("call 2", None), ("call 4", None)]


def test_the_items_of_a_tuple_are_told_apart(trace: Trace) -> None:
    answer = Student((4, 4, True, 4)).f()
    for position, want in enumerate((4, 7, True, 4)):
        assert_matches(answer[position], want)
    assert blamed(trace) == [("call 1", 1)]
    assert said(trace)[0].startswith("the second value of call 1: 4")


def test_an_array_is_known_wherever_it_is_compared(trace: Trace) -> None:
    student = Student(np.ones(3), np.ones(3))
    first = student.f()
    second = student.f()
    assert_matches(second, np.ones(3))
    assert_matches(first, np.zeros(3))
    assert blamed(trace) == [("call 1", None)]


def test_a_call_that_should_have_raised_is_the_one_that_was_made(trace: Trace) -> None:
    student = Student(None, None)
    student.f()
    with pytest.raises(Mismatch, match=r"^call 2 must raise ValueError"):
        assert_raises(ValueError, student.f, 1)
