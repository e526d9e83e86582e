"""Final scores as files that other programs read: one module for each format, each a plug-in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course import Assignment, Course
from autograder.errors import GraderError
from autograder.export.exporter import Export, Exporter, find_exporter, format_names
from autograder.export.fill import Change
from autograder.scores.final import Row, final_rows, refuse_ungraded

if TYPE_CHECKING:
    from autograder.gradebook import Gradebook

__all__ = ["Change", "Export", "Exported", "Exporter", "Row", "export", "final_rows", "format_names"]


@dataclass(frozen=True)
class Exported:
    """What an export did: the files, and what it changes in a file of the teacher's."""

    files: list[Path]
    changes: Sequence[Change]


def export(
    *,
    course: Course,
    assignment: Assignment,
    gradebook: Gradebook,
    format: str,
    to: Path,
    template: Path | None = None,
    dry_run: bool = False,
) -> Exported:
    """Write every student's final score, or newest result, of one assignment.

    Args:
        format: one of `format_names`.
        to: the file to write, or the folder, if the format makes several.
        template: the teacher's own file, for formats that fill one in.
        dry_run: write nothing.

    Raises:
        GraderError: no such format, nothing has been graded, a file cannot be written, or the format cannot hold what is there.
    """
    exporter = find_exporter(format)
    if template and not exporter.template:
        raise GraderError(f"The format '{format}' fills in no file of yours: leave --template out.")
    rows = final_rows(course=course, assignment=assignment, gradebook=gradebook)
    refuse_ungraded(assignment, rows)
    task = Export(course, assignment, rows, to, template, dry_run)
    changes = exporter.write(task)
    return Exported(task.written, changes or ())
