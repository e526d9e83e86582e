"""`grader grade`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from autograder.cli import gradebook_option


@click.command("grade")
@click.argument("assignment")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Grade again what has not changed.")
@click.option(
    "--jobs", "-j", type=click.IntRange(min=1), help="Submissions graded at once. [default: one per processor]"
)
@click.option(
    "--isolation",
    type=click.Choice(["full", "process"]),
    default="full",
    show_default=True,
    help="'process' is for machines that refuse namespaces: weaker, for submissions you trust.",
)
@gradebook_option
@click.pass_obj
def command(course: Path | None, /, **options: Any) -> None:
    """Grade submissions.

    Each PATH is a notebook, a .py file, or a folder of them; the file's name says whose it is. Folders may be laid
    out as nbgrader does: submitted/STUDENT/ASSIGNMENT/. Results go to the gradebook as they come; what has not
    changed since is not graded again. Exit code 0 when every submission has a verdict, 1 when some need you.
    """
    from rich.console import Console
    from rich.text import Text

    from autograder.cli._progress import GradingProgress
    from autograder.commands import grade
    from autograder.report import render_summary
    from autograder.report.words import plain
    from autograder.result import Status

    console = Console()
    with GradingProgress(console) as progress:
        try:
            run = grade(course=course, on_start=progress.start, on_result=progress.advance, **options)
        except KeyboardInterrupt:
            raise click.ClickException(
                f"Stopped. {progress.done} results are in the gradebook; run the same command again to grade the rest."
            ) from None
    console.print(render_summary(run.results, run.missing, run.assignment))
    rate = f", {len(run.graded) / run.seconds * 60:.0f} a minute" if run.graded and run.seconds else ""
    unchanged = f", {len(run.unchanged)} unchanged and not graded again (--force does)" if run.unchanged else ""
    console.print(f"{len(run.graded)} graded in {run.seconds:.1f} s{rate}{unchanged}.", highlight=False)
    for result in run.results:
        if result.status is Status.NOT_GRADABLE:
            console.print(Text(f"{plain(result.student)}: {plain(result.message)}"))
    if not run.complete:
        raise click.ClickException("Some submissions have no verdict yet: see above.")
