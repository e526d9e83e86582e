"""`grader status`."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli import gradebook_option


@click.command("status")
@click.argument("name", metavar="[ASSIGNMENT|STUDENT]", required=False)
@gradebook_option
@click.pass_obj
def command(course: Path | None, name: str | None, gradebook: str | None) -> None:
    """Show where the course stands, and what waits for whom.

    With the name of an ASSIGNMENT, say who needs attention there; with any id of a STUDENT, show where this student stands in all
    assignments, with free late days and the grade of the course.
    """
    from rich.console import Console

    from autograder.commands import status
    from autograder.course import Assignment
    from autograder.status import render_assignment, render_course, render_student

    view = status(course=course, gradebook=gradebook)
    chosen = view.find(name) if name else None
    if chosen is None:
        shown = render_course(view)
    elif isinstance(chosen, Assignment):
        shown = render_assignment(view, chosen)
    else:
        shown = render_student(view, chosen)
    Console(highlight=False).print(shown)
