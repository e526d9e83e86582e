"""`grader check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from autograder.cli import gradebook_option

_MARKS = {
    True: click.style("ok  ", fg="green"),
    False: click.style("FAIL", fg="red", bold=True),
    "note": click.style("note", fg="yellow"),
}


@click.command("check")
@click.argument("assignments", nargs=-1)
@click.option(
    "--secrets",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help="Under so many secrets, which draw other inputs: does everything hold under each?",
)
@click.option(
    "--mutants", is_flag=True, help="Change the reference in one place at a time: do the hidden tests notice?"
)
@click.option(
    "--races", is_flag=True, help="Run each race 300 times on busy processors: is the verdict always the same?"
)
@click.option(
    "--jobs", "-j", type=click.IntRange(min=1), help="Submissions graded at once. [default: one per processor]"
)
@gradebook_option
@click.pass_obj
def command(course: Path | None, /, assignments: tuple[str, ...], **options: Any) -> None:
    """Let each assignment prove itself.

    First of the course: course.toml and each assignment.toml can be read and, if there is a gradebook, extensions are for people in
    it. Then for each ASSIGNMENT (default: all): the points add up, the template is up to date and holds no solution, at most a
    tenth of the points rests on what the student's process says of itself, the reference earns full marks and the
    untouched template none, nor do constants, zeros, echoes, empty answers and errors earn anything hidden, no hidden
    test fails by itself or passes when parts of an answer are missing, every known mistake loses points on the hidden
    tests of its question, and every right answer written differently earns full marks. Shows which test catches which
    mistake.
    Exit code 1 if anything does not hold.
    """
    from autograder.check import check

    wrong = 0
    for finding in check(course=course, assignments=assignments, **options):
        mark = _MARKS["note" if finding.note else finding.holds]
        if finding.details:
            click.echo(f"\n{finding.details}\n")
        click.echo(f"{mark} {finding.assignment}: {finding.text}")
        wrong += not finding.holds
    if wrong:
        raise click.ClickException(f"{wrong} {'thing does' if wrong == 1 else 'things do'} not hold.")
