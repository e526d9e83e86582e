"""JSON: everything known, each student's newest result whole, for programs of one's own."""

from __future__ import annotations

from typing import Any

from autograder import __version__
from autograder.export.exporter import Export, Exporter
from autograder.export.rows import Row
from autograder.files import strict_json
from autograder.gradebook import Override

FORMAT = 1
"""The version of this document; raised when a field changes its name or meaning."""


def write(export: Export) -> None:
    """Write one document. A student's ``result`` is what `autograder.result.Result.model_validate` reads, or null."""
    course, assignment = export.course, export.assignment
    document = {
        "format": FORMAT,
        "generator": f"cnn-autograder {__version__}",
        "course": {"title": course.title, "code": course.code, "term": course.term},
        "late": course.late.model_dump(mode="json"),
        "assignment": {
            "name": assignment.name,
            "title": assignment.title,
            "due": assignment.due.isoformat() if assignment.due else None,
            "points": assignment.points,
            "fingerprint": assignment.fingerprint,
            "questions": [
                {"id": entry.id, "title": entry.title, "points": entry.points} for entry in assignment.questions
            ],
        },
        "students": [_student(row) for row in export.rows],
    }
    export.save(strict_json(document))


def _student(row: Row) -> dict[str, Any]:
    return {
        "student": row.student.id,
        "name": row.student.name,
        "email": row.student.email,
        "section": row.student.section,
        "status": row.status,
        "due": row.due.isoformat() if row.due else None,
        "days_late": row.days_late,
        "raw_score": row.raw_score,
        "penalty": row.penalty,
        "score": row.score,
        "max_score": row.max_score,
        "questions": row.questions,
        "overrides": [_override(entry) for entry in row.overrides],
        "remarks": row.remarks,
        "result": _result(row),
    }


def _override(override: Override) -> dict[str, Any]:
    return {
        "question": override.question,
        "score": override.score,
        "reason": override.reason,
        "author": override.author,
        "created_at": override.created_at.isoformat(),
    }


def _result(row: Row) -> dict[str, Any] | None:
    if row.result is None:
        return None
    # Not pydantic's own JSON: it turns NaN into null, which a `Result` does not take.
    values = row.result.model_dump()
    for name in ("submitted_at", "graded_at"):
        values[name] = values[name].isoformat() if values[name] else None
    return values


EXPORTER = Exporter(write, suffix=".json")
