"""`grader person`."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli import gradebook_option


@click.group("person")
def command() -> None:
    """What is kept of one person: hand it out, or erase it.

    ID is any id of theirs: student number, login, e-mail address. Whoever has left the class is found, too.
    """


@command.command("export")
@click.argument("student", metavar="ID")
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), help="File. [default: exports/person-<id>.json]")
@click.option("--force", is_flag=True, help="Replace a file of another kind.")
@gradebook_option
@click.pass_obj
def export(course: Path | None, student: str, to: Path | None, force: bool, gradebook: str | None) -> None:
    """Write everything that is kept of a person as one JSON file, for them to read.

    It holds nothing of others, and nothing hidden: neither expected values nor tests.
    """
    from autograder.privacy import export_person

    click.echo(f"wrote {export_person(course=course, student=student, to=to, force=force, gradebook=gradebook)}")


@command.command("erase")
@click.argument("student", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@gradebook_option
@click.pass_obj
def erase(course: Path | None, student: str, yes: bool, gradebook: str | None) -> None:
    """Take a person out of the gradebook, with everything that it keeps of them. Nothing brings it back.

    Says what remains elsewhere, where you have to erase it yourself.
    """
    from autograder.privacy import erase_person, kept_of
    from autograder.report.words import plain

    kept = kept_of(course=course, student=student, gradebook=gradebook)
    if not yes:
        click.echo(plain(f"The gradebook keeps {kept.told}."))
        click.confirm("Erase all of it?", abort=True)
    erase_person(course=course, student=kept.student, gradebook=gradebook)
    click.echo(plain(f"Erased: {kept.told}."))
    click.echo("Not erased, because it is no part of the gradebook:")
    for place in kept.elsewhere:
        click.echo(f"  {plain(place)}")
    click.echo("Grading a submission of theirs again, or importing a roster that names them, would bring them back.")
