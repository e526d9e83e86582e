"""`grader doctor`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("doctor")
@click.pass_obj
def command(course: Path | None) -> None:
    """Show what this machine offers, and what is missing with its cure.

    Every isolation layer is tried, not looked up. Exit code 1 if something needed is missing.
    """
    from autograder.doctor import diagnose

    missing = 0
    for finding in diagnose(course=course):
        mark = click.style("ok  ", fg="green") if finding.good else click.style("MISS", fg="red", bold=True)
        click.echo(f"{mark} {finding.what}: {finding.detail}")
        if finding.cure:
            click.echo(f"     {finding.cure}")
        missing += not finding.good
    if missing:
        raise click.ClickException(f"{missing} {'thing is' if missing == 1 else 'things are'} missing.")
