"""The one type in which every submission ends, whatever happened to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Outcome(StrEnum):
    """What became of one test."""

    PASSED = "passed"
    FAILED = "failed"  # ran and gave a wrong answer; a slow race may still earn half
    ERROR = "error"  # the student's code raised or its process died
    TIMEOUT = "timeout"
    SKIPPED = "skipped"  # not run, because something it stands on is missing
    NOT_GRADABLE = "not gradable"  # no verdict: unreadable file, or the grader's own fault


class Status(StrEnum):
    """What became of a submission as a whole."""

    GRADED = "graded"
    UNREADABLE = "unreadable"  # no notebook in the file: scores 0
    NOT_GRADABLE = "not gradable"  # the grader's own fault: no score until graded again


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Difference(_Model):
    """The first two-dimensional plane in which an answer differs from the expected one, cut to at most 16 x 16."""

    case: str
    where: str = ""
    """Which plane of a larger array this is, as in ``[0, 1, :, :]``; empty if it is the whole."""
    signs: tuple[str, ...] = ()
    """A string for each row, a character for each value: ``.`` right, ``+`` too large, ``-`` too small, ``x`` right but for
    its sign, ``?`` not finite."""
    actual: list[list[float]] | None = None
    """The student's values and, below, the right ones; NaN and infinities allowed. Public checks only, None for hidden tests."""
    expected: list[list[float]] | None = None


class Diagnosis(_Model):
    """Which mistake a failed test points to. It never changes a score."""

    mistake: str = ""
    """The mistake's id in the assignment's catalogue; empty if a general pattern was found and not a known mistake."""
    function: str = ""
    """The function that makes the mistake, should it be another one than the test is about."""
    hint: str
    """For the student; holds no expected value."""

    @property
    def label(self) -> str:
        """What the hint tells of: a mistake that is known, or only a pattern."""
        return "What went wrong" if self.mistake else "What stands out"

    @property
    def text(self) -> str:
        """The hint, and whose fault it is if it is another function's."""
        return f"This follows from {self.function}: {self.hint}" if self.function else self.hint


class TestResult(_Model):
    """One test's outcome and points."""

    __test__ = False  # pytest: not a test class

    test: str
    """Unique within the assignment, as in ``test_bias`` or ``test_cases[2]``."""
    question: str
    title: str
    """What the student reads as the test's name."""
    public: bool = False
    points: float
    earned: float = 0.0
    outcome: Outcome
    message: str = ""
    """For the student; plain text, leaks nothing hidden."""
    difference: Difference | None = None
    diagnosis: Diagnosis | None = None
    ratio: float | None = None
    """CPU time as a multiple of the reference's, for races."""
    limits: tuple[float, float] | None = None
    """The ratios up to which a race earns all and half of its points."""
    seconds: float = 0.0


class CellError(_Model):
    """A notebook cell that raised, ran over its time or ended the process."""

    cell: int
    """Counted from 1 among all cells, as Jupyter shows them."""
    line: int | None = None
    error: str
    """``NameError: name 'x' is not defined``, or a sentence."""
    traceback: str = ""
    """The student's own frames only."""


class Result(_Model):
    """Everything known about one graded submission."""

    format: Literal[1] = 1
    student: str
    assignment: str
    status: Status
    message: str = ""
    """Why the status is not ``graded``, or a remark on the whole submission."""
    tests: tuple[TestResult, ...]
    """Every test of the assignment, whatever the status, in the assignment's order; a parametrised test that was never
    run is one entry."""
    cell_errors: tuple[CellError, ...] = ()
    path: str
    """The submitted file."""
    submitted_at: datetime | None = None
    graded_at: datetime
    seconds: float = Field(default=0.0, ge=0)
    submission_fingerprint: str
    assignment_fingerprint: str
    isolation: tuple[str, ...] = ()
    """The sandbox layers that were in force."""

    @property
    def score(self) -> float:
        return round(sum(test.earned for test in self.tests), 2)

    @property
    def max_score(self) -> float:
        return round(sum(test.points for test in self.tests), 2)

    def by_question(self) -> dict[str, tuple[float, float]]:
        """Question id -> (earned, points), in the assignment's order."""
        return by_question(self.tests)


def by_question(tests: Iterable[TestResult]) -> dict[str, tuple[float, float]]:
    """Question id -> (earned, points), in the order in which the questions first appear."""
    totals: dict[str, tuple[float, float]] = {}
    for test in tests:
        earned, points = totals.get(test.question, (0.0, 0.0))
        totals[test.question] = (earned + test.earned, points + test.points)
    return {name: (round(earned, 2), round(points, 2)) for name, (earned, points) in totals.items()}
