"""`grader build`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("build")
@click.argument("assignments", nargs=-1)
@click.pass_obj
def command(course: Path | None, assignments: tuple[str, ...]) -> None:
    """Write the student templates.

    For each ASSIGNMENT (default: all), solutions/ASSIGNMENT.py becomes a notebook and a script in
    student_templates/ASSIGNMENT/, with stubs in place of the solutions. The same sources always give the same bytes.
    """
    from autograder.commands import build

    for path in build(course=course, assignments=assignments):
        click.echo(f"wrote {path}")
