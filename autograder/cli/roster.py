"""`grader roster`."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli import gradebook_option

_MOST_NAMED = 10
"""Students of one kind; more are counted."""


@click.command("roster")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--sync",
    is_flag=True,
    help="Whoever is not in the file has left: kept in the gradebook, and in no table or export.",
)
@click.option("--yes", is_flag=True, help="With --sync: even if it takes out more than half of the class.")
@gradebook_option
@click.pass_obj
def command(course: Path | None, path: Path, sync: bool, yes: bool, gradebook: str | None) -> None:
    """Import the class from a CSV file, as Canvas, Moodle, Gradescope, Excel or a faculty's office exports it.

    One row names the columns: an id (student_id, SIS Login ID, ID number, MSSV, ...) or e-mail addresses; names, section, language and
    all other ids (Canvas's, GitHub login, ...) are taken along, so that downloads are matched by any of them. So are the rows of a
    second list, which adds to the first.
    """
    from autograder.commands import roster
    from autograder.people.match import id_and_name
    from autograder.report.words import plain
    from autograder.text import count, shortened

    change = roster(course=course, path=path, sync=sync, sure=yes, gradebook=gradebook)
    for remark in change.remarks:
        click.echo(plain(remark))
    gone = "left the class" if sync else "enrolled, but not in this file (--sync takes them out)"
    for title, those in (("back in the class", change.back), (gone, change.gone)):
        if those:
            click.echo(
                f"{title}: {', '.join(shortened([plain(id_and_name(student)) for student in those], _MOST_NAMED))}"
            )
    click.echo(
        f"{count(change.added, 'student')} added, {change.updated} updated, {change.unchanged} unchanged; "
        f"their ids are those in column '{change.id_column}'"
    )
