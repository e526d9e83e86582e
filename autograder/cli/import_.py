"""`grader import`."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli import gradebook_option


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--assignment", required=True, metavar="NAME", help="What the submissions are for.")
@click.option("--to", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write to.")
@gradebook_option
@click.pass_obj
def command(course: Path | None, source: Path, assignment: str, to: Path, gradebook: str | None) -> None:
    """Bring in submissions as another system hands them out.

    SOURCE is a zip or a folder: a bulk download of Canvas, Moodle or Gradescope, nbgrader's submitted or inbound folder, or
    a folder of git clones (GitHub Classroom). Writes TO/submitted/<student>/<assignment>/, which `grader grade`
    and nbgrader read. Students are found by the roster, if there is one. Exit code 1 if something needs you.
    """
    from autograder.commands import import_

    done = import_(course=course, source=source, assignment=assignment, to=to, gradebook=gradebook)
    for title, lines in (
        ("newer submissions took their place", done.older),
        ("called late by the system", done.late),
        ("several files, and no telling which counts", done.ties),
        ("no notebook or script in it", done.empty),
        ("not in the roster", done.unmatched),
        ("left out", done.refused),
        ("in the roster, but nothing handed in", done.missing),
    ):
        if lines:
            click.echo(f"{title}:")
            for line in lines:
                click.echo("  " + "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line))
    if done.times:
        click.echo(done.times)
    click.echo(f"{len(done.written)} submissions from {done.system} are in {to / 'submitted'}.")
    if not done.complete:
        raise SystemExit(1)
