"""All rows of a course at one moment, and what can be asked of them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from autograder.course import Assignment, Course
from autograder.errors import GradebookError, GraderError
from autograder.gradebook import Gradebook, Student
from autograder.people.asked import student_asked_for
from autograder.people.match import id_and_name
from autograder.result import Status
from autograder.scores.course import Grade, Open, grade, in_a_sentence, share
from autograder.scores.final import MISSING, Row, by_assignment, course_rows
from autograder.scores.outline import Outline
from autograder.text import meant


@dataclass(frozen=True)
class Overview:
    """A course at a moment.

    Attributes:
        assignments: by due date, those without one last.
        students: everybody who has not left, by id.
        left: who has, and is in no row.
        rows: assignment -> student -> row.
        outlines: assignment -> student -> newest result, in outline; also of assignments that the course has no longer.
    """

    course: Course
    assignments: Sequence[Assignment]
    students: Sequence[Student]
    left: Sequence[Student]
    rows: Mapping[str, Mapping[str, Row]]
    outlines: Mapping[str, Mapping[str, Outline]]
    now: datetime

    @property
    def enrolled(self) -> list[Student]:
        return [one for one in self.students if one.enrolled]

    def of_student(self, student: str) -> dict[str, Row]:
        """Assignment -> the student's row, in the course's order."""
        return {name: rows[student] for name, rows in self.rows.items()}

    def is_open(self, row: Row) -> bool:
        """Whether nothing was handed in, and still may be."""
        return share(row, self.now) in (Open.NOT_DUE, Open.NO_DATE)

    def grade(self, student: str) -> Grade | None:
        """The grade of the course; None if `course.toml` has no `[final]`."""
        if self.course.final is None:
            return None
        return grade(self.course.final, {name: share(row, self.now) for name, row in self.of_student(student).items()})

    def why(self, student: str) -> str:
        """How that grade came about; empty if there is none."""
        made = self.grade(student)
        if made is None or self.course.final is None:
            return ""
        return in_a_sentence(self.course.final, made, self.of_student(student))

    @cached_property
    def weightless(self) -> list[str]:
        """Assignments of which `[final]` says nothing."""
        final = self.course.final
        return [one.name for one in self.assignments if final and one.name not in final.assignments]

    def folder(self, assignment: str) -> str:
        """Where this assignment's submissions lay when they were graded, for a command that grades them again."""
        try:
            found = os.path.commonpath([one.path for one in self.outlines.get(assignment, {}).values()])
        except ValueError:  # none, or some relative to another folder
            return "PATH"
        return found or "."

    def find(self, name: str) -> Assignment | Student:
        """An assignment by its name, or a student by any id that the gradebook knows.

        Raises:
            GraderError: neither; or somebody who has left.
        """
        for assignment in self.assignments:
            if assignment.name == name:
                return assignment
        everybody = [*self.students, *self.left]
        try:
            own = student_asked_for(name, everybody)
        except GradebookError as error:
            hint = meant(name, [one.name for one in self.assignments])
            raise GraderError(f"No assignment is called '{name}'{hint or '.'} {error}") from None
        student = next(one for one in everybody if one.id == own)
        if student.has_left:
            raise GraderError(
                f"{id_and_name(student)} has left the class, and stands in no table. `grader show` has the results; `grader roster FILE.csv` takes "
                "back whoever its file names."
            )
        return student


def overview(course: Course, gradebook: Gradebook, now: datetime) -> Overview:
    """Read everything, in few queries."""
    assignments = sorted(
        course.assignments(), key=lambda one: (one.due is None, one.due.timestamp() if one.due else 0.0, one.name)
    )
    everybody = gradebook.students(left=True)
    students = [one for one in everybody if not one.has_left]
    outlines = by_assignment(gradebook.outlines())
    rows = course_rows(course=course, assignments=assignments, gradebook=gradebook, students=students, newest=outlines)
    return Overview(
        course=course,
        assignments=assignments,
        students=students,
        left=[one for one in everybody if one.has_left],
        rows={name: {row.student.id: row for row in those} for name, those in rows.items()},
        outlines=outlines,
        now=now,
    )


@dataclass(frozen=True)
class Counts:
    """How many students of an assignment are where; the first four add up to all of them."""

    graded: int
    """With a score, were it 0, or set by hand."""
    missing: int
    """Nothing handed in, and due."""
    open: int
    """Nothing handed in, and not due yet, or never."""
    no_score: int
    late: int
    by_hand: int


def counts(view: Overview, assignment: str) -> Counts:
    rows = list(view.rows[assignment].values())
    states = [share(row, view.now) for row in rows]
    known = [row for row, state in zip(rows, states, strict=True) if not isinstance(state, Open)]
    missing = sum(row.status == MISSING for row in known)
    no_score = states.count(Open.NOT_GRADABLE)
    return Counts(
        graded=len(known) - missing,
        missing=missing,
        open=len(rows) - len(known) - no_score,
        no_score=no_score,
        late=sum(row.days_late > 0 for row in rows),
        by_hand=sum(bool(row.overrides) for row in rows),
    )


def is_unreadable(row: Row) -> bool:
    return row.status == Status.UNREADABLE and not row.overrides
