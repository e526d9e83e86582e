"""CSV: one row for each student, for a spreadsheet or pandas."""

from __future__ import annotations

import csv
import io
from datetime import UTC

from autograder.course import Assignment
from autograder.export.exporter import Export, Exporter
from autograder.scores.final import Row, in_a_sentence

_BEFORE = (
    "student",
    "name",
    "email",
    "status",
    "submitted_at",
    "days_late",
    "raw_score",
    "penalty",
    "score",
    "max_score",
)
_AFTER = ("override_reason", "remarks", "explanation")
# OWASP, "CSV Injection": a cell that begins so is run as a formula. The last four are the wide forms of the first four.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write(export: Export) -> None:
    """Write one file. A score that is not known is blank; times are in the due date's time zone."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    taken = {*_BEFORE, *_AFTER}
    ids = [entry.id for entry in export.assignment.questions]
    questions = [f"question {name}" if name in taken else name for name in ids]
    writer.writerow([*_BEFORE, *questions, *_AFTER])
    writer.writerows(_cells(export.assignment, row) for row in export.rows)
    # With a byte order mark: without it, Excel takes the file for the computer's old code page and spoils every
    # Vietnamese name. LibreOffice and pandas skip it; Python's csv does if told encoding="utf-8-sig".
    export.save(text.getvalue().encode("utf-8-sig", errors="backslashreplace"))


def _cells(assignment: Assignment, row: Row) -> list[str]:
    submitted_at = row.result.submitted_at if row.result else None
    if submitted_at is not None and submitted_at.tzinfo is not None:
        submitted_at = submitted_at.astimezone(assignment.due.tzinfo if assignment.due else UTC)
    reasons = [
        f"{entry.question or 'score'} set to {entry.score:g} by {entry.author}: {entry.reason}"
        for entry in row.overrides
    ]
    return [
        *(harmless(text) for text in (row.student.id, row.student.name, row.student.email)),
        row.status,
        submitted_at.isoformat(sep=" ", timespec="seconds") if submitted_at else "",
        str(row.days_late),
        plain_number(row.raw_score),
        plain_number(row.penalty),
        plain_number(row.score),
        plain_number(row.max_score),
        *(plain_number(points) for points in row.questions.values()),
        harmless("; ".join(reasons)),
        harmless(" ".join(row.remarks)),
        harmless(in_a_sentence(row)),
    ]


def harmless(text: str) -> str:
    """A leading apostrophe makes a spreadsheet show a formula instead of running it."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def plain_number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


EXPORTER = Exporter(write, suffix=".csv")
