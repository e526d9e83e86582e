"""`grader grade`."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder.cli import gradebook_option

if TYPE_CHECKING:
    from autograder.commands import Grading
    from autograder.scores.final import Row


@click.command("grade")
@click.argument("assignment")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Grade again what has not changed.")
@click.option("--anyone", is_flag=True, help="Grade what bears an id that nobody in the roster has, too.")
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
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Grade on the workers of this Dask scheduler, as in tls://host:8786; see docs/cluster.md.",
)
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab", "plain"]),
    help="For this CI system: annotations or a Code Quality report, a summary in Markdown, a JUnit file.",
)
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    default="ci-report",
    show_default=True,
    help="Folder for the files of --ci.",
)
@click.option(
    "--fail-under",
    metavar="PERCENT",
    type=click.FloatRange(0, 100),
    help="Exit code 3 if a submission earns less than this percentage of the points.",
)
@gradebook_option
@click.pass_obj
def command(
    course: Path | None, /, *, ci: str | None, to: Path, fail_under: float | None, gradebook: str | None, **options: Any
) -> None:
    """Grade submissions.

    Each PATH is a notebook, a .py file, or a folder of them; the file's name says whose it is. Folders may be laid
    out as nbgrader does: submitted/STUDENT/ASSIGNMENT/. Results go to the gradebook as they come; what has not
    changed since is not graded again. With a roster, only what bears a student's id is graded. Exit code 0 when everything
    that was handed in has a verdict, 1 when something needs you.
    """
    from autograder.ci.output import annotation, guarded, inert
    from autograder.errors import GraderError

    try:
        with guarded(ci):
            run, rows = _grade(course, ci, gradebook, options)
        if ci:
            _report(run, rows, ci, to, course)
        if not run.complete:
            raise click.ClickException("Something that was handed in has no verdict yet, or needs you: see above.")
        if fail_under is not None:
            _compare(run, fail_under)
    except (GraderError, click.ClickException) as error:
        if not ci:
            raise
        # Messages name files and students. What stopped the run is an annotation; of the others, the places are taken.
        stopped = ci == "github" and isinstance(error, GraderError)
        click.echo(annotation("error", str(error)) if stopped else inert(f"Error: {error}"), err=not stopped)
        raise SystemExit(getattr(error, "exit_code", 1)) from None


class _TooLow(click.ClickException):
    exit_code = 3


def _grade(
    course: Path | None, ci: str | None, gradebook: str | None, options: dict[str, Any]
) -> tuple[Grading, list[Row]]:
    """Grade, and print the class. Returns the final scores besides."""
    from rich.console import Console
    from rich.text import Text

    from autograder.ci.output import inert
    from autograder.cli._progress import GradingProgress
    from autograder.commands import grade, scores
    from autograder.grading.told import of_unknown_times
    from autograder.grading.told import told as told_of
    from autograder.report import render_summary
    from autograder.report.words import count, plain
    from autograder.result import Status

    # CI systems set no width, and their pages scroll.
    console = Console(width=160, record=True, file=StringIO(), force_terminal=False) if ci else Console()
    with GradingProgress(console) as progress:
        try:
            run = grade(
                course=course,
                gradebook=gradebook,
                on_start=progress.start,
                on_result=progress.advance,
                on_refused=lambda worker, reason: console.print(Text(f"{worker} is not used: {reason}.")),
                **options,
            )
        except KeyboardInterrupt:
            again = "again without --force" if options["force"] else "again"
            raise click.ClickException(
                f"Stopped. {count(progress.done, 'submission')} graded and recorded; run the same command {again} to grade the rest."
            ) from None
    rows = scores(run=run, course=course, gradebook=gradebook)
    several = any(path.is_dir() for path in options["paths"]) and len(run.results) > 1
    console.print(
        render_summary(rows, run.assignment, list_missing=several)
    )  # of one file, the class is of no interest
    rate = f", {len(run.graded) / run.seconds * 60:.0f} a minute" if run.graded and run.seconds else ""
    unchanged = f", {len(run.unchanged)} unchanged and not graded again (--force does)" if run.unchanged else ""
    console.print(f"{len(run.graded)} graded in {run.seconds:.1f} s{rate}{unchanged}.", highlight=False)
    for test, (fault, students) in run.broken_tests.items():
        told = (
            f":\n{plain(fault)}" if not ci else ". `grader show` tells you what happened; students may read this log."
        )
        console.print(Text(f"The hidden test {test} failed by itself, {count(len(students), 'time')}{told}"))
    listed = {one.sentence for one in run.passed_over}
    for result in run.results:
        if result.status is Status.NOT_GRADABLE and not result.partial and result.message not in listed:
            console.print(Text(f"{plain(result.student)}: {plain(result.message)}"))
    for line in told_of(run) + of_unknown_times(run, rows):
        console.print(Text(plain(line)))
    if ci:
        click.echo(inert(console.export_text()), nl=False)
    return run, rows


def _report(run: Grading, rows: list[Row], ci: str, to: Path, course: Path | None) -> None:
    """Write the files, and print GitHub's annotations."""
    from autograder.ci import annotate, findings, inert
    from autograder.commands import ci_report

    for path in ci_report(run=run, rows=rows, system=ci, to=to, course=course):
        click.echo(inert(f"wrote {path}"))
    if ci == "github":
        for line in annotate(findings(run.results, run.assignment)):
            click.echo(line)


def _compare(run: Grading, percent: float) -> None:
    low = [result.student for result in run.results if result.score < run.assignment.points * percent / 100 - 1e-9]
    if low:
        from autograder.text import shortened

        raise _TooLow(f"Less than {percent:g} % of the points: {', '.join(shortened(low, 8))}.")
