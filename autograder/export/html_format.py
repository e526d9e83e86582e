"""HTML: the reports for the class and for each student, as `grader report` writes them."""

from __future__ import annotations

from autograder.export.exporter import Export, Exporter


def write(export: Export) -> None:
    """Write a folder of pages."""
    from autograder.report import write_report

    export.written.extend(
        write_report(
            course=export.course,
            assignment=export.assignment,
            rows=export.rows,
            to=export.to,
            force=export.force or export.to == export.usual,
            dry_run=export.dry_run,
        )
    )


EXPORTER = Exporter(write)
