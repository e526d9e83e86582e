"""Final scores: the newest result with overrides, late policy and extensions, one row for every student."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from autograder.course import Assignment, Course
from autograder.errors import GraderError
from autograder.result import Outcome, Result, Status
from autograder.scores.late import Arrival, Tokens, days_late, penalty, spend
from autograder.text import count, number, one_line

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
    extended: bool
    """Whether ``due`` is the student's own."""
    days_late: int
    tokens: Tokens | None
    """The free late days that there are and that this submission takes; None if the course has none, or none may be used here."""
    graded_score: float | None
    """As graded, with what was set by hand for single questions, before anything else."""
    raw_score: float | None
    """After overrides, before the late penalty."""
    penalty: float
    late_loss: float
    """What lateness takes from the graded score, also where a whole score set by hand puts that aside."""
    score: float | None
    """The final one, which the school has."""
    max_score: float
    """The assignment's, whatever the result was graded with."""
    questions: dict[str, float | None]
    """Question id -> points, after overrides, in the assignment's order."""
    overrides: tuple[Override, ...]
    """Those in force."""
    remarks: tuple[str, ...]
    """What whoever enters the score should know."""

    @property
    def charged_days(self) -> int:
        """Days late that cost something: without the free ones."""
        return self.days_late - (self.tokens.used if self.tokens else 0)


def final_rows(
    *, course: Course, assignment: Assignment, gradebook: Gradebook, students: Collection[str] | None = None
) -> list[Row]:
    """One row for everyone in the gradebook, submission or not, sorted by student.

    A question's override replaces what the question earned. An override of the whole score is the score: neither
    questions nor lateness change it. Whoever submitted nothing has 0.

    Args:
        students: these only, by default everyone who has not left.
    """
    from autograder.gradebook import in_force

    results = {result.student: result for result in gradebook.latest_results(assignment.name, students)}
    by_student: dict[str, list[Override]] = {}
    for override in gradebook.overrides(assignment.name):
        by_student.setdefault(override.student_id, []).append(override)
    overrides = {student: in_force(those) for student, those in by_student.items()}
    spent = _tokens(course, gradebook, students) if course.late.tokens else {}
    fingerprint = assignment.fingerprint
    everybody = gradebook.students(left=students is not None)
    return [
        row_of(
            course, assignment, student, results.get(student.id), overrides.get(student.id, {}),
            spent.get(student.id, {}).get(assignment.name), fingerprint,
        )
        for student in everybody
        if students is None or student.id in students
    ]  # fmt: skip


def refuse_ungraded(assignment: Assignment, rows: Iterable[Row]) -> None:
    """Whoever has handed in nothing has 0 points; where nothing has been graded yet, that would be everybody.

    Raises:
        GraderError: nobody has a result, or points given by hand.
    """
    if not any(row.result or row.overrides for row in rows):
        name = assignment.name
        raise GraderError(f"Nothing has been graded for {name} yet: run `grader grade {name} PATH`.")


def in_a_sentence(row: Row) -> str:
    """How the score came about, for the student: ``95, 10 % late (1 day): 85.5; set to 90 by the instructor: typing error``.

    The number alone where nothing changed what was graded; empty where nobody can tell a score yet. Students read this.
    """
    by_hand = {override.question: override for override in row.overrides}
    whole = by_hand.pop(None, None)
    parts = []
    if row.status == MISSING and not row.overrides:
        return f"{number(row.score or 0)}: nothing was handed in"
    if row.graded_score is not None:
        text = number(row.graded_score)
        if by_hand:
            set_ = ", ".join(
                f"{name} set to {number(one.score)} ({one_line(one.reason)})" for name, one in by_hand.items()
            )
            text += f" with {set_} by the instructor"
        if row.days_late:
            text += f", {_late(row)}"
        parts.append(text)
    if whole:
        parts.append(f"set to {number(whole.score)} by the instructor: {one_line(whole.reason)}")
    return "; ".join(parts)


def reasons(row: Row) -> str:
    """`in_a_sentence`, where it says more than the number."""
    sentence = in_a_sentence(row)
    return "" if row.score is not None and sentence == number(row.score) else sentence


