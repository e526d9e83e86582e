"""What decides the score of a result, without its messages, pictures and differences: cheap enough for a whole course."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from autograder.result import Outcome, Result, Status
from autograder.scores.late import Arrival


@dataclass
class Outline:
    """A student's newest result of one assignment."""

    student: str
    assignment: str
    status: Status
    message: str
    path: str
    submitted_at: datetime | None
    late: bool
    graded_at: datetime
    submission_fingerprint: str
    assignment_fingerprint: str
    hand_in_again: bool = False
    earned: dict[str, float] = field(default_factory=dict)
    """Question -> points, not rounded."""
    unjudged: set[str] = field(default_factory=set)
    """Questions of which a test has no verdict."""
    broken: bool = False
    """Whether a hidden test failed by itself."""

    def add(self, question: str, earned: float, outcome: str, broken: bool) -> None:
        """Count one test; in the tests' order, so that sums are the same to the last digit."""
        self.earned[question] = self.earned.get(question, 0.0) + earned
        if outcome == Outcome.NOT_GRADABLE:
            self.unjudged.add(question)
        self.broken |= broken

    @property
    def arrival(self) -> Arrival:
        return Arrival(self.submitted_at, self.late)

    def points(self, question: str) -> float | None:
        """A question's points, not rounded; None if one of its tests has no verdict by the grader's own fault."""
        if self.status is Status.NOT_GRADABLE and (question in self.unjudged or question not in self.earned):
            return None
        return self.earned.get(question, 0.0)


def outline_of(result: Result) -> Outline:
    """The same of a whole result."""
    made = Outline(
        result.student, result.assignment, result.status, result.message, result.path, result.submitted_at, result.late,
        result.graded_at, result.submission_fingerprint, result.assignment_fingerprint, result.hand_in_again,
    )  # fmt: skip
    for test in result.tests:
        made.add(test.question, test.earned, test.outcome, bool(test.fault))
    return made
