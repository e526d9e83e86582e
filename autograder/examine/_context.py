"""What is known about the running test: what the student's code answered, what was wrong with it, and remarks."""

from __future__ import annotations

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

    def part(self, position: int | None) -> Any:
        return self.value if position is None else self.value[position]


@dataclass(frozen=True)
class Comparison:
    """One comparison of a test."""

    what: str
    actual: Any
    expected: Any
    right: bool


@dataclass
class Trace:
    """What happened in one test, as far as the student's code had a part in it."""

    answers: list[Answer] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    mismatches: list[Mismatch] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    rounds: list[tuple[float, float]] = field(default_factory=list)
    """Of a race: CPU seconds of the student and of the reference."""

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


_trace = Trace()
_soft = False


def begin(*, soft: bool = False) -> Trace:
    """Begin a test.

    Args:
        soft: `assert_matches` notes what is wrong and goes on, so that one test shows several wrong answers.
    """
    global _trace, _soft
    _trace, _soft = Trace(), soft
    return _trace


def record(answer: Answer) -> None:
    _trace.answers.append(answer)


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
    _trace.comparisons.append(Comparison(what, actual, expected, right))


def raced(student: float, reference: float) -> None:
    _trace.rounds.append((student, reference))


def note(mismatch: Mismatch) -> bool:
    """Note what is wrong; whether the test may go on."""
    if _soft:
        _trace.mismatches.append(mismatch)
    return _soft


def remark(text: str) -> None:
    """Tell the student something about a test that passed."""
    if text not in _trace.remarks:
        _trace.remarks.append(text)
