"""JSON: everything known, each student's newest result whole, for programs of one's own.

`python -m autograder.export.json_format` prints the JSON Schema of the document, which docs/ holds.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from autograder import __version__
from autograder.course import LatePolicy
from autograder.export.exporter import Export, Exporter
from autograder.files import strict_json
from autograder.result import Result
from autograder.scores.final import Row, in_a_sentence

RowStatus = Literal["missing", "set by hand", "graded", "unreadable", "not gradable"]


class DocumentModel(BaseModel):
    """A part of a document that `grader` writes."""

    # Every field is always there, whether it has a default or not.
    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_serialization_defaults_required=True, use_attribute_docstrings=True
    )


_NOT_FOR_STUDENTS = {"students": {"__all__": {"result": {"tests": {"__all__": {"fault"}}}}}}
"""What a hidden test came to grief over quotes it; exports go to systems that students see."""


class CourseEntry(DocumentModel):
    title: str
    code: str
    term: str


class QuestionEntry(DocumentModel):
    id: str
    title: str
    points: float


class AssignmentEntry(DocumentModel):
    name: str
    title: str
    due: datetime | None
    points: float
    fingerprint: str
    """Of the sources; another one means that something was changed since."""
    questions: tuple[QuestionEntry, ...]


class OverrideEntry(DocumentModel):
    question: str | None
    """Null if it sets the whole score."""
    score: float
    reason: str
    author: str
    created_at: datetime


class StudentEntry(DocumentModel):
    student: str
    name: str
    email: str
    section: str
    status: RowStatus
    due: datetime | None
    """With the student's extension."""
    days_late: int
    raw_score: float | None
    """After overrides, before the late penalty."""
    penalty: float
    score: float | None
    """The final one; null while nobody can tell."""
    explanation: str
    """How it came about, in a sentence; empty while nobody can tell."""
    max_score: float
    questions: dict[str, float | None]
    """Question id -> points, after overrides."""
    overrides: tuple[OverrideEntry, ...]
    remarks: tuple[str, ...]
    result: Result | None
    """The newest, as graded."""


class Document(DocumentModel):
    """What `grader export --format json` writes."""

    format: Literal[1] = 1
    """The version of this document; raised when a field changes its name or meaning."""
    generator: str
    course: CourseEntry
    late: LatePolicy
    assignment: AssignmentEntry
    students: tuple[StudentEntry, ...]
    """Everyone who has not left the class, sorted by id."""


def write(export: Export) -> None:
    """Write one document. A student's ``result`` is what `autograder.result.Result.model_validate` reads, or null."""
    course, assignment = export.course, export.assignment
    document = Document(
        generator=f"cnn-autograder {__version__}",
        course=CourseEntry(title=course.title, code=course.code, term=course.term),
        late=course.late,
        assignment=AssignmentEntry(
            name=assignment.name,
            title=assignment.title,
            due=assignment.due,
            points=assignment.points,
            fingerprint=assignment.fingerprint,
            questions=tuple(
                QuestionEntry(id=entry.id, title=entry.title, points=entry.points) for entry in assignment.questions
            ),
        ),
        students=tuple(_student(row) for row in export.rows),
    )
    # Not pydantic's own JSON: it turns NaN into null, which a `Result` does not take.
    export.save(strict_json(_iso(document.model_dump(exclude=_NOT_FOR_STUDENTS))))


def _student(row: Row) -> StudentEntry:
    overrides = ({name: getattr(entry, name) for name in OverrideEntry.model_fields} for entry in row.overrides)
    return StudentEntry(
        student=row.student.id,
        name=row.student.name,
        email=row.student.email,
        section=row.student.section,
        overrides=tuple(OverrideEntry(**values) for values in overrides),
        explanation=in_a_sentence(row),
        result=row.result,
        **{
            name: getattr(row, name)
            for name in (
                "status", "due", "days_late", "raw_score", "penalty", "score", "max_score", "questions", "remarks",
            )
        },
    )  # fmt: skip


def _iso(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _iso(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_iso(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    made = Document.model_json_schema(mode="serialization")
    del made["$defs"]["TestResult"]["properties"]["fault"]
    for name in ("Result", "TestResult", "Difference"):
        made["$defs"][name] = _numbers(made["$defs"][name])
    made["$defs"]["Number"] = {
        "description": "JSON has no NaN and no infinities: they are strings.",
        "anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}],
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "grader export, version 1"}


def _numbers(part: Any) -> Any:
    """Student code can make these numbers anything."""
    if isinstance(part, dict):
        if part.get("type") == "number":
            kept = {key: item for key, item in part.items() if key in ("title", "description", "default")}
            return {**kept, "$ref": "#/$defs/Number"}
        return {key: _numbers(item) for key, item in part.items()}
    return [_numbers(item) for item in part] if isinstance(part, list) else part


EXPORTER = Exporter(write, suffix=".json")

if __name__ == "__main__":
    sys.stdout.write(json.dumps(schema(), indent=1, ensure_ascii=False) + "\n")
