"""`grader roster`."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli import gradebook_option


@click.command("roster")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@gradebook_option
@click.pass_obj
def command(course: Path | None, path: Path, gradebook: str | None) -> None:
    """Import the class from a CSV file.

    The file needs a header with a student id column (id, student_id, SIS Login ID, ...); name, email and section are
    taken along.
    """
    from autograder.commands import roster

    counts = roster(course=course, path=path, gradebook=gradebook)
    click.echo(
        f"{counts.added} students added, {counts.updated} updated, {counts.unchanged} unchanged; "
        f"their ids are those in column '{counts.id_column}'"
    )
