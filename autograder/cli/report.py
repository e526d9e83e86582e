"""`grader report`."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli import gradebook_option


@click.command("report")
@click.argument("assignment")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), help="Folder. [default: reports/ASSIGNMENT]")
@click.option("--force", is_flag=True, help="Write where other things lie, or replace an index.html that is no report.")
@gradebook_option
@click.pass_obj
def command(course: Path | None, assignment: str, to: Path | None, force: bool, gradebook: str | None) -> None:
    """Write HTML reports: one page for the class, one for each student.

    Each file stands alone: no network, no scripts to install.
    """
    from autograder.commands import report
    from autograder.text import count, shortened

    pages = report(course=course, assignment=assignment, to=to, force=force, gradebook=gradebook)
    click.echo(f"wrote {pages[0]} and {count(len(pages) - 1, 'student page')} beside it")
    folder = pages[0].parent / "students"
    if old := sorted({*folder.glob("*.html")} - {*pages}):
        click.echo(
            f"{folder} still holds {count(len(old), 'page')} of an earlier run, of students who have none by now: "
            f"{', '.join(shortened([page.name for page in old], 5))}. Remove them before you send any."
        )
