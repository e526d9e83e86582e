"""Final scores as files that other programs read: one module for each format, each a plug-in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course import Assignment, Course
from autograder.errors import GraderError
from autograder.export.exporter import Change, Export, Exporter, distribution, find_format, format_names
from autograder.overwrite import refuse_another_kind_of_place
from autograder.scores.final import Row, final_rows, refuse_ungraded

if TYPE_CHECKING:
    from autograder.gradebook import Gradebook

__all__ = ["Change", "Export", "Exported", "Exporter", "Row", "export", "format_names"]


@dataclass(frozen=True)
class Exported:
    """What an export did: the files, what it changes in a file of the teacher's, and what else is to be said."""

    files: list[Path]
    changes: Sequence[Change]
    remarks: Sequence[str] = ()


def export(
    *,
    course: Course,
    assignment: Assignment,
    gradebook: Gradebook,
    format: str,
    to: Path | None = None,
    template: Path | None = None,
    dry_run: bool = False,
    grade_column: str | None = None,
    force: bool = False,
) -> Exported:
    """Write every student's final score, or newest result, of one assignment.

    Args:
        format: one of `format_names`.
        to: the file to write, or the folder, if the format makes several; default `exports/<assignment>…` in the course's folder.
        template: the teacher's own file, for formats that fill one in.
        dry_run: write nothing.
        grade_column: the title of the template's column for the score; default: found by the assignment's title, or by what columns hold.
        force: replace what is of another kind, too.

    Raises:
        GraderError: no such format, nothing has been graded, a file cannot be written, or the format cannot hold what is there.
    """
    found = find_format(format)
    exporter = found.load()
    for option, value in (("--template", template), ("--grade-column", grade_column)):
        if value and not exporter.template:
            raise GraderError(f"The format '{format}' fills in no file of yours: leave {option} out.")
    name = f"{assignment.name}{exporter.suffix}"
    if exporter.suffix != f".{format}" and exporter.suffix.count(".") < 2:
        name = f"{assignment.name}-{format}{exporter.suffix}"
    usual = course.root / "exports" / name
    refuse_another_kind_of_place(to or usual, folder=not exporter.suffix, what=f"an export in the format '{format}'")
    rows = final_rows(course=course, assignment=assignment, gradebook=gradebook)
    refuse_ungraded(assignment, rows)
    task = Export(course, assignment, rows, to or usual, usual, template, dry_run, grade_column, force)
    changes = found.run(exporter, task)
    taken = [
        f"{distribution(point)} calls a format '{format}', too, which is not used: the name is taken. Rename it in its pyproject.toml."
        for point in found.others
    ]
    return Exported(task.written, changes, taken)
