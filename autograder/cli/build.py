"""`grader build`."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.targets import TARGETS


@click.command("build")
@click.argument("assignments", nargs=-1)
@click.option(
    "--target",
    type=click.Choice(list(TARGETS)),
    help="Write for another system, instead of the templates; docs/ has a page on each.",
)
@click.option(
    "--to",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to. Needed with --target.",
)
@click.pass_obj
def command(course: Path | None, assignments: tuple[str, ...], target: str | None, to: Path | None) -> None:
    """Write the student templates, or what another system needs.

    For each ASSIGNMENT (default: all), solutions/ASSIGNMENT.py becomes a notebook and a script in
    student_templates/ASSIGNMENT/, with stubs in place of the solutions. The same sources always give the same bytes.

    With --target, the same sources become a course directory for nbgrader, or zips for otter-grader or Gradescope.
    """
    from autograder.commands import build

    if (target is None) != (to is None):
        raise click.UsageError("--target and --to go together: say for which system, and where to write.")
    for path in build(course=course, assignments=assignments, target=target, to=to):
        click.echo(f"wrote {path}")
