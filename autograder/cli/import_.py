"""`grader import`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from autograder.cli import gradebook_option

_MOST_NAMED = 10
"""Students of one kind, of whom nothing else is to be told."""


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--assignment", required=True, metavar="NAME", help="What the submissions are for.")
@click.option("--to", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write to.")
@click.option(
    "--from",
    "system",
    type=click.Choice(["canvas", "moodle", "gradescope", "nbgrader", "git", "classroom50"]),
    help="Which system it is of, should it not be recognised.",
)
@click.option(
    "--times",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="When submissions came, where the download does not say: a CSV file of ids and times, Moodle's grading worksheet, or what Canvas's API lists.",
)
@click.option(
    "--map",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Other ids of students: a CSV file of two columns, or Moodle's grading worksheet. The gradebook keeps them.",
)
@click.option("--anyone", is_flag=True, help="Whoever is nobody in the roster is written under their own id.")
@gradebook_option
@click.pass_obj
def command(course: Path | None, /, source: Path, assignment: str, to: Path, **options: Any) -> None:
    """Bring in submissions as another system hands them out.

    SOURCE is a zip or a folder: a bulk download of Canvas, Moodle, Gradescope or Classroom 50, nbgrader's submitted or inbound
    folder, or a folder of git clones (of a GitHub organisation, Classroom 50 or a GitLab group). Writes TO/submitted/<student>/<assignment>/, which `grader grade`
    and nbgrader read. Whose and from when a submission is, is told by what the system writes at the outermost level,
    never by what students call their files. Students are found by the roster, if there is one. Exit code 1 if something needs you.
    """
    from autograder.commands import import_
    from autograder.text import count, shortened

    done = import_(course=course, source=source, assignment=assignment, to=to, **options)

    def named(students: list[str]) -> list[str]:
        labels = [f"{one} ({done.names[one]})" if one in done.names else one for one in students]
        return shortened(labels, _MOST_NAMED)

    click.echo(f"Taken for a download of {done.system}: {_shown(done.why)}.")
    for title, lines in (
        ("newer submissions took their place", done.older),
        ("called late by the system", named(done.late)),
        ("several files, and no telling which counts", done.ties),
        ("no notebook or script in it", done.empty),
        ("handed in by several senders for one student; nothing of it was written", done.conflicts),
        ("not clear whose it is; not written", done.unmatched),
        ("left out", done.refused),
        ("not understood", done.unclear),
        ("of students who have left the class; not written", shortened(done.left, _MOST_NAMED)),
        ("in the roster, but nothing handed in", named(done.missing)),
    ):
        if lines:
            click.echo(f"{title}:")
            for line in lines:
                click.echo(f"  {_shown(line)}")
    for remark in [done.times, *done.remarks]:
        if remark:
            click.echo(_shown(remark))
    click.echo(f"{to / 'submitted'}: {count(len(done.written), 'submission')} from {done.system}.")
    if not done.complete:
        raise SystemExit(1)


def _shown(text: str) -> str:
    """A line with names that students have chosen, as a terminal may show it."""
    from autograder.text import one_line, printable

    text = one_line(printable(text))
    return text if len(text) <= 600 else f"{text[:600]}..."
