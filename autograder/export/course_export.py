"""The whole course as a file: a row for each student, a column for each assignment, the grade and how it came about.

`python -m autograder.export.course_export` prints the JSON Schema of the document, which docs/ holds.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from autograder import __version__
from autograder.course import FinalGrade
from autograder.errors import GraderError
from autograder.export.csv_format import harmless, plain_number
from autograder.export.json_format import CourseEntry, DocumentModel, RowStatus
from autograder.files import strict_json, write_whole
from autograder.gradebook import Student
from autograder.overwrite import refuse_another
from autograder.scores.final import MISSING, in_a_sentence, reasons
from autograder.scores.policy import free_days_left
from autograder.status.overview import Overview


class CourseAssignment(DocumentModel):
    name: str
    title: str
    due: datetime | None
    points: float


class CourseScore(DocumentModel):
    status: RowStatus
    due: datetime | None
    """With the student's extension."""
    days_late: int
    free_days: int
    """Late days of the student's that this one took."""
    score: float | None
    """The final one; null while nobody can tell."""
    why: str
    """How it came about."""


class CourseGrade(DocumentModel):
    value: float | None
    """On the scale of ``final``; null while nothing that counts can be told."""
    percent: float | None
    provisional: bool
    dropped: tuple[str, ...]
    why: str


class CourseStudent(DocumentModel):
    student: str
    name: str
    email: str
    section: str
    scores: dict[str, CourseScore]
    """Assignment -> score."""
    free_days_left: int | None
    """Null if the course has none."""
    grade: CourseGrade | None
    """Null if the course says nothing of a grade."""


class CourseDocument(DocumentModel):
    """What `grader export --course --format json` writes."""

    format: Literal[1] = 1
    """The version of this document; raised when a field changes its name or meaning."""
    generator: str
    course: CourseEntry
    made_at: datetime
    """What is due by then counts."""
    final: FinalGrade | None
    assignments: tuple[CourseAssignment, ...]
    """By due date."""
    students: tuple[CourseStudent, ...]
    """Everyone who has not left, sorted by id."""


def document(view: Overview) -> CourseDocument:
    course = view.course
    return CourseDocument(
        generator=f"cnn-autograder {__version__}",
        course=CourseEntry(title=course.title, code=course.code, term=course.term),
        made_at=view.now,
        final=course.final,
        assignments=tuple(
            CourseAssignment(name=one.name, title=one.title, due=one.due, points=one.points) for one in view.assignments
        ),
        students=tuple(_student(view, one) for one in view.students),
    )


def _student(view: Overview, who: Student) -> CourseStudent:
    rows = view.of_student(who.id)
    made = view.grade(who.id)
    scores = {
        name: CourseScore(
            status=row.status,  # type: ignore[arg-type]  # checked by pydantic
            due=row.due,
            days_late=row.days_late,
            free_days=row.tokens.used if row.tokens else 0,
            score=None if view.is_open(row) else row.score,
            why="" if view.is_open(row) else in_a_sentence(row),
        )
        for name, row in rows.items()
    }
    return CourseStudent(
        student=who.id,
        name=who.name,
        email=who.email,
        section=who.section,
        scores=scores,
        free_days_left=free_days_left(view.course, rows.values()) if view.course.late.tokens else None,
        grade=CourseGrade(
            value=made.value,
            percent=None if made.percent is None else round(made.percent, 6),
            provisional=made.provisional,
            dropped=made.dropped,
            why=view.why(who.id),
        )
        if made
        else None,
    )


def _json(view: Overview) -> bytes:
    return strict_json(document(view).model_dump(mode="json"))


def _csv(view: Overview) -> bytes:
    """As the CSV of an assignment: with a byte order mark, formulas made harmless, blank what nobody can tell."""
    made = document(view)
    final, tokens = made.final is not None, bool(view.course.late.tokens)
    names = [one.name for one in made.assignments]
    heads = ["student", "name", "email", "section"]
    taken = {*heads, "free_late_days_left", "grade", "provisional", "grade_reason", "score_reasons"}
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([
        *heads, *(f"assignment {name}" if name in taken else name for name in names),
        *(["free_late_days_left"] if tokens else []),
        *(["grade", "provisional", "grade_reason"] if final else []), "score_reasons",
    ])  # fmt: skip
    for one in made.students:
        rows = view.of_student(one.student)
        notes = [f"{name}: {why}" for name, row in rows.items() if row.status != MISSING and (why := reasons(row))]
        grade = [plain_number(one.grade.value), "yes" if one.grade.provisional else "no", harmless(one.grade.why)] if one.grade else []  # fmt: skip
        writer.writerow([
            *(harmless(value) for value in (one.student, one.name, one.email, one.section)),
            *(plain_number(one.scores[name].score) for name in names),
            *([str(one.free_days_left)] if tokens else []), *grade, harmless("; ".join(notes)),
        ])  # fmt: skip
    return text.getvalue().encode("utf-8-sig", errors="backslashreplace")


def _html(view: Overview) -> bytes:
    from autograder.report.course_page import course_page

    return course_page(view).encode()


FORMATS: dict[str, Callable[[Overview], bytes]] = {"csv": _csv, "json": _json, "html": _html}


def export_course(
    view: Overview, format: str, to: Path | None, *, dry_run: bool = False, force: bool = False
) -> list[Path]:
    """Write every student's scores and grade in one file; return it.

    Args:
        format: one of `FORMATS`.
        to: default `exports/course.<format>` in the course's folder.

    Raises:
        GraderError: no such format; nothing has been graded yet; another file is there, or it cannot be written.
    """
    if format not in FORMATS:
        raise GraderError(f"The whole course is exported as {', '.join(FORMATS)}; '{format}' is for one assignment.")
    if not any(row.status != MISSING for rows in view.rows.values() for row in rows.values()):
        raise GraderError("Nothing has been graded in this course yet: run `grader grade ASSIGNMENT PATH`.")
    usual = view.course.root / "exports" / f"course.{format}"
    path = to or usual
    content = FORMATS[format](view)
    if not force and path.resolve() != usual.resolve():
        refuse_another(path, content, "--force replaces it.")
    return [] if dry_run else [write_whole(path, content)]


def schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    made = CourseDocument.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": "grader export --course, version 1",
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(schema(), indent=1, ensure_ascii=False) + "\n")
