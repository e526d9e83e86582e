"""`grader doctor`."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli import gradebook_option


@click.command("doctor")
@gradebook_option
@click.pass_obj
def command(course: Path | None, gradebook: str | None) -> None:
    """Show what this machine offers, what is wrong in the course's files, and what is missing with its cure.

    Every isolation layer is tried, not looked up; course.toml, each assignment.toml and, if there is a gradebook, the people who
    have extensions are looked at. A template that is out of date is a note. Exit code 1 if something needed is missing or wrong.
    """
    from autograder.doctor import diagnose

    missing = 0
    for finding in diagnose(course=course, gradebook=gradebook):
        missed = click.style("MISS", fg="red", bold=True) if finding.needed else click.style("note", fg="yellow")
        mark = click.style("ok  ", fg="green") if finding.good else missed
        click.echo(f"{mark} {finding.what}: {finding.detail}")
        if finding.cure:
            click.echo(f"     {finding.cure}")
        missing += finding.needed and not finding.good
    if missing:
        raise click.ClickException(f"{missing} {'thing is' if missing == 1 else 'things are'} missing or wrong.")
