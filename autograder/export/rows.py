"""Final scores: the newest result with overrides, late penalty and extensions, one row for every student."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from autograder.course import Assignment, Course
from autograder.export.late import days_late, penalty
from autograder.result import Outcome, Result, Status, TestResult

if TYPE_CHECKING:
    from autograder.gradebook import Gradebook, Override, Student

MISSING = "missing"


@dataclass(frozen=True)
class Row:
    """One student's standing in one assignment. Scores are None while nobody can tell: not gradable and no override."""

    student: Student
    status: str
    """`missing`, or that of the result."""
    result: Result | None
    """The newest."""
    due: datetime | None
    """With the student's extension."""
    days_late: int
    raw_score: float | None
    """After overrides, before the late penalty."""
    penalty: float
    score: float | None
    max_score: float
    """The assignment's, whatever the result was graded with."""
    questions: dict[str, float | None]
    """Question id -> points, after overrides, in the assignment's order."""
    overrides: tuple[Override, ...]
    """Those in force."""
    remarks: tuple[str, ...]
    """What whoever enters the score should know."""


def final_rows(*, course: Course, assignment: Assignment, gradebook: Gradebook) -> list[Row]:
    """One row for everyone in the gradebook, submission or not, sorted by student.

    A question's override replaces what the question earned. An override of the whole score is the score: neither
    questions nor lateness change it. Whoever submitted nothing has 0.
    """
    results = {result.student: result for result in gradebook.latest_results(assignment.name)}
    overrides: dict[str, dict[str | None, Override]] = {}
    for override in gradebook.overrides(assignment.name):  # oldest first, so that the newest stays
        overrides.setdefault(override.student_id, {})[override.question] = override
    fingerprint = assignment.fingerprint
    return [
        _row(course, assignment, fingerprint, student, results.get(student.id), overrides.get(student.id, {}))
        for student in gradebook.students()
    ]


def hint(test: TestResult) -> str:
    """What is known of why a test failed, in a sentence for the student; empty if nothing is."""
    return f"{test.diagnosis.label}: {test.diagnosis.text}" if test.diagnosis else ""


def _row(
    course: Course,
    assignment: Assignment,
    fingerprint: str,
    student: Student,
    result: Result | None,
    overrides: dict[str | None, Override],
) -> Row:
    due = course.due(assignment, student.id)
    days = days_late(course.late, due, result.submitted_at) if result else 0
    points: dict[str, float | None] = {}
    for question in assignment.questions:
        override = overrides.get(question.id)
        points[question.id] = override.score if override else _earned(result, question.id)
    known = [value for value in points.values() if value is not None]
    raw = round(sum(known), 2) if len(known) == len(points) else None
    lost = 0.0
    whole = overrides.get(None)
    if whole:
        raw = whole.score
    elif raw is not None:
        lost = penalty(course.late, raw, days)
    return Row(
        student=student,
        status=str(result.status) if result else MISSING,
        result=result,
        due=due,
        days_late=days,
        raw_score=raw,
        penalty=lost,
        score=None if raw is None else round(raw - lost, 2),
        max_score=assignment.points,
        questions={name: None if value is None else round(value, 2) for name, value in points.items()},
        overrides=tuple(overrides[name] for name in (None, *points) if name in overrides),
        remarks=tuple(_remarks(course, assignment, fingerprint, result, due, days, whole)),
    )


def _earned(result: Result | None, question: str) -> float | None:
    """A question's points, not rounded; None if one of its tests has no verdict by the grader's own fault."""
    if result is None:
        return 0.0
    tests = [test for test in result.tests if test.question == question]
    if result.status is Status.NOT_GRADABLE and (
        not tests or any(test.outcome is Outcome.NOT_GRADABLE for test in tests)
    ):
        return None
    return sum(test.earned for test in tests)


def _remarks(
    course: Course,
    assignment: Assignment,
    fingerprint: str,
    result: Result | None,
    due: datetime | None,
    days: int,
    whole: Override | None,
) -> list[str]:
    remarks: list[str] = []
    if due != assignment.due and due is not None:
        remarks.append(f"Due date extended to {due:%Y-%m-%d %H:%M %z}.")
    if result is None:
        return remarks
    if result.message:
        remarks.append(result.message)
    if result.assignment_fingerprint != fingerprint:
        remarks.append("Graded with another version of the assignment or of the grader; grade again.")
    if due is not None and result.submitted_at is None:
        remarks.append("The submission time is unknown: counted as on time.")
    elif due is not None and result.submitted_at is not None and result.submitted_at.tzinfo is None:
        remarks.append("The submission time has no time zone: counted as on time.")
    if days and whole:
        remarks.append("Late, but the whole score was set by hand: no penalty.")
    elif course.late.max_days is not None and days > course.late.max_days:
        remarks.append(f"More than {course.late.max_days} days late: no points.")
    return remarks
