"""Final scores as files that other programs read: one module for each format."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.errors import GraderError
from autograder.export.rows import Row, final_rows
from autograder.gradebook import Gradebook

__all__ = ["FORMATS", "Row", "export", "final_rows"]

FORMATS = {
    "csv": "autograder.export.csv_format",
    "json": "autograder.export.json_format",
    "junit": "autograder.export.junit_format",
    "gradescope": "autograder.export.gradescope_format",
}
"""Format name -> module, imported when asked for. It has ``write(*, course, assignment, rows, to) -> list[Path]``."""


def export(*, course: Course, assignment: Assignment, gradebook: Gradebook, format: str, to: Path) -> list[Path]:
    """Write every student's final score, or newest result, of one assignment.

    Args:
        format: a key of `FORMATS`.
        to: the file to write; for ``gradescope``, the folder.

    Returns:
        The files written. Each is replaced as a whole, or left as it was.

    Raises:
        GraderError: no such format, a file cannot be written, or the format cannot hold what is there.
    """
    if format not in FORMATS:
        raise GraderError(f"No export format is called '{format}'. There are: {', '.join(FORMATS)}.")
    rows = final_rows(course=course, assignment=assignment, gradebook=gradebook)
    written: list[Path] = import_module(FORMATS[format]).write(course=course, assignment=assignment, rows=rows, to=to)
    return written
