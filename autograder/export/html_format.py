"""HTML: the reports for the class and for each student, as `grader report` writes them."""

from __future__ import annotations

from autograder.export.exporter import Export, Exporter
from autograder.scores.final import MISSING


def write(export: Export) -> None:
    """Write a folder of pages, of results as they were graded: without overrides and late penalty."""
    from autograder.report import write_report

    results = [row.result for row in export.rows if row.result]
    if results and not export.dry_run:
        export.written.extend(
            write_report(
                course=export.course,
                assignment=export.assignment,
                results=results,
                names={row.student.id: row.student.name for row in export.rows if row.student.name},
                missing=[row.student.id for row in export.rows if row.status == MISSING],
                to=export.to,
            )
        )


EXPORTER = Exporter(write)
