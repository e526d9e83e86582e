"""`grader show`."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli import gradebook_option


@click.command("show")
@click.argument("student")
@click.argument("assignment")
@gradebook_option
@click.pass_obj
def command(course: Path | None, student: str, assignment: str, gradebook: str | None) -> None:
    """Show the latest result of STUDENT for ASSIGNMENT, and the final score."""
    from rich.console import Console

    from autograder.commands import show
    from autograder.report import render_result

    row = show(course=course, student=student, assignment=assignment, gradebook=gradebook)
    Console().print(render_result(row))
