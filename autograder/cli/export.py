"""`grader export`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from autograder.cli import gradebook_option


class _Command(click.Command):
    """Names the formats that other packages have added."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from importlib.metadata import entry_points  # not `autograder.export`, which loads much

        found = [
            one for one in entry_points(group="cnn_autograder.exporters") if one.module.split(".")[0] != "autograder"
        ]
        added = [(one.name, f"from {one.dist.name} {one.dist.version}" if one.dist else "") for one in found]
        if added:
            with formatter.section("Formats that are plug-ins here"):
                formatter.write_dl(added)


@click.command("export", cls=_Command)
@click.argument("assignment", required=False)
@click.option(
    "--course", "whole", is_flag=True, help="All assignments and the grade: csv, json or html; no ASSIGNMENT."
)
@click.option(
    "--format",
    "format",
    required=True,
    metavar="NAME",
    help="csv, json, junit, gradescope, html; canvas, moodle, moodle-feedback, which fill in a --template; nbgrader, which "
    "fills the gradebook of the course directory that --to names; or one of your own.",
)
@click.option("--to", type=click.Path(path_type=Path), help="File, or folder for several files. [default: in exports/]")
@click.option(
    "--template",
    type=click.Path(path_type=Path, dir_okay=False),
    help="For canvas, moodle and moodle-feedback: the file that you have downloaded there.",
)
@click.option(
    "--grade-column",
    metavar="TITLE",
    help="For canvas and moodle: the template's column for the score, where it cannot be told.",
)
@click.option("--force", is_flag=True, help="Replace a file of another kind.")
@click.option("--dry-run", is_flag=True, help="Show what would change in the template, and write nothing.")
@gradebook_option
@click.pass_obj
def command(course: Path | None, /, **options: Any) -> None:
    """Write the scores of ASSIGNMENT, with overrides, extensions and late penalty."""
    from autograder.commands import export, export_course
    from autograder.report.words import count, plain

    if options.pop("whole"):
        if options["assignment"] or options["template"] or options["grade_column"]:
            raise click.UsageError("--course takes neither an ASSIGNMENT nor --template nor --grade-column.")
        own = {name: options[name] for name in ("format", "to", "gradebook", "dry_run", "force")}
        for file in export_course(course=course, **own):
            click.echo(f"wrote {file}")
        return
    if not options["assignment"]:
        raise click.UsageError("Missing argument 'ASSIGNMENT', or --course for all of them.")
    done = export(course=course, **options)
    for change in done.changes:
        line = (
            f"{change.before or '-'} -> {change.after}" if change.after is not None else f"{change.before or '-'} stays"
        )
        click.echo(" ".join(plain(f"{change.who}: {line}{f' ({change.reason})' if change.reason else ''}").split()))
    for remark in done.remarks:
        click.echo(plain(remark), err=True)
    if options["dry_run"]:
        click.echo("Nothing was written.")
    elif len(done.files) == 1:
        click.echo(f"wrote {done.files[0]}")
    else:
        where = f" to {os.path.commonpath(done.files)}" if done.files else ": there is nothing to export"
        click.echo(f"wrote {count(len(done.files), 'file')}{where}")
