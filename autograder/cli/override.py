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
@click.argument("score", type=float)
@click.option("--question", help="The question whose points are set. [default: the whole score]")
@click.option(
    "--reason", required=True, help="Why; it stays in the gradebook and in exports, and the student reads it."
)
@click.option("--author", default=_author, required=True, help="Who decided it. [default: your login name]")
@gradebook_option
@click.pass_obj
def command(course: Path | None, /, **options: Any) -> None:
    """Set STUDENT's score for ASSIGNMENT by hand.

    The newest override counts in exports. Graded results stay as they are, and earlier overrides are kept.
    """
    from autograder.commands import override

    override(course=course, **options)
    what = f"question {options['question']}" if options["question"] else "score"
    click.echo(f"{options['student']}, {options['assignment']}: {what} set to {options['score']:g}")
