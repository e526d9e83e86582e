"""`grader export`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from autograder.cli import gradebook_option


@click.command("export")
@click.argument("assignment")
@click.option(
    "--format",
    "format",
    required=True,
    type=click.Choice(["csv", "json", "junit", "gradescope"]),
    help="csv: one row per student; json: everything; junit: JUnit XML; gradescope: one results.json per student.",
)
@click.option("--to", type=click.Path(path_type=Path), help="File, or folder for gradescope. [default: in exports/]")
@gradebook_option
@click.pass_obj
def command(course: Path | None, /, **options: Any) -> None:
    """Write the scores of ASSIGNMENT, with overrides, extensions and late penalty."""
    from autograder.commands import export

    paths = export(course=course, **options)
    click.echo(f"wrote {paths[0]}" if len(paths) == 1 else f"wrote {len(paths)} files to {os.path.commonpath(paths)}")
