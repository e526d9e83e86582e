"""`grader report`."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli import gradebook_option


@click.command("report")
@click.argument("assignment")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), help="Folder. [default: reports/ASSIGNMENT]")
@click.option("--force", is_flag=True, help="Replace an index.html that is no report.")
@gradebook_option
@click.pass_obj
def command(course: Path | None, assignment: str, to: Path | None, force: bool, gradebook: str | None) -> None:
    """Write HTML reports: one page for the class, one for each student.

    Each file stands alone: no network, no scripts to install.
    """
    from autograder.commands import report

    pages = report(course=course, assignment=assignment, to=to, force=force, gradebook=gradebook)
    click.echo(f"wrote {pages[0]} and {len(pages) - 1} student pages beside it")