def _late(row: Row) -> str:
    days = count(row.days_late, "day")
    free = ""
    if row.tokens and row.tokens.used:
        free = f", {row.tokens.used} of them free" if row.tokens.used < row.days_late else ", free"
        free += f": of {count(row.tokens.before, 'free day')}, {row.tokens.after} left"
    if not row.late_loss or not row.graded_score:
        return f"{days} late{free or ', which costs nothing here'}"
    left = number(row.graded_score - row.late_loss)
    if row.late_loss >= row.graded_score:
        return f"{days} late, which is too late for points{free}: {left}"
    return f"{100 * row.late_loss / row.graded_score:.4g} % late ({days}{free}): {left}"


def _tokens(
    course: Course, gradebook: Gradebook, students: Collection[str] | None
) -> Mapping[str, Mapping[str, Tokens]]:
    """Student -> assignment -> free late days."""
    days: dict[str, dict[str, int]] = {}
    order = sorted(
        (one for one in course.assignments() if one.due is not None),
        key=lambda one: (one.due.timestamp() if one.due else 0.0, one.name),
    )
    for assignment in order:
        whole = {one.student_id for one in gradebook.overrides(assignment.name) if one.question is None}
        for student, arrival in gradebook.arrivals(assignment.name, students).items():
            due = course.due(assignment, student)
            # A free day and an extension are never charged for the same submission; nor is one where the score is set by hand.
            if due == assignment.due and student not in whole:
                days.setdefault(student, {})[assignment.name] = days_late(course.late, due, arrival)
    return {student: spend(course.late, list(found), found) for student, found in days.items()}


def row_of(
    course: Course,
    assignment: Assignment,
    student: Student,
    result: Result | None,
    overrides: Mapping[str | None, Override],
    tokens: Tokens | None,
    fingerprint: str,
) -> Row:
    """One student's standing.

    Args:
        overrides: those in force.
        fingerprint: the assignment's, by now.
    """
    due = course.due(assignment, student.id)
    extended = due != assignment.due
    days = 0
    if result:
        days = days_late(course.late, due, Arrival(result.submitted_at, result.late), extended=extended)
    points: dict[str, float | None] = {}
    for question in assignment.questions:
        override = overrides.get(question.id)
        points[question.id] = override.score if override else _earned(result, question.id)
    known = [value for value in points.values() if value is not None]
    graded = round(sum(known), 2) if len(known) == len(points) else None
    whole = overrides.get(None)
    raw = whole.score if whole else graded
    lost = 0.0
    if graded is not None:
        lost = penalty(course.late, graded, days - (tokens.used if tokens else 0))
    charged = 0.0 if whole else lost
    return Row(
        student=student,
        status=str(result.status) if result else MISSING,
        result=result,
        due=due,
        extended=extended,
        days_late=days,
        tokens=tokens,
        graded_score=graded,
        raw_score=raw,
        penalty=charged,
        late_loss=lost,
        score=None if raw is None else round(raw - charged, 2),
        max_score=assignment.points,
        questions={name: None if value is None else round(value, 2) for name, value in points.items()},
        overrides=tuple(overrides[name] for name in (None, *points) if name in overrides),
        remarks=tuple(_remarks(course, assignment, fingerprint, result, due, extended, days, whole)),
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
    extended: bool,
    days: int,
    whole: Override | None,
) -> list[str]:
    remarks: list[str] = []
    if extended and due is not None:
        remarks.append(f"Due date extended to {due:%Y-%m-%d %H:%M %z}.")
    if result is None:
        return remarks
    if result.message:
        remarks.append(result.message)
    if result.assignment_fingerprint != fingerprint:
        remarks.append("Graded with another version of the assignment or of the grader; grade again.")
    if due is not None and (result.submitted_at is None or result.submitted_at.tzinfo is None):
        remarks.append(_unknown_time(result, extended))
    if days and whole:
        remarks.append("Late, but the whole score was set by hand: no penalty.")
    elif course.late.max_days is not None and days > course.late.max_days:
        remarks.append(f"More than {course.late.max_days} days late: no points.")
    return remarks


def _unknown_time(result: Result, extended: bool) -> str:
    if result.submitted_at is not None:
        return "The submission time has no time zone: counted as on time."
    if result.late and extended:
        return "Called late where it was handed in, which knows nothing of the extension; the time is unknown: counted as on time."
    if result.late:
        return "Called late where it was handed in, and nothing says by how much: counted as one day."
    return "The submission time is unknown: counted as on time."
