"""What is known about the running test: what the student's code answered, what was wrong with it, and remarks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograder.examine.expression import Expression, expressions
from autograder.language import N_, _, joined, ngettext

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
    asked: list[Expression] = field(default_factory=list)
    """The expressions of the test, innermost first, that asked for it."""

    def parts(self) -> Iterator[tuple[int | None, Any]]:
        """The whole, and the items of a tuple or list, each with its position."""
        yield None, self.value
        if isinstance(self.value, tuple | list):
            yield from enumerate(self.value)

    def part(self, position: int | None) -> Any:
        """The value at a position; None where there is none."""
        if position is None:
            return self.value
        return self.value[position] if isinstance(self.value, tuple | list) and position < len(self.value) else None


@dataclass(frozen=True)
class Asked:
    """What both of a race are asked."""

    op: str
    """``call`` or ``probe``."""
    name: str
    args: tuple[Any, ...]


@dataclass(frozen=True)
class Source:
    """Where a value came from."""

    answer: Answer
    position: int | None
    sure: bool
    """Whether it can have come from no other call."""

    @property
    def words(self) -> str:
        """The call that it came from, and which of its values it is; empty if that is not sure."""
        if not self.sure:
            return ""
        return self.answer.call if self.position is None else part_of(self.position, self.answer.call)


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
    remarks: dict[str, list[str]] = field(default_factory=dict)
    """On answers that are right, but not quite as they should be: what of them is not -> each remark on it."""
    raced: Asked | None = None
    """Of a race: what was asked in the last round."""
    rounds: list[tuple[float, float, float]] = field(default_factory=list)
    """Of a race: CPU seconds of the student's whole call, of the reference's function, and of its transport."""

    def record(self, answer: Answer) -> None:
        answer.asked = expressions()
        self.size += _size(answer.value)
        self.complete = self.complete and (self.keep or self.size <= _MOST_BYTES)
        if self.complete:
            self.answers.append(answer)

    def find(self, value: Any) -> Source | None:
        """The answer that is this very object, or that holds it at a position; None if it is none.

        Python has but one None, one True, one 4: an answer may be one of these, and so may anything else. Such a value is what
        was asked for in the expression that compares it. If nothing was, and it is a variable that is compared, it is the first such
        answer that nothing has been compared with yet; of which call it is, is sure if there is no other.
        """
        found = [
            (answer, position)
            for answer in self.answers
            for position, item in answer.parts()
            if item is value
        ]  # fmt: skip
        if not found:
            return None
        if not is_shared(value):
            return Source(*found[-1], sure=True)
        here = expressions()
        if (asked := self._asked_in(here)) is not None:
            found = [(answer, position) for answer, position in found if answer is asked]
            return Source(*found[0], sure=True) if found else None
        if here and here[0].computes():
            return None
        waiting = [(answer, position) for answer, position in found if position not in answer.judged] or found
        return Source(*waiting[0], sure=all(answer is waiting[0][0] for answer, _position in waiting))

    def _asked_in(self, here: list[Expression]) -> Answer | None:
        """The last answer that was asked for in the expression that is being evaluated, or in that of whoever called its function."""
        inner: set[int] = set()
        for place in here:
            for answer in reversed(self.answers):
                if any(one.is_in(place) for one in answer.asked) and not any(
                    one.frame in inner for one in answer.asked
                ):
                    return answer
            inner.add(place.frame)
        return None

    def told(self) -> str:
        """The remarks, of each kind the first in full."""
        told: list[str] = []
        for first, *more in self.remarks.values():
            told.append(first)
            if more:
                told.append(ngettext("So is {n} more.", "So are {n} more.", len(more)))
        return joined(" ", told)

    def blame_the_last(self) -> None:
        """The test ended in a complaint of its own, not in a comparison: it was about the last answer."""
        if self.answers:
            self.answers[-1].judged[None] = False


def is_shared(value: Any) -> bool:
    """Whether Python may use this very object for other values that are equal."""
    return value is None or isinstance(value, bool | int | str) or (isinstance(value, tuple) and not value)


_PARTS = (
    N_("the first value of {whole}"), N_("the second value of {whole}"), N_("the third value of {whole}"),
    N_("the fourth value of {whole}"), N_("the fifth value of {whole}"), N_("the sixth value of {whole}"),
    N_("the seventh value of {whole}"), N_("the eighth value of {whole}"), N_("the ninth value of {whole}"),
    N_("the tenth value of {whole}"),
)  # fmt: skip


def part_of(position: int, whole: str) -> str:
    """``the first value of f(x)`` for 0."""
    if position < len(_PARTS):
        return _(_PARTS[position], whole=whole)
    return _("value number {number} of {whole}", number=position + 1, whole=whole)


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


def find(value: Any) -> Source | None:
    return _trace.find(value)


def describe(value: Any) -> str:
    """The call that returned this very object, or an empty string."""
    found = _trace.find(value)
    return found.words if found else ""


def compared(what: str, actual: Any, expected: Any, right: bool) -> None:
    if _trace.keep:
        _trace.comparisons.append(Comparison(what, actual, expected, right))


def raced(asked: Asked, student: float, reference: float, transport: float) -> None:
    _trace.raced = asked
    _trace.rounds.append((student, reference, transport))


def note(mismatch: Mismatch) -> bool:
    """Note what is wrong; whether the test may go on."""
    if _soft:
        if _trace.mismatches and _size(mismatch.actual) > _MOST_BYTES // 64:
            mismatch.actual = mismatch.expected = None
        _trace.mismatches.append(mismatch)
    return _soft


def mismatched() -> bool:
    return bool(_trace.mismatches)


def tell_first(text: str) -> bool:
    """Have the first mismatch begin with this, if there is one; whether there is."""
    if _trace.mismatches:
        first = _trace.mismatches[0]
        first.args = (told_first(text, first),)
    return bool(_trace.mismatches)


def told_first(text: str, error: Exception) -> str:
    """This, and what the error says if it can be something else: that numbers of the expected shape are wrong."""
    return joined(" ", [text, str(error)]) if getattr(error, "difference", None) else text


def remark(text: str, kind: str) -> None:
    """Tell the student something about a test that passed; of many remarks of a kind, only the first is told in full."""
    texts = _trace.remarks.setdefault(kind, [])
    if text not in texts:
        texts.append(text)
