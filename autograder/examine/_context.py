"""What is known about the running test: what the student's code answered, what was wrong with it, and remarks."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.testing import Mismatch


@dataclass
class Answer:
    """One answer of the student's code, and how its parts were judged."""

    call: str
    """The call in words."""
    arguments: dict[str, Any] = field(default_factory=dict)
    """Parameter name -> what was passed."""
    value: Any = None
    error: Exception | None = None
    """What the call raised, instead of returning a value."""
    changed: tuple[str, ...] = ()
    """The arguments that the call changed."""
    judged: dict[int | None, bool] = field(default_factory=dict)
    """Position in a tuple or list, or None for the whole -> whether it was right."""
    compared: dict[int | None, dict[str, Any]] = field(default_factory=dict)
    """Of those that were judged by a comparison: its ``rtol``, ``atol`` and ``strict``."""

    def part(self, position: int | None) -> Any:
        return self.value if position is None else self.value[position]


@dataclass(frozen=True)
class Question:
    """What both of a race are asked."""

    op: str
    """``call`` or ``probe``."""
    name: str
    args: tuple[Any, ...]


@dataclass(frozen=True)
class Comparison:
    """One comparison of a test."""

    what: str
    actual: Any
    expected: Any
    right: bool


_MOST_BYTES = 16 * 2**20
"""What a trace holds of answers. A student's answers may be large, and those of all failed tests are kept for a while."""


@dataclass
class Trace:
    """What happened in one test, as far as the student's code had a part in it."""

    keep: bool = False
    """Whether comparisons are kept, to be shown to the instructor."""
    answers: list[Answer] = field(default_factory=list)
    complete: bool = True
    """Whether ``answers`` holds all of them; they are no longer collected once they are too large."""
    size: int = 0
    comparisons: list[Comparison] = field(default_factory=list)
    mismatches: list[Mismatch] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    raced: Question | None = None
    """Of a race: what was asked in the last round."""
    rounds: list[tuple[float, float, float]] = field(default_factory=list)
    """Of a race: CPU seconds of the student's whole call, of the reference's function, and of its transport."""

    def record(self, answer: Answer) -> None:
        self.size += _size(answer.value)
        self.complete = self.complete and (self.keep or self.size <= _MOST_BYTES)
        if self.complete:
            self.answers.append(answer)

    def find(self, value: Any) -> tuple[Answer, int | None] | None:
        """The answer that is this very object, or that holds it at a position."""
        for answer in reversed(self.answers):
            if answer.value is value:
                return answer, None
            if isinstance(answer.value, tuple | list):
                for position, item in enumerate(answer.value):
                    if item is value:
                        return answer, position
        return None

    def blame_the_last(self) -> None:
        """The test ended in a complaint of its own, not in a comparison: it was about the last answer."""
        if self.answers:
            self.answers[-1].judged[None] = False


def _size(value: Any) -> int:
    """About the bytes that a value from the sandbox takes."""
    if isinstance(value, list | tuple):
        return 56 + sum(map(_size, value))
    if isinstance(value, dict):
        return 56 + sum(map(_size, value.values()))
    return sys.getsizeof(value) if isinstance(value, str) else 56 + int(getattr(value, "nbytes", 0))


_trace = Trace()
_soft = False


def begin(*, soft: bool = False, keep: bool = False) -> Trace:
    """Begin a test.

    Args:
        soft: `assert_matches` notes what is wrong and goes on, so that one test shows several wrong answers.
        keep: keep everything, however large, to show it.
    """
    global _trace, _soft
    _trace, _soft = Trace(keep=keep), soft
    return _trace


def record(answer: Answer) -> None:
    _trace.record(answer)


def find(value: Any) -> tuple[Answer, int | None] | None:
    return _trace.find(value)


def describe(value: Any) -> str:
    """The call that returned this very object, or an empty string."""
    found = _trace.find(value)
    if found is None:
        return ""
    answer, position = found
    return answer.call if position is None else f"{answer.call}, item {position}"


def compared(what: str, actual: Any, expected: Any, right: bool) -> None:
    if _trace.keep:
        _trace.comparisons.append(Comparison(what, actual, expected, right))


def raced(question: Question, student: float, reference: float, transport: float) -> None:
    _trace.raced = question
    _trace.rounds.append((student, reference, transport))


def note(mismatch: Mismatch) -> bool:
    """Note what is wrong; whether the test may go on."""
    if _soft:
        if _trace.mismatches and _size(mismatch.actual) > _MOST_BYTES // 64:
            mismatch.actual = mismatch.expected = None
        _trace.mismatches.append(mismatch)
    return _soft


def remark(text: str) -> None:
    """Tell the student something about a test that passed."""
    if text not in _trace.remarks:
        _trace.remarks.append(text)
