"""`grader override`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from autograder.cli import gradebook_option


def _author() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


@click.command("override")
@click.argument("student")
@click.argument("assignment")
@click.argument("score", type=float, required=False)
@click.option("--question", help="The question whose points are set. [default: the whole score]")
@click.option("--withdraw", is_flag=True, help="Take back what was set: what was graded counts again.")
@click.option(
    "--reason", required=True, help="Why; it stays in the gradebook and in exports, and the student reads it."
)
@click.option("--author", default=_author, required=True, help="Who decided it. [default: your login name]")
@gradebook_option
@click.pass_obj
def command(course: Path | None, /, score: float | None, withdraw: bool, **options: Any) -> None:
    """Set STUDENT's SCORE for ASSIGNMENT by hand, or withdraw what was set.

    STUDENT is any id of theirs. The newest override counts in exports. Graded results stay as they are, and earlier overrides and
    those that are withdrawn are kept.
    """
    from autograder import commands

    if (score is None) is not withdraw:
        raise click.UsageError("Say a SCORE to set one, or --withdraw to take back what was set: one of the two.")
    if score is None:
        done = commands.withdraw(course=course, **options)
    else:
        done = commands.override(course=course, score=score, **options)
    what = f"question {done.question}" if done.question else "score"
    now = "no longer set by hand; what was graded counts" if done.withdrawn else f"set to {done.score:g}"
    click.echo(f"{done.student_id}, {done.assignment}: {what} {'is ' if done.withdrawn else ''}{now}")
